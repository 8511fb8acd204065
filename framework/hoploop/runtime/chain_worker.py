"""One chain at work: its feed, its resyncs and its upkeep as supervised tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import structlog

from hoploop.engine.market import ChainMarket
from hoploop.engine.memory import Memory
from hoploop.engine.ports import Ports
from hoploop.engine.status import chain_status
from hoploop.engine.street import Street
from hoploop.engine.tips import policy_of, worst
from hoploop.engine.upkeep import Upkeep
from hoploop.errors import ControlError, TransientError
from hoploop.hot import Market
from hoploop.model.chain import Head
from hoploop.model.events import ComponentChanged
from hoploop.model.states import COMPONENT, ComponentState, advance
from hoploop.model.status import ChainStatus
from hoploop.plugin.kinds import Gap, Reorg
from hoploop.recipe.plan import Plan
from hoploop.runtime.reconcile import Reconciler
from hoploop.runtime.supervisor import Supervisor
from hoploop.runtime.wiring import WiredChain

# Fees, blockhash and balances are read at heads, but not more often than this.
_REFRESH_NS = 400_000_000
# A feed that is silent for this long is not a market to be armed in.
_SILENT_NS = 60 * 1_000_000_000
# Feeds begin with one gap, or with one for every connection that failed.
_GAPS = 5


class ChainWorker:
    """Owns the street of one chain and everything that keeps it true."""

    def __init__(
        self, wired: WiredChain, plan: Plan, ports: Ports, supervisor: Supervisor, memory: Memory
    ) -> None:
        self._wired = wired
        self._ports = ports
        self._supervisor = supervisor
        self._memory = memory
        self._log = structlog.get_logger("chain").bind(chain=wired.plan.id)
        self._wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.feed = ComponentState.CREATED
        self.street = self._street(plan)
        self._upkeep = Upkeep(self.street, wired.kit, plan)
        self._reconciler = Reconciler(self.street, ports.gate)

    def _street(self, plan: Plan) -> Street:
        wired, chain = self._wired, self._wired.plan.id
        market = ChainMarket(
            plan,
            chain,
            Market(),
            self._ports.clock,
            terms={name: lender.terms() for name, lender in wired.kit.lenders.items()},
            tips={
                strategy.id: worst(policy_of(wired.kit.routes[route].terms()) for route in strategy.routes)
                for strategy in plan.strategies
                if strategy.chain == chain
            },
        )
        # Accounts on EVM chains count their transactions; Solana's carry a blockhash instead.
        ordered = wired.plan.family == "evm"
        return Street(
            wired.plan, plan, market, wired.kit, self._ports,
            memory=self._memory, request_resync=self._want_resync, ordered=ordered,
        )  # fmt: skip

    def drafted(self, plan: Plan) -> Street:
        """A street by another plan over the same components, with the states this one has. Changes nothing here."""
        street = self._street(plan)
        street.succeed(self.street)
        return street

    def take(self, street: Street, plan: Plan) -> None:
        """Go on with a drafted street, at once."""
        street.catch_up(self.street)
        self.street = street
        self._upkeep = Upkeep(street, self._wired.kit, plan)
        self._reconciler.watch(street)
        if street.resyncing:
            self._want_resync("the recipe changed")

    async def prepare(self) -> None:
        """Everything that must be known before the first opportunity."""
        await self._upkeep.refresh()
        self._reconciler.check()

    def start(self) -> None:
        """Begin to look; call inside the supervisor's inner group."""
        self._become(ComponentState.STARTING)
        work, name = self._supervisor.work, self._wired.plan.id
        self._tasks = [
            work(self._follow(), f"{name} feed"),
            work(self._resync(), f"{name} resync"),
            work(self._refresh(), f"{name} upkeep"),
        ]

    async def settled(self, timeout_s: float) -> bool:
        """Begin nothing new and wait for what is under way; False, and open again, when it takes too long."""
        self.street.closing = True
        try:
            async with asyncio.timeout(timeout_s):
                while len(self.street.in_flight):
                    await self.street.heads.after(self.street.heads.count)
        except TimeoutError:
            self.street.closing = False
            return False
        return True

    def reopen(self) -> None:
        """After `settled`: take opportunities again."""
        self.street.closing = False

    async def stop(self) -> None:
        """End its tasks; its connections stay open until `close`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def proven(self) -> None:
        """Health check: everything can be read, decodes, and the feed tells of a head; an error of theirs otherwise.

        Own funds are not compared with anything: another worker of the chain may be spending them.
        """
        await self._upkeep.refresh()
        await self._upkeep.prove()
        await self._heard()

    def remember(self, before: ChainWorker) -> None:
        """Go on with the counts of another worker of the chain."""
        self.street.remember(before.street)
        self.street.market.count_on(before.street.market)

    async def close(self) -> None:
        """Close the connector's connections."""
        await self._wired.chain.close()

    def status(self) -> ChainStatus:
        """The chain's part of the status document."""
        return chain_status(self.street, self.feed, self._ports.clock)

    def _want_resync(self, why: str) -> None:
        self._log.info("resync", why=why)
        self._wanted.set()

    async def _heard(self) -> None:
        """What it hears is lost; whoever follows the feed connects anew and begins with a read of everything."""
        stream, gaps = self._wired.chain.feed.stream(self.street.market.doors()), 0
        try:
            async for event in stream:
                if isinstance(event, Head):
                    return
                gaps += isinstance(event, Gap)
                if gaps > _GAPS and isinstance(event, Gap):
                    raise ControlError("G114", f"{self._wired.plan.id}: the feed tells of no head, only: {event.why}")
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    async def _follow(self) -> None:
        async for event in self._wired.chain.feed.stream(self.street.market.doors()):
            if isinstance(event, Gap):
                self._become(ComponentState.RECOVERING, event.why)
            elif isinstance(event, Head) and self.feed is ComponentState.DEGRADED:
                self._become(ComponentState.OK)
            self.street.on_event(event)
            if isinstance(event, Reorg) and self.street.resyncing:
                self._become(ComponentState.RECOVERING, event.why)

    async def _resync(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._upkeep.resync()
            except TransientError as error:
                self._log.warning("resync failed", code=error.code, message=error.message)
                await asyncio.sleep(error.retry_after_s)
                self._wanted.set()
                continue
            self._become(ComponentState.OK)

    async def _refresh(self) -> None:
        heads, clock = self.street.heads, self._ports.clock
        while True:
            started, count = clock.mono_ns(), heads.count
            try:
                await self._refresh_once()
            except TransientError as error:
                self._log.warning("upkeep failed", code=error.code, message=error.message)
            self._watch_silence()
            await asyncio.sleep(max(0, _REFRESH_NS - (clock.mono_ns() - started)) / 1_000_000_000)
            await heads.after(count)

    async def _refresh_once(self) -> None:
        mark = self._reconciler.mark()
        await self._upkeep.refresh()
        if mark is not None and mark == self._reconciler.mark():
            self._reconciler.check()

    def _watch_silence(self) -> None:
        seen_ns = self.street.heads.seen_ns
        if not seen_ns:
            return
        silent_ns = self._ports.clock.mono_ns() - seen_ns
        if silent_ns > _SILENT_NS:
            self._ports.gate.trip("stale_feed", self._wired.plan.id)
        if silent_ns > _SILENT_NS // 4 and self.feed is ComponentState.OK:
            self._become(ComponentState.DEGRADED, "feed is silent")

    def _become(self, state: ComponentState, detail: str = "") -> None:
        if state is self.feed or (self.feed is ComponentState.STARTING and state is ComponentState.RECOVERING):
            return
        self.feed = advance(COMPONENT, self.feed, state)
        component = f"{self._wired.plan.id}.feed"
        self._ports.emit(ComponentChanged(component=component, state=state.value, detail=detail[:200]))
