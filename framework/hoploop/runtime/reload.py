"""Takes a changed recipe into a running engine: build new, prove it, stop old; or leave all as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import structlog

from hoploop.engine.memory import Memory
from hoploop.engine.ports import Emit
from hoploop.engine.street import Street
from hoploop.errors import ControlError, HoploopError
from hoploop.model.events import RecipeChanged, RecipeRefused
from hoploop.recipe.diff import Change, hardest
from hoploop.recipe.plan import Plan
from hoploop.recipe.propose import Loaded, Proposal, Replayer, public_changes
from hoploop.runtime.chain_worker import ChainWorker
from hoploop.runtime.supervisor import Supervisor
from hoploop.runtime.wiring import WiredChain

Wire = Callable[[Plan, str], Awaitable[WiredChain]]
"""Open a chain of a plan anew."""
Staff = Callable[[WiredChain, Plan], ChainWorker]
"""Put a worker on it."""

_HEALTHY_S, _SETTLED_S = 30.0, 60.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator asks for; bound to what ran when it was worked out."""

    changes: tuple[Change, ...]
    generation: int
    fingerprint: str
    """Of the plan the operator saw."""
    accept_risk: bool = False


class Reloader:
    """Holds what runs. One change at a time."""

    def __init__(
        self, running: Loaded, replayer: Replayer, workers: dict[str, ChainWorker], memory: Memory, emit: Emit,
        supervisor: Supervisor, *, wire: Wire, staff: Staff,
    ) -> None:
        self._running, self._replayer, self._workers = running, replayer, workers
        self._memory, self._emit, self._supervisor = memory, emit, supervisor
        self._wire, self._staff = wire, staff
        self._log = structlog.get_logger("reload")
        self._busy = False
        self.generation = 1

    @property
    def plan(self) -> Plan:
        """What runs."""
        return self._running.plan

    def recipe(self) -> dict[str, Any]:
        """What runs, for the operator's command to compare with."""
        plan = self._running.plan
        return {
            "document": self._running.document, "generation": self.generation, "fingerprint": plan.fingerprint,
            "recipe": plan.recipe,
        }

    async def asked(self, request: Request, by: str) -> dict[str, Any]:
        """As `apply`, in a task of the supervisor's: a crash half-way closes the gate."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

        async def changing() -> None:
            try:
                answer.set_result(await self.apply(request, by))
            except HoploopError as error:
                answer.set_exception(error)
            finally:
                if not answer.done():
                    answer.set_exception(ControlError("G502", "the change did not come to its end; see the log"))

        self._supervisor.serve(changing(), "apply")
        # Whoever asked may go away; the change goes on.
        return await asyncio.shield(answer)

    async def apply(self, request: Request, by: str) -> dict[str, Any]:
        """Go on with the changed recipe; ControlError, and everything as before, when that is not possible."""
        try:
            with self._alone():
                return await self._apply(request, by)
        except HoploopError as error:
            why = error.message[:500]
            self._emit(RecipeRefused(by=by, fingerprint=self.plan.fingerprint, code=error.code, why=why))
            self._log.warning("recipe refused", by=by, code=error.code, message=why)
            raise

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._busy:
            raise ControlError("G111", "another change is being applied")
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    async def _apply(self, request: Request, by: str) -> dict[str, Any]:
        if request.generation != self.generation:
            raise ControlError("G111", f"worked out on generation {request.generation}, running is {self.generation}")
        proposal = await asyncio.to_thread(self._replayer.replay, self._running.document, request.changes)
        self._check(proposal, request)
        if proposal.changes:
            await self._swap(proposal, by)
        changes = public_changes(proposal.changes)
        return {"generation": self.generation, "fingerprint": self.plan.fingerprint, "changes": changes}

    def _check(self, proposal: Proposal, request: Request) -> None:
        after = proposal.loaded.plan
        if after.fingerprint != request.fingerprint:
            seen = request.fingerprint[:12]
            raise ControlError("G111", f"the engine makes {after.fingerprint[:12]} of it, you saw {seen}")
        if hardest(proposal.changes) == "engine":
            paths = ", ".join(change.path for change in proposal.changes if change.apply == "engine")
            raise ControlError("G112", f"while running these cannot change: {paths}")
        risky = [change.path for change in proposal.changes if change.raises_risk]
        if risky and not request.accept_risk:
            raise ControlError("G113", f"{len(risky)} of {len(proposal.changes)} changes: {', '.join(risky)[:400]}")

    async def _swap(self, proposal: Proposal, by: str) -> None:
        """Chains whose components differ get new ones, all others a new street over those they have."""
        plan = proposal.loaded.plan
        rebuilt = [name for name in self._workers if _components(plan, name) != _components(self.plan, name)]
        made: dict[str, ChainWorker] = {}
        try:
            drafted = await self._ready(plan, rebuilt, made)
        except BaseException:
            for name in rebuilt:
                self._workers[name].reopen()
            for worker in made.values():
                await worker.close()
            raise
        old = self._switch(plan, drafted, made)
        self._told(proposal, by)
        for worker in old:
            await worker.stop()
            await worker.close()

    async def _ready(self, plan: Plan, rebuilt: list[str], made: dict[str, ChainWorker]) -> Mapping[str, Street]:
        """Put proven workers of the chains to rebuild into `made`; streets for all others. ControlError if it fails."""
        try:
            for name in rebuilt:
                made[name] = await self._proven(plan, name)
            drafted = {name: worker.drafted(plan) for name, worker in self._workers.items() if name not in made}
            for name in rebuilt:
                if not await self._workers[name].settled(_SETTLED_S):
                    raise ControlError("G115", f"'{name}' still has attempts under way after {_SETTLED_S:.0f} s")
            for name, worker in made.items():
                # What was under way has ended: nonce and funds are read once more.
                worker.remember(self._workers[name])
                await worker.prepare()
        except ControlError:
            raise
        except (HoploopError, ValueError, TimeoutError, OSError) as error:
            raise ControlError("G114", f"{type(error).__name__}: {error}") from error
        if self._supervisor.stopping:
            raise ControlError("G107", "the engine is ending")
        return drafted

    async def _proven(self, plan: Plan, name: str) -> ChainWorker:
        async with asyncio.timeout(_HEALTHY_S):
            wired = await self._wire(plan, name)
            try:
                worker = self._staff(wired, plan)
                await worker.proven()
            except BaseException:
                await wired.chain.close()
                raise
        return worker

    def _switch(
        self, plan: Plan, drafted: Mapping[str, Street], made: Mapping[str, ChainWorker]
    ) -> list[ChainWorker]:
        """No await in here: all chains change between two events. The workers that are to end."""
        self._memory.follow(plan)
        for name, street in drafted.items():
            self._workers[name].take(street, plan)
        old = [self._workers[name] for name in made]
        for name, worker in made.items():
            worker.remember(self._workers[name])
            self._workers[name] = worker
            worker.start()
        return old

    def _told(self, proposal: Proposal, by: str) -> None:
        before, self._running = self.plan.fingerprint, proposal.loaded
        self.generation += 1
        after, changes = self.plan.fingerprint, public_changes(proposal.changes)
        self._emit(RecipeChanged(by=by, before=before, after=after, generation=self.generation, changes=changes))
        paths = [change.path for change in proposal.changes]
        self._log.warning("recipe changed", by=by, before=before, after=after, changes=paths)


def _components(plan: Plan, chain: str) -> tuple[Any, ...]:
    """Everything that connectors of a chain are made from."""
    items = (plan.venues, plan.lenders, plan.routes, plan.assets, plan.pools)
    chosen = tuple(tuple(item for item in section if item.chain == chain) for section in items)
    return (next(one for one in plan.chains if one.id == chain), *chosen)
