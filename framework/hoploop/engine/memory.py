"""What risk must remember from one attempt to the next: rates, paths that keep failing, breakers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from hoploop.model.attempts import Attempt
from hoploop.model.reasons import Reason
from hoploop.model.states import AttemptState
from hoploop.recipe.plan import BreakerPlan, Plan, Rate, SuppressPlan

_NS = 1_000_000
_OWN_DOING = frozenset(
    reason.value for reason in (Reason.DRY, Reason.PAUSED, Reason.TRIPPED, Reason.GATE_CLOSED, Reason.RECOVERED)
)
"""Attempts that ended because the gate was closed say nothing about their path."""
_NEVER_LANDED = (Reason.EXPIRED.value, Reason.DROPPED.value)
MAX_PATHS = 10_000
"""Paths remembered; the one that failed longest ago is forgotten first."""


class Memory:
    """One for all chains of an engine. Single-threaded; times are monotonic nanoseconds."""

    def __init__(self, plan: Plan) -> None:
        self._rates: dict[str, Window] = {}
        self._rate: Window | None = None
        self._paths: dict[str, Paths] = {}
        self._breakers: dict[str, Breaker] = {}
        self.follow(plan)

    def follow(self, plan: Plan) -> None:
        """Go by another plan from now on; what happened is remembered wherever the new plan still asks for it."""
        rates, paths, breakers = self._rates, self._paths, self._breakers
        self._rates = {
            item.id: Window(item.rate, rates.get(item.id)) for item in plan.strategies if item.rate is not None
        }
        self._rate = None if plan.risk.rate is None else Window(plan.risk.rate, self._rate)
        self._paths = {
            item.id: Paths(item.suppress, paths.get(item.id)) for item in plan.strategies if item.suppress is not None
        }
        self._breakers = {item.id: Breaker(item, breakers.get(item.id)) for item in plan.risk.breakers}

    def full(self, strategy: str, now_ns: int) -> str:
        """Which rate has been reached, in words; empty when there is room."""
        windows = (("of the strategy", self._rates.get(strategy)), ("of all strategies", self._rate))
        for name, window in windows:
            if window is not None and window.full(now_ns):
                return f"{window.rate.times} attempts in {window.rate.per_ms} ms {name}"
        return ""

    def suppressed_ns(self, strategy: str, shape: str, now_ns: int) -> int:
        """For how much longer the path is left alone; 0 when it is not."""
        paths = self._paths.get(strategy)
        return 0 if paths is None else paths.suppressed_ns(shape, now_ns)

    def started(self, strategy: str, now_ns: int) -> None:
        """An attempt was approved."""
        for window in (self._rates.get(strategy), self._rate):
            if window is not None:
                window.take(now_ns)

    def moved(self, attempt: Attempt, now_ns: int) -> Iterable[BreakerPlan]:
        """An attempt changed its state; the breakers that break by it."""
        paths = self._paths.get(attempt.strategy)
        if paths is not None:
            paths.take(attempt, now_ns)
        return [breaker.plan for breaker in self._breakers.values() if breaker.take(attempt, now_ns)]


class Window:
    """Counts what happened in the last stretch of time."""

    def __init__(self, rate: Rate, before: Window | None = None) -> None:
        self.rate = rate
        self._times: deque[int] = deque() if before is None else before._times

    def full(self, now_ns: int) -> bool:
        """Whether one more now would be too many."""
        self._forget(now_ns)
        return len(self._times) >= self.rate.times

    def take(self, now_ns: int) -> None:
        """One more."""
        self._forget(now_ns)
        self._times.append(now_ns)

    def clear(self) -> None:
        """As if nothing had happened."""
        self._times.clear()

    def _forget(self, now_ns: int) -> None:
        since = now_ns - self.rate.per_ms * _NS
        while self._times and self._times[0] <= since:
            self._times.popleft()


class Paths:
    """Failures in a row by path of one strategy."""

    def __init__(self, plan: SuppressPlan, before: Paths | None = None) -> None:
        self._plan = plan
        self._failed: dict[str, tuple[int, int]] = {} if before is None else before._failed
        """Path -> failures in a row, time of the last one."""

    def suppressed_ns(self, shape: str, now_ns: int) -> int:
        """What is left of the time that the recipe says, counted from the last failure."""
        failures, last_ns = self._failed.get(path_of(shape), (0, 0))
        return max(last_ns + self._plan.retry_ms * _NS - now_ns, 0) if failures >= self._plan.after else 0

    def take(self, attempt: Attempt, now_ns: int) -> None:
        """A landed attempt clears its path."""
        path = path_of(attempt.shape)
        if attempt.state is AttemptState.LANDED:
            self._failed.pop(path, None)
        elif attempt.state is AttemptState.REVERTED or (
            attempt.state is AttemptState.LOST and attempt.reason not in _OWN_DOING
        ):
            failures, _ = self._failed.pop(path, (0, 0))
            self._failed[path] = (failures + 1, now_ns)
            if len(self._failed) > MAX_PATHS:
                del self._failed[next(iter(self._failed))]


class Breaker:
    """Counts bad ends; breaks once, then counts anew."""

    def __init__(self, plan: BreakerPlan, before: Breaker | None = None) -> None:
        self.plan = plan
        held = before._window if before is not None and before.plan.on == plan.on else None
        self._window: Window = Window(Rate(plan.count, plan.within_ms), held)

    def take(self, attempt: Attempt, now_ns: int) -> bool:
        """True when this attempt breaks it."""
        if self.plan.strategies and attempt.strategy not in self.plan.strategies:
            return False
        if not _bad(self.plan.on, attempt):
            return False
        self._window.take(now_ns)
        broken = self._window.full(now_ns)
        if broken:
            self._window.clear()
        return broken


def path_of(shape: str) -> str:
    """The pools of a shape in order, whoever lent."""
    return shape.partition(":")[2]


def _bad(on: str, attempt: Attempt) -> bool:
    state = attempt.state
    if on == "reverted":
        return state is AttemptState.REVERTED
    if on == "lost":
        return state is AttemptState.LOST and attempt.reason in _NEVER_LANDED
    if on == "unknown":
        return state is AttemptState.UNKNOWN
    return state is AttemptState.LANDED and (attempt.realized_net is None or attempt.realized_net < 0)
