"""From an opportunity to signed bytes: pure, synchronous, no I/O."""

from __future__ import annotations

import msgspec

from hoploop.engine.kit import ChainKit
from hoploop.engine.tips import policy_of
from hoploop.errors import BuildError
from hoploop.model.chain import SignedTx
from hoploop.model.market import Leg, Opportunity, PoolSpec
from hoploop.plugin.kinds import Loan, Order, Releases, RouteTerms, Venue
from hoploop.recipe.plan import StrategyPlan


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A signed transaction and the order it carries out."""

    order: Order
    tx: SignedTx


class Builder:
    """Knows which venue swaps in which pool and which lender lends."""

    def __init__(self, kit: ChainKit, pools: dict[str, PoolSpec]) -> None:
        self._kit, self._pools = kit, pools

    def build(self, opportunity: Opportunity, strategy: StrategyPlan, terms: RouteTerms, turn: int) -> Built:
        """Order, compose and sign for the route with these `terms`; BuildError when that cannot be done.

        `turn` spreads transactions over the route's tip accounts.
        """
        order = self.order(opportunity, strategy, terms, turn)
        return Built(order=order, tx=self._kit.composer.sign(self._kit.composer.compose(order)))

    def release(self, built: Built) -> None:
        """No route will get this transaction: let the composer use its nonce again."""
        if isinstance(self._kit.composer, Releases):
            self._kit.composer.release(built.tx)

    def order(self, opportunity: Opportunity, strategy: StrategyPlan, terms: RouteTerms, turn: int) -> Order:
        """What the composer is asked for. `min_gain` leaves `min_profit` after the planned fee and the tip."""
        tip = policy_of(terms).of(opportunity.gross - opportunity.flash_fee)
        if tip > opportunity.tip:
            raise BuildError("E201", f"the route wants a tip of {tip}, planned were {opportunity.tip}")
        return Order(
            opportunity=opportunity,
            steps=tuple(step for leg in opportunity.legs for step in self._venue(leg).swap(leg)),
            loan=self._loan(opportunity),
            loan_amount=0 if opportunity.lender is None else opportunity.amount_in,
            min_gain=strategy.min_profit + opportunity.network_fee + tip,
            tip=tip,
            tip_account=terms.tip_accounts[turn % len(terms.tip_accounts)] if tip else "",
        )

    def _venue(self, leg: Leg) -> Venue:
        return self._kit.venues[self._pools[leg.pool].venue]

    def _loan(self, opportunity: Opportunity) -> Loan | None:
        if opportunity.lender is None:
            return None
        lender = self._kit.lenders[opportunity.lender]
        return lender.loan(opportunity.asset, opportunity.amount_in, opportunity.flash_fee)
