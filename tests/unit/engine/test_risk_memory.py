"""Rates, suppressed paths and breakers: what risk remembers between attempts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from street_fakes import FakeGate, opportunity, plan_of, strategy

from hoploop.engine.attempt import first_record
from hoploop.engine.breakers import BreakerBox
from hoploop.engine.memory import MAX_PATHS, Breaker, Memory, Paths, Window
from hoploop.model.attempts import Attempt
from hoploop.model.reasons import Reason
from hoploop.model.states import AttemptState, GateState
from hoploop.recipe.plan import BreakerPlan, Plan, Rate, SuppressPlan

MS = 1_000_000
SHAPE = "own:uni/a>uni/b"


def ended(state: AttemptState, reason: str = "", **changes: Any) -> Attempt:
    record = first_record(1, "run", opportunity())
    return msgspec.structs.replace(record, state=state, reason=reason, **{"shape": SHAPE} | changes)


def limited(*, rate: Rate | None = None, total: Rate | None = None) -> Plan:
    plan = plan_of(strategy(rate=rate))
    return msgspec.structs.replace(plan, risk=msgspec.structs.replace(plan.risk, rate=total))


def breaker(**changes: Any) -> BreakerPlan:
    values: dict[str, Any] = {
        "id": "reverts", "on": "reverted", "count": 2, "within_ms": 100, "action": "pause", "unlock_ms": None,
        "strategies": (),
    }  # fmt: skip
    return BreakerPlan(**values | changes)


@given(st.lists(st.integers(0, 50), max_size=80), st.integers(1, 5), st.integers(1, 30))
def test_no_stretch_of_time_has_more_than_the_rate(gaps: list[int], times: int, per_ms: int) -> None:
    window, now, taken = Window(Rate(times, per_ms)), 0, []
    for gap in gaps:
        now += gap * MS
        if not window.full(now):
            window.take(now)
            taken.append(now)
    assert all(sum(start <= one < start + per_ms * MS for one in taken) <= times for start in taken)


def test_a_rate_of_a_strategy_is_its_own() -> None:
    memory = Memory(limited(rate=Rate(2, 1_000)))
    for now in (0, 1):
        assert memory.full("cycles", now) == ""
        memory.started("cycles", now)
    assert memory.full("cycles", 2) == "2 attempts in 1000 ms of the strategy"
    assert memory.full("other", 2) == ""
    assert memory.full("cycles", 1_000 * MS) == ""


def test_the_rate_of_all_counts_every_strategy() -> None:
    memory = Memory(limited(total=Rate(2, 1_000)))
    memory.started("cycles", 0)
    memory.started("other", 0)
    assert memory.full("third", 1) == "2 attempts in 1000 ms of all strategies"


def test_a_path_is_left_alone_after_failures_in_a_row_and_for_a_while() -> None:
    paths = Paths(SuppressPlan(after=2, retry_ms=10))
    paths.take(ended(AttemptState.REVERTED), 0)
    assert not paths.suppressed_ns(SHAPE, 1)
    paths.take(ended(AttemptState.LOST, Reason.SIMULATION_FAILED.value), 5 * MS)
    assert paths.suppressed_ns(SHAPE, 15 * MS - 1)
    assert paths.suppressed_ns("balancer:uni/a>uni/b", 6 * MS), "whoever lends, the path is the same"
    assert not paths.suppressed_ns("own:uni/b>uni/a", 6 * MS)
    assert not paths.suppressed_ns(SHAPE, 15 * MS)


def test_one_more_failure_after_the_retry_suppresses_again() -> None:
    paths = Paths(SuppressPlan(after=2, retry_ms=10))
    for now in (0, 1, 20 * MS):
        paths.take(ended(AttemptState.REVERTED), now)
    assert paths.suppressed_ns(SHAPE, 21 * MS)


def test_landing_clears_a_path() -> None:
    paths = Paths(SuppressPlan(after=1, retry_ms=10))
    paths.take(ended(AttemptState.REVERTED), 0)
    paths.take(ended(AttemptState.LANDED), 1)
    assert not paths.suppressed_ns(SHAPE, 2)


@pytest.mark.parametrize("reason", [Reason.DRY, Reason.PAUSED, Reason.TRIPPED, Reason.GATE_CLOSED])
def test_a_closed_gate_says_nothing_about_a_path(reason: Reason) -> None:
    paths = Paths(SuppressPlan(after=1, retry_ms=10))
    paths.take(ended(AttemptState.LOST, reason.value), 0)
    assert not paths.suppressed_ns(SHAPE, 1)


def test_the_path_that_failed_longest_ago_is_forgotten_first() -> None:
    paths = Paths(SuppressPlan(after=1, retry_ms=10**9))
    for number in range(MAX_PATHS + 1):
        paths.take(ended(AttemptState.REVERTED, shape=f"own:{number}"), number)
    assert not paths.suppressed_ns("own:0", MAX_PATHS + 2)
    assert paths.suppressed_ns("own:1", MAX_PATHS + 2)
    assert paths.suppressed_ns(f"own:{MAX_PATHS}", MAX_PATHS + 2)


BAD: dict[str, Attempt] = {
    "reverted": ended(AttemptState.REVERTED),
    "lost": ended(AttemptState.LOST, Reason.EXPIRED.value),
    "unknown": ended(AttemptState.UNKNOWN, Reason.DEADLINE.value),
    "unprofitable": ended(AttemptState.LANDED, realized_net=-1),
}
GOOD = (ended(AttemptState.LANDED, realized_net=0), ended(AttemptState.LOST, Reason.SIMULATION_FAILED.value))


@pytest.mark.parametrize("on", BAD)
def test_a_breaker_breaks_on_what_it_names_and_on_nothing_else(on: str) -> None:
    assert Breaker(breaker(on=on, count=1)).take(BAD[on], 0)
    others = [attempt for name, attempt in BAD.items() if name != on]
    assert not any(Breaker(breaker(on=on, count=1)).take(attempt, 0) for attempt in (*others, *GOOD))


def test_a_landed_attempt_nobody_can_account_for_counts_as_unprofitable() -> None:
    assert Breaker(breaker(on="unprofitable", count=1)).take(ended(AttemptState.LANDED, realized_net=None), 0)


def test_a_breaker_counts_within_its_time_and_anew_after_breaking() -> None:
    found = Breaker(breaker())
    times = (0, 100 * MS, 150 * MS, 160 * MS, 170 * MS)
    assert [found.take(BAD["reverted"], now) for now in times] == [False, False, True, False, True]


def test_a_breaker_of_other_strategies_does_not_count() -> None:
    assert not Breaker(breaker(count=1, strategies=("other",))).take(BAD["reverted"], 0)


@pytest.fixture
def gate() -> FakeGate:
    return FakeGate([])


def test_a_breaker_pauses_until_its_time_is_over(gate: FakeGate) -> None:
    box = BreakerBox(gate)
    box.broke(breaker(unlock_ms=10), 0)
    box.unlock(10 * MS - 1)
    assert gate.state is GateState.PAUSED
    box.unlock(10 * MS)
    assert gate.state is GateState.ARMED


def test_without_a_time_only_an_operator_resumes(gate: FakeGate) -> None:
    box = BreakerBox(gate)
    box.broke(breaker(), 0)
    box.unlock(10**18)
    assert gate.state is GateState.PAUSED


def test_an_operators_pause_is_not_ended_by_a_breaker(gate: FakeGate) -> None:
    box = BreakerBox(gate)
    box.broke(breaker(unlock_ms=10), 0)
    gate.pause("operator")
    box.unlock(10**18)
    assert gate.state is GateState.PAUSED


def test_a_breaker_may_close_the_gate_for_good(gate: FakeGate) -> None:
    BreakerBox(gate).broke(breaker(action="trip"), 0)
    assert gate.trips == [("breaker reverts", "risk")]


def test_a_dry_gate_is_not_paused(gate: FakeGate) -> None:
    gate.state = GateState.DRY
    BreakerBox(gate).broke(breaker(unlock_ms=1), 0)
    assert gate.state is GateState.DRY
