"""One chain at work: its feed, its resyncs and its upkeep as supervised tasks."""

from __future__ import annotations

import asyncio

import structlog

from hoploop.engine.market import ChainMarket
from hoploop.engine.memory import Memory
from hoploop.engine.ports import Ports
from hoploop.engine.status import chain_status
from hoploop.engine.street import Street
from hoploop.engine.tips import policy_of, worst
from hoploop.engine.upkeep import Upkeep
from hoploop.errors import TransientError
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


class ChainWorker:
    """Owns the street of one chain and everything that keeps it true."""

    def __init__(
        self, wired: WiredChain, plan: Plan, ports: Ports, supervisor: Supervisor, memory: Memory
    ) -> None:
        self._wired = wired
        self._ports = ports
        self._supervisor = supervisor
        self._log = structlog.get_logger("chain").bind(chain=wired.plan.id)
        self._wanted = asyncio.Event()
        self.feed = ComponentState.CREATED
        market = ChainMarket(
            plan,
            wired.plan.id,
            Market(),
            ports.clock,
            terms={name: lender.terms() for name, lender in wired.kit.lenders.items()},
            tips={
                strategy.id: worst(policy_of(wired.kit.routes[route].terms()) for route in strategy.routes)
                for strategy in plan.strategies
                if strategy.chain == wired.plan.id
            },
        )
        # Accounts on EVM chains count their transactions; Solana's carry a blockhash instead.
        ordered = wired.plan.family == "evm"
        self.street = Street(
            wired.plan, plan, market, wired.kit, ports, memory=memory, request_resync=self._want_resync, ordered=ordered
        )
        self._upkeep = Upkeep(self.street, wired.kit, plan)
        self._reconciler = Reconciler(self.street, ports.gate)

    async def prepare(self) -> None:
        """Everything that must be known before the first opportunity."""
        await self._upkeep.refresh()
        self._reconciler.check()

    def start(self) -> None:
        """Begin to look; call inside the supervisor's inner group."""
        self._become(ComponentState.STARTING)
        self._supervisor.work(self._follow(), f"{self._wired.plan.id} feed")
        self._supervisor.work(self._resync(), f"{self._wired.plan.id} resync")
        self._supervisor.work(self._refresh(), f"{self._wired.plan.id} upkeep")

    async def close(self) -> None:
        """Close the connector's connections."""
        await self._wired.chain.close()

    def status(self) -> ChainStatus:
        """The chain's part of the status document."""
        return chain_status(self.street, self.feed, self._ports.clock)

    def _want_resync(self, why: str) -> None:
        self._log.info("resync", why=why)
        self._wanted.set()

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
