"""The engine: opens everything a plan names, runs the streets, and ends them in the right order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import structlog

from hoploop import __version__
from hoploop.engine.counters import merged
from hoploop.engine.memory import Memory
from hoploop.engine.ports import Ports
from hoploop.engine.risk import limits
from hoploop.errors import ControlError, HoploopError, InvariantError
from hoploop.ledger.writer import Writer
from hoploop.model.events import GateChanged, OperatorActed, RunEnded, RunStarted
from hoploop.model.states import GateState
from hoploop.model.status import AssetUnit, EngineStatus, GateStatus
from hoploop.plugin.registry import Registry
from hoploop.recipe.plan import Plan
from hoploop.recipe.propose import Loaded, Replayer
from hoploop.runtime.bus import Bus
from hoploop.runtime.chain_worker import ChainWorker
from hoploop.runtime.clock import SystemClock
from hoploop.runtime.control import ControlServer
from hoploop.runtime.gate import Gate, TripRecord, read_trip, write_trip
from hoploop.runtime.ingest import NativeIngest
from hoploop.runtime.local_chains import Served
from hoploop.runtime.options import RunOptions
from hoploop.runtime.paths import StatePaths
from hoploop.runtime.reload import Reloader, Request
from hoploop.runtime.remember import catch_up
from hoploop.runtime.supervisor import Supervisor
from hoploop.runtime.watch import watch_clock, watch_kill_file
from hoploop.runtime.wiring import WiredChain, Wiring

# An orderly end is no incident: it closes the gate for this process only.
_ENDED = "ended"
_DRAIN_S = 90


class Engine:
    """One run of one plan. `kill_from_signal` and `stop_from_signal` are safe in signal handlers, the rest is not."""

    def __init__(
        self, loaded: Loaded, registry: Registry, paths: StatePaths, options: RunOptions,
        progress: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._loaded, self._registry, self._paths, self._options = loaded, registry, paths, options
        self._progress = progress
        self._log = structlog.get_logger("engine")
        self._clock = SystemClock()
        self._started_ns = self._clock.mono_ns()
        self._loop = asyncio.get_running_loop()
        self._failure: BaseException | None = None
        self._ready = False
        self._ended_as: GateState | None = None
        self._workers: dict[str, ChainWorker] = {}
        self._reloader: Reloader | None = None
        self._gate = Gate(kill_file=paths.kill_file, on_change=self._gate_changed, tripped=_kept_trip(paths, options))
        self._book = Writer.open(
            paths.ledger, wall_ns=self._clock.wall_ns, on_failure=lambda error: self._gate.trip("ledger", error.code)
        )
        self._bus = Bus(self._clock, self._book.record)
        self._supervisor = Supervisor(self._failed, drain_s=_DRAIN_S)
        self._ports = Ports(self._clock, self._bus.publish, self._supervisor.spawn, self._gate, self._book)
        self._memory = Memory(loaded.plan, self._gate)
        self._control = ControlServer(paths.socket, self, self._bus)

    @property
    def _plan(self) -> Plan:
        return self._loaded.plan if self._reloader is None else self._reloader.plan

    async def run(self, served: dict[str, Served]) -> EngineStatus:
        """Until stopped, killed or failed; the final status. HoploopError when it cannot start or failed."""
        try:
            plan = self._plan
            self._bus.publish(
                RunStarted(recipe=plan.recipe, fingerprint=plan.fingerprint, mode=plan.mode, version=__version__)
            )
            wired = await opened(self._wiring(self._plan, served), self._plan)
            try:
                await self._recover(wired)
                self._workers = {one.plan.id: self._worker(one, self._plan) for one in wired}
                self._reloader = self._reload(served)
                await self._supervisor.run(self._services, self._work)
            finally:
                for one in self._workers.values() or [one.chain for one in wired]:
                    await one.close()
            return self._finish()
        finally:
            await self._control.close()
            self._book.close()

    def _wiring(self, plan: Plan, served: dict[str, Served]) -> Wiring:
        return Wiring(plan, self._registry, served, NativeIngest())

    def _worker(self, wired: WiredChain, plan: Plan) -> ChainWorker:
        return ChainWorker(wired, plan, self._ports, self._supervisor, self._memory)

    def _reload(self, served: dict[str, Served]) -> Reloader:
        async def wire(plan: Plan, name: str) -> WiredChain:
            chain = next(chain for chain in plan.chains if chain.id == name)
            return await self._wiring(plan, served).chain(chain)

        return Reloader(
            self._loaded, Replayer(self._registry), self._workers, self._memory, self._bus.publish, self._supervisor,
            wire=wire, staff=self._worker,
        )  # fmt: skip

    def recipe(self) -> dict[str, Any]:
        """What runs, for `plan` and `apply` to compare with."""
        return self._ready_reloader().recipe()

    async def apply(self, request: Request, by: str) -> dict[str, Any]:
        """Go on with a changed recipe; ControlError when it is refused."""
        return await self._ready_reloader().asked(request, by)

    def _ready_reloader(self) -> Reloader:
        if self._reloader is None or not self._ready or self._supervisor.stopping:
            raise ControlError("G107", "the engine is starting or ending")
        return self._reloader

    def status(self) -> EngineStatus:
        """As of now."""
        chains = tuple(worker.status() for worker in self._workers.values())
        return EngineStatus(
            recipe=self._plan.recipe,
            fingerprint=self._plan.fingerprint,
            mode=self._plan.mode,
            version=__version__,
            pid=os.getpid(),
            uptime_ms=(self._clock.mono_ns() - self._started_ns) // 1_000_000,
            gate=GateStatus(
                state=(self._ended_as or self._gate.state).value, reason=self._gate.reason, by=self._gate.by
            ),
            in_flight=sum(chain.in_flight for chain in chains),
            chains=chains,
            limits=limits(self._plan, self._book),
            latency_us=merged(worker.street.counters.latencies for worker in self._workers.values()).status(),
            assets={asset.id: AssetUnit(symbol=asset.symbol, decimals=asset.decimals) for asset in self._plan.assets},
        )

    def act(self, do: str, by: str, args: dict[str, Any]) -> dict[str, Any]:
        """kill | pause | resume | arm for an operator; ControlError when refused. Every act is recorded."""
        if do in ("resume", "arm") and args.get("recipe") != self._plan.recipe:
            raise ControlError("G106", f"typed {str(args.get('recipe'))[:40]!r}, running is {self._plan.recipe!r}")
        if do == "arm":
            self._arm(by)
        elif do == "kill":
            self._gate.trip("operator", by)
            self._supervisor.stop()
        elif do == "pause":
            self._gate.pause(by)
        else:
            self._gate.resume(by)
        self._bus.publish(OperatorActed(act=do, by=by))
        return {"state": self._gate.state.value, "reason": self._gate.reason}

    def kill_from_signal(self, name: str) -> None:
        """Close the gate now, end soon."""
        self._gate.trip("signal", name)
        self._loop.call_soon_threadsafe(self._supervisor.stop)

    def stop_from_signal(self, name: str) -> None:
        """Orderly end: nothing leaves any more, what is in flight is settled."""
        self._end(name)

    def _end(self, by: str) -> None:
        if not self._supervisor.stopping:
            self._ended_as = self._gate.state
        self._gate.trip(_ENDED, by)
        self._loop.call_soon_threadsafe(self._supervisor.stop)

    def _arm(self, by: str) -> None:
        if self._plan.mode == "dry" or (self._plan.mode == "paper" and not self._plan.embedded):
            raise ControlError("G105", f"mode is {self._plan.mode}")
        if not self._ready:
            raise ControlError("G107", "the engine is still starting")
        self._gate.arm(by, self._memory.breakers.holder(self._clock.mono_ns()))

    async def _recover(self, wired: list[WiredChain]) -> None:
        clients = {one.plan.id: one.kit.client for one in wired}
        trusted = bool(self._options.clear_trip)
        await catch_up(
            self._paths.ledger, clients, self._memory, self._ports, clock_trusted=trusted, progress=self._recovered
        )

    def _recovered(self, done: int, total: int) -> None:
        if total:
            self._progress(f"recovery: {done} of {total} attempts settled")

    async def _services(self) -> None:
        await self._control.open()
        self._supervisor.serve(watch_kill_file(self._paths.kill_file, self._kill_file_found), "kill file")
        self._supervisor.serve(watch_clock(self._clock, self._gate), "clock")

    async def _work(self) -> None:
        for worker in self._workers.values():
            await worker.prepare()
            worker.start()
        self._ready = True
        if self._plan.mode == "paper" and self._plan.embedded and self._gate.state is GateState.DRY:
            self._arm("paper mode")
        if self._options.for_ms is not None:
            self._supervisor.work(self._deadline(self._options.for_ms), "deadline")
        self._progress(f"running {self._plan.recipe} {self._plan.fingerprint[:12]}, gate {self._gate.state.value}")

    async def _deadline(self, for_ms: int) -> None:
        await asyncio.sleep(for_ms / 1000)
        self._end("deadline")

    def _finish(self) -> EngineStatus:
        self._bus.publish(RunEnded(reason=self._gate.reason))
        if isinstance(self._failure, HoploopError):
            raise self._failure
        if self._failure is not None:
            raise InvariantError("G501", f"{type(self._failure).__name__}: {self._failure}") from self._failure
        return self.status()

    def _failed(self, name: str, error: BaseException) -> None:
        self._failure = self._failure or error
        self._gate.trip(f"failure in {name}", "supervisor")
        self._supervisor.stop()

    def _kill_file_found(self) -> None:
        self._gate.trip("kill_file", "kill file")
        self._supervisor.stop()

    def _gate_changed(self, state: GateState, reason: str, by: str) -> None:
        # May run in a signal handler or in the ledger's thread: hand over to the loop.
        self._loop.call_soon_threadsafe(self._announce, state, reason, by)

    def _announce(self, state: GateState, reason: str, by: str) -> None:
        self._log.warning("gate", state=state.value, reason=reason, by=by)
        if state is GateState.TRIPPED and reason != _ENDED:
            write_trip(self._paths.gate, TripRecord(reason=reason, by=by))
        self._bus.publish(GateChanged(state=state.value, reason=reason, by=by))


async def opened(wiring: Wiring, plan: Plan) -> list[WiredChain]:
    """Every chain of the plan, or none."""
    found: list[WiredChain] = []
    try:
        for chain in plan.chains:
            found.append(await wiring.chain(chain))
    except BaseException:
        for one in found:
            await one.chain.close()
        raise
    return found


def _kept_trip(paths: StatePaths, options: RunOptions) -> TripRecord | None:
    """What an earlier process left, unless a named operator clears it."""
    if options.clear_trip:
        structlog.get_logger("engine").warning("trip cleared", by=options.clear_trip)
        paths.gate.unlink(missing_ok=True)
        paths.kill_file.unlink(missing_ok=True)
    return read_trip(paths.gate)
