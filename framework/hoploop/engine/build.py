"""From an opportunity to signed bytes: pure, synchronous, no I/O."""

from __future__ import annotations

import msgspec

from hoploop.engine.kit import ChainKit
from hoploop.engine.tips import policy_of
from hoploop.errors import BuildError
from hoploop.model.chain import SignedTx
from hoploop.model.market import Leg, Opportunity, PoolSpec
from hoploop.plugin.kinds import Bid, Fills, Loan, Order, Releases, RouteTerms, Venue
from hoploop.recipe.plan import StrategyPlan


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A signed transaction and the bid it carries out."""

    bid: Bid
    tx: SignedTx


class Builder:
    """Knows which venue swaps in which pool and which lender lends."""

    def __init__(self, kit: ChainKit, pools: dict[str, PoolSpec]) -> None:
        self._kit, self._pools = kit, pools
        self._fills = kit.composer if isinstance(kit.composer, Fills) else None

    def build(self, opportunity: Opportunity, strategy: StrategyPlan, terms: RouteTerms, turn: int) -> Built:
        """Signed for the route with these `terms`; BuildError when that cannot be done.

        `turn` spreads transactions over the route's tip accounts. The first transaction of a shape is composed from its
        steps, later ones are filled in where the composer keeps templates.
        """
        bid = _bid(opportunity, strategy, terms, turn)
        tx = None if self._fills is None else self._fills.fill(bid)
        if tx is None:
            tx = self._kit.composer.sign(self._kit.composer.compose(self._order(bid)))
        return Built(bid=bid, tx=tx)

    def release(self, built: Built) -> None:
        """No route will get this transaction: let the composer use its nonce again."""
        if isinstance(self._kit.composer, Releases):
            self._kit.composer.release(built.tx)

    def order(self, opportunity: Opportunity, strategy: StrategyPlan, terms: RouteTerms, turn: int) -> Order:
        """What the composer is asked for. `min_gain` leaves `min_profit` after the planned fee and the tip."""
        return self._order(_bid(opportunity, strategy, terms, turn))

    def _order(self, bid: Bid) -> Order:
        opportunity = bid.opportunity
        return Order(
            opportunity=opportunity,
            min_gain=bid.min_gain,
            tip=bid.tip,
            tip_account=bid.tip_account,
            steps=tuple(step for leg in opportunity.legs for step in self._venue(leg).swap(leg)),
            loan=self._loan(opportunity),
            loan_amount=0 if opportunity.lender is None else opportunity.amount_in,
        )

    def _venue(self, leg: Leg) -> Venue:
        return self._kit.venues[self._pools[leg.pool].venue]

    def _loan(self, opportunity: Opportunity) -> Loan | None:
        if opportunity.lender is None:
            return None
        lender = self._kit.lenders[opportunity.lender]
        return lender.loan(opportunity.asset, opportunity.amount_in, opportunity.flash_fee)


def _bid(opportunity: Opportunity, strategy: StrategyPlan, terms: RouteTerms, turn: int) -> Bid:
    tip = policy_of(terms).of(opportunity.gross - opportunity.flash_fee)
    if tip > opportunity.tip:
        raise BuildError("E201", f"the route wants a tip of {tip}, planned were {opportunity.tip}")
    return Bid(
        opportunity=opportunity,
        min_gain=strategy.min_profit + opportunity.network_fee + tip,
        tip=tip,
        tip_account=terms.tip_accounts[turn % len(terms.tip_accounts)] if tip else "",
    )
