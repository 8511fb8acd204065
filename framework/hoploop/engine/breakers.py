"""Counts attempts that ended badly, and closes the gate when a breaker's count is reached."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from hoploop.engine.ports import GatePort
from hoploop.model.attempts import Attempt
from hoploop.model.events import GateChanged
from hoploop.model.reasons import Reason
from hoploop.model.states import AttemptState, GateState
from hoploop.recipe.plan import BreakerPlan, Plan

_NS = 1_000_000
_NEVER_LANDED = (Reason.EXPIRED.value, Reason.DROPPED.value)
_BY = "breaker "


class End(NamedTuple):
    """One attempt that ended badly."""

    number: int
    at_ns: int
    on: str
    strategy: str


class Breakers:
    """One for all chains of an engine; ends only pauses of its own. Call from the event loop only.

    Keeps what happened apart from what the recipe asks about it: a changed or a new breaker counts the same ends.
    """

    def __init__(self, gate: GatePort) -> None:
        self._gate = gate
        self._plans: tuple[BreakerPlan, ...] = ()
        self._kept_ns = 0
        self._ends: deque[End] = deque()
        self._number = 0
        self._broke_at: dict[str, int] = {}
        """Breaker -> number of the last end before it broke: those up to it do not count again."""
        self._reached_at: dict[str, int] = {}
        """The same of an earlier run's breaker, until the gate's word comes: others may end before that is written."""
        self._holds: dict[str, int | None] = {}
        """Breaker -> when its pause is over; None when only an operator ends it."""

    def follow(self, plan: Plan, kept_ns: int) -> None:
        """Go by another plan from now on, and remember ends for so long."""
        self._plans, self._kept_ns = plan.risk.breakers, kept_ns

    def moved(self, attempt: Attempt, now_ns: int) -> None:
        """An attempt changed its state: break what breaks by it."""
        if self._count(attempt, now_ns):
            self.wake(now_ns)

    def wake(self, at_ns: int) -> None:
        """Break every breaker whose count is reached at this time."""
        for breaker in self._plans:
            if self._reached(breaker, at_ns):
                self._break(breaker, at_ns)

    def recall(self, attempt: Attempt, at_ns: int) -> None:
        """A move of an earlier run. What broke by it told so through the gate, unless it held that already."""
        if self._count(attempt, at_ns):
            for breaker in self._plans:
                if not self._reached(breaker, at_ns):
                    continue
                if breaker.id in self._holds:
                    self._broke_at[breaker.id] = self._number
                else:
                    self._reached_at.setdefault(breaker.id, self._number)

    def recall_gate(self, change: GateChanged, at_ns: int) -> None:
        """What the gate of an earlier run did; a pause that goes on after a start is told again.

        A breaker that the recipe no longer has holds until an operator resumes.
        """
        name = _named(change.by) or _named(change.reason)
        if change.state == GateState.ARMED.value:
            self._holds.clear()
        elif name and name not in self._holds:
            self._broke_at[name] = self._reached_at.pop(name, self._number)
            if change.state == GateState.PAUSED.value:
                self._hold(name, at_ns)

    def holder(self, now_ns: int) -> str:
        """In whose name the gate must be paused now, as `GatePort.pause` takes it; empty when nothing holds it."""
        self._holds = {name: until for name, until in self._holds.items() if until is None or now_ns < until}
        return next((_BY + name for name in self._holds), "")

    def unlock(self, now_ns: int) -> None:
        """Resume when the time of every breaker that holds has come, unless an operator paused in between."""
        self._forget_ended()
        if self._pausing() and not self.holder(now_ns):
            self._gate.resume("breaker unlocked")

    def _count(self, attempt: Attempt, at_ns: int) -> bool:
        """True for an attempt that ended badly."""
        on = _ended_as(attempt)
        if on:
            self._number += 1
            self._ends.append(End(self._number, at_ns, on, attempt.strategy))
            while self._ends[0].at_ns <= at_ns - self._kept_ns:
                self._ends.popleft()
        return bool(on)

    def _break(self, breaker: BreakerPlan, at_ns: int) -> None:
        self._broke_at[breaker.id] = self._number
        if breaker.action == "trip":
            self._gate.trip(_BY + breaker.id, "risk")
            return
        self._forget_ended()
        self._hold(breaker.id, at_ns)
        # A gate that is dry is paused when it is armed; one that an operator paused is left as it is.
        if self._gate.state is GateState.ARMED or self._pausing():
            self._gate.pause(_BY + breaker.id)

    def _hold(self, name: str, since_ns: int) -> None:
        unlock = next((breaker.unlock_ms for breaker in self._plans if breaker.id == name), None)
        self._holds.setdefault(name, None if unlock is None else since_ns + unlock * _NS)

    def _reached(self, breaker: BreakerPlan, at_ns: int) -> bool:
        since_ns, counted = at_ns - breaker.within_ms * _NS, self._broke_at.get(breaker.id, 0)
        count = 0
        for end in reversed(self._ends):
            if end.at_ns <= since_ns or end.number <= counted:
                return False
            count += end.on == breaker.on and (not breaker.strategies or end.strategy in breaker.strategies)
            if count >= breaker.count:
                return True
        return False

    def _pausing(self) -> bool:
        return self._gate.state is GateState.PAUSED and self._gate.by.startswith(_BY)

    def _forget_ended(self) -> None:
        """An armed gate is one that an operator resumed, whatever held it."""
        if self._gate.state is GateState.ARMED:
            self._holds.clear()


def _named(text: str) -> str:
    """The breaker that a gate's `by` or `reason` names; empty when it is none."""
    return text.removeprefix(_BY) if text.startswith(_BY) else ""


def _ended_as(attempt: Attempt) -> str:
    """What a breaker calls this (`BreakerPlan.on`); empty when it is no bad end."""
    state = attempt.state
    if state is AttemptState.LOST:
        return "lost" if attempt.reason in _NEVER_LANDED else ""
    if state is AttemptState.LANDED:
        return "unprofitable" if attempt.realized_net is None or attempt.realized_net < 0 else ""
    return state.value if state in (AttemptState.REVERTED, AttemptState.UNKNOWN) else ""
