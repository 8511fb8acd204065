"""A street without a world: real market, risk and builder; a dry gate, an empty book, a clock that stands still."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any

import msgspec

from hoploop.engine.build import Builder, Built
from hoploop.engine.market import ChainMarket
from hoploop.engine.memory import Memory
from hoploop.engine.ports import Ports
from hoploop.engine.street import Street
from hoploop.engine.tips import policy_of, worst
from hoploop.engine.upkeep import Upkeep
from hoploop.errors import BuildError, GateClosed
from hoploop.hot import Market
from hoploop.model.attempts import Attempt
from hoploop.model.chain import Head
from hoploop.model.events import Event, OpportunityRefused
from hoploop.model.market import Opportunity
from hoploop.model.states import GateState
from hoploop.plugin.kinds import Draft, Gap, Updates
from hoploop.recipe.plan import ChainPlan, Plan
from hoploop.runtime.wiring import WiredChain


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one opportunity: refused for a reason, or built for a route."""

    opportunity: Opportunity
    reason: str = ""
    detail: str = ""
    route: str = ""
    built: Built | None = None
    draft: Draft | None = None


class Stage:
    """One chain of a plan on stage."""

    def __init__(self, plan: Plan, chain: ChainPlan, wired: WiredChain) -> None:
        self._kit = wired.kit
        self._events: list[Event] = []
        self._turn = 0
        terms = {name: lender.terms() for name, lender in wired.kit.lenders.items()}
        routes = {name: policy_of(route.terms()) for name, route in wired.kit.routes.items()}
        mine = [strategy for strategy in plan.strategies if strategy.chain == chain.id]
        tips = {strategy.id: worst(routes[name] for name in strategy.routes) for strategy in mine}
        ports = Ports(StoppedClock(), self._events.append, _forget, DryGate(), EmptyBook())
        self.market = ChainMarket(plan, chain.id, Market(), ports.clock, terms=terms, tips=tips)
        self._street = Street(
            chain, plan, self.market, wired.kit, ports, memory=Memory(plan, ports.gate), request_resync=_ignore,
            ordered=False,
        )
        self._upkeep = Upkeep(self._street, wired.kit, plan)
        self._builder = Builder(wired.kit, self.market.pools)
        self.funds = self._street.funds
        self.routes = wired.kit.routes

    async def prepare(self) -> None:
        """Read fees, funds and every pool through the connectors; a second time, all of it again."""
        if not self._street.resyncing:
            self._street.on_event(Gap(why="prepared again", number=0))
        await self._upkeep.refresh()
        await self._upkeep.resync()

    def play(self, updates: Updates) -> Iterator[Decision]:
        """Take one batch; a decision for every opportunity it opened."""
        self._street.heads.see(Head(number=updates.number))
        for opportunity in self.market.apply(updates):
            yield self._decide(opportunity)

    def _decide(self, opportunity: Opportunity) -> Decision:
        self._events.clear()
        self._street.consider(opportunity)
        for event in self._events:
            if isinstance(event, OpportunityRefused):
                return Decision(opportunity=opportunity, reason=event.reason, detail=event.detail)
        strategy = self.market.strategies[opportunity.strategy]
        route = strategy.routes[self._turn % len(strategy.routes) if strategy.route_policy == "rotate" else 0]
        turn, self._turn = self._turn, self._turn + 1
        terms = self._kit.routes[route].terms()
        try:
            order = self._builder.order(opportunity, strategy, terms, turn)
            draft = self._kit.composer.compose(order)
            built = Built(bid=order, tx=self._kit.composer.sign(draft))
        except BuildError as error:
            return Decision(opportunity=opportunity, route=route, reason="build_failed", detail=str(error))
        return Decision(opportunity=opportunity, route=route, built=built, draft=draft)


class StoppedClock:
    """Always zero, so that the same market gives the same text."""

    def mono_ns(self) -> int:
        """Zero."""
        return 0

    def wall_ns(self) -> int:
        """Zero."""
        return 0


class DryGate:
    """Never lets bytes leave."""

    state = GateState.DRY
    by = "rehearsal"

    def permit(self) -> None:
        """GateClosed, always."""
        raise GateClosed("G101", "a rehearsal sends nothing")

    def trip(self, reason: str, by: str) -> None:
        """Nothing to close."""

    def pause(self, by: str) -> None:
        """Nothing to pause."""

    def resume(self, by: str) -> None:
        """Nothing to resume."""


class EmptyBook:
    """A day without losses."""

    def __init__(self) -> None:
        self._last = 0

    async def intend(self, attempt: Attempt) -> None:
        """A rehearsal intends nothing."""

    def next_attempt_id(self) -> int:
        """1, 2, 3, …"""
        self._last += 1
        return self._last

    def lost_today(self, asset: str) -> int:
        """Zero."""
        return 0

    def fees_today(self, asset: str) -> int:
        """Zero."""
        return 0


def _forget(work: Coroutine[Any, Any, None], _name: str) -> None:
    """An attempt's own task would simulate and send; a rehearsal stops at the signed bytes."""
    work.close()


def _ignore(_why: str) -> None:
    """Pools are read by `prepare`."""
