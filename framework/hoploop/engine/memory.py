"""What risk must remember from one attempt to the next: rates, cooldowns, paths that keep failing, breakers."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import chain

from hoploop.engine.breakers import Breakers
from hoploop.engine.ports import GatePort
from hoploop.model.attempts import Attempt
from hoploop.model.reasons import Reason
from hoploop.model.states import AttemptState
from hoploop.recipe.plan import Plan, Rate, SuppressPlan

_NS = 1_000_000
_DAY_NS = 86_400_000 * _NS
_OWN_DOING = frozenset(
    reason.value for reason in (Reason.DRY, Reason.PAUSED, Reason.TRIPPED, Reason.GATE_CLOSED, Reason.RECOVERED)
)
"""Attempts that ended because the gate was closed say nothing about their path."""
MAX_PATHS = 10_000
"""Paths of a strategy remembered; the one that failed longest ago is forgotten first."""


class Memory:
    """One for all chains of an engine. Single-threaded; times are monotonic nanoseconds and never go back.

    What happened is kept for a day at least, whatever the recipe asks about it now: a limit that is changed, or taken
    out and put back, counts the same attempts.
    """

    def __init__(self, plan: Plan, gate: GatePort) -> None:
        self.breakers = Breakers(gate)
        self._all = Starts()
        self._starts: dict[str, Starts] = {}
        self._paths: dict[str, Paths] = {}
        self._last_ns: dict[tuple[str, str], int] = {}
        self.follow(plan)

    def follow(self, plan: Plan) -> None:
        """Go by another plan from now on."""
        self._strategies = {item.id: item for item in plan.strategies}
        self._rate = plan.risk.rate
        self.kept_ns = _kept_ns(plan)
        self.breakers.follow(plan, self.kept_ns)

    @property
    def last_ns(self) -> Mapping[tuple[str, str], int]:
        """When a (strategy, shape) was last approved."""
        return self._last_ns

    def full(self, strategy: str, now_ns: int) -> str:
        """Which rate has been reached, in words; empty when there is room."""
        item = self._strategies.get(strategy)
        own = None if item is None else item.rate
        for name, rate, starts in (
            ("of the strategy", own, self._starts.get(strategy)), ("of all strategies", self._rate, self._all),
        ):
            if rate is not None and starts is not None and starts.full(rate, now_ns):
                return f"{rate.times} attempts in {rate.per_ms} ms {name}"
        return ""

    def suppressed_ns(self, strategy: str, shape: str, now_ns: int) -> int:
        """For how much longer the path is left alone; 0 when it is not."""
        item, paths = self._strategies.get(strategy), self._paths.get(strategy)
        plan = None if item is None else item.suppress
        return 0 if plan is None or paths is None else paths.suppressed_ns(plan, shape, now_ns)

    def started(self, strategy: str, shape: str, now_ns: int) -> None:
        """An attempt was approved."""
        for starts in (self._starts.setdefault(strategy, Starts()), self._all):
            starts.take(now_ns, self.kept_ns)
        self._last_ns[strategy, shape] = now_ns

    def ended(self, strategy: str, shape: str, state: AttemptState, reason: str, at_ns: int) -> None:
        """An attempt moved: what that says of its path."""
        self._paths.setdefault(strategy, Paths()).take(shape, state, reason, at_ns)

    def moved(self, attempt: Attempt, now_ns: int) -> None:
        """An attempt changed its state; breakers break by it."""
        self.ended(attempt.strategy, attempt.shape, attempt.state, attempt.reason, now_ns)
        self.breakers.moved(attempt, now_ns)

    def recall(self, attempt: Attempt, at_ns: int) -> None:
        """A move of an earlier run, but for its path; nothing is done about it yet."""
        if attempt.state is AttemptState.APPROVED:
            self.started(attempt.strategy, attempt.shape, at_ns)
        self.breakers.recall(attempt, at_ns)


class Starts:
    """When attempts were approved, oldest first."""

    def __init__(self) -> None:
        self._times: deque[int] = deque()

    def full(self, rate: Rate, now_ns: int) -> bool:
        """Whether one more now would be too many."""
        return len(self._times) >= rate.times and self._times[-rate.times] > now_ns - rate.per_ms * _NS

    def take(self, now_ns: int, kept_ns: int) -> None:
        """One more."""
        while self._times and self._times[0] <= now_ns - kept_ns:
            self._times.popleft()
        self._times.append(now_ns)


class Paths:
    """Failures in a row by path of one strategy."""

    def __init__(self) -> None:
        self._failed: dict[str, tuple[int, int]] = {}
        """Path -> failures in a row, time of the last one."""

    def suppressed_ns(self, plan: SuppressPlan, shape: str, now_ns: int) -> int:
        """What is left of the time that the recipe says, counted from the last failure."""
        failures, last_ns = self._failed.get(path_of(shape), (0, 0))
        return max(last_ns + plan.retry_ms * _NS - now_ns, 0) if failures >= plan.after else 0

    def take(self, shape: str, state: AttemptState, reason: str, now_ns: int) -> None:
        """A landed attempt clears its path."""
        path = path_of(shape)
        if state is AttemptState.LANDED:
            self._failed.pop(path, None)
        elif state is AttemptState.REVERTED or (state is AttemptState.LOST and reason not in _OWN_DOING):
            failures, _ = self._failed.pop(path, (0, 0))
            self._failed[path] = (failures + 1, now_ns)
            if len(self._failed) > MAX_PATHS:
                del self._failed[next(iter(self._failed))]


def path_of(shape: str) -> str:
    """The pools of a shape in order, whoever lent."""
    return shape.partition(":")[2]


def _kept_ns(plan: Plan) -> int:
    """The longest time that any limit of the plan looks back, and a day."""
    rates = (rate.per_ms * _NS for rate in (plan.risk.rate, *(item.rate for item in plan.strategies)) if rate)
    cooldowns = (item.cooldown_ms * _NS for item in plan.strategies)
    breakers = (breaker.within_ms * _NS for breaker in plan.risk.breakers)
    return max(chain((_DAY_NS,), rates, cooldowns, breakers))
