"""Rates, suppressed paths and breakers: what risk remembers between attempts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from street_fakes import FakeGate, opportunity, plan_of, strategy

from hoploop.engine.attempt import first_record
from hoploop.engine.memory import MAX_PATHS, Memory
from hoploop.model.attempts import Attempt
from hoploop.model.reasons import Reason
from hoploop.model.states import AttemptState, GateState
from hoploop.recipe.plan import BreakerPlan, Plan, Rate, SuppressPlan

MS = 1_000_000
SHAPE = "own:uni/a>uni/b"


def ended(state: AttemptState, reason: str = "", **changes: Any) -> Attempt:
    record = first_record(1, "run", opportunity())
    return msgspec.structs.replace(record, state=state, reason=reason, **{"shape": SHAPE} | changes)


def limited(*breakers: BreakerPlan, total: Rate | None = None, **changes: Any) -> Plan:
    plan = plan_of(strategy(**changes))
    return msgspec.structs.replace(plan, risk=msgspec.structs.replace(plan.risk, rate=total, breakers=breakers))


def remembering(gate: FakeGate | None = None, *breakers: BreakerPlan, **changes: Any) -> Memory:
    return Memory(limited(*breakers, **changes), gate or FakeGate([]))


def breaker(**changes: Any) -> BreakerPlan:
    values: dict[str, Any] = {
        "id": "reverts", "on": "reverted", "count": 2, "within_ms": 100, "action": "pause", "unlock_ms": None,
        "strategies": (),
    }  # fmt: skip
    return BreakerPlan(**values | changes)


@given(st.lists(st.integers(0, 50), max_size=80), st.integers(1, 5), st.integers(1, 30))
def test_no_stretch_of_time_has_more_than_the_rate(gaps: list[int], times: int, per_ms: int) -> None:
    memory, now, taken = remembering(rate=Rate(times, per_ms)), 0, []
    for gap in gaps:
        now += gap * MS
        if not memory.full("cycles", now):
            memory.started("cycles", SHAPE, now)
            taken.append(now)
    assert all(sum(start <= one < start + per_ms * MS for one in taken) <= times for start in taken)


def test_a_rate_of_a_strategy_is_its_own() -> None:
    memory = remembering(rate=Rate(2, 1_000))
    for now in (0, 1):
        assert memory.full("cycles", now) == ""
        memory.started("cycles", SHAPE, now)
    assert memory.full("cycles", 2) == "2 attempts in 1000 ms of the strategy"
    assert memory.full("other", 2) == ""
    assert memory.full("cycles", 1_000 * MS) == ""


def test_the_rate_of_all_counts_every_strategy() -> None:
    memory = remembering(total=Rate(2, 1_000))
    memory.started("cycles", SHAPE, 0)
    memory.started("other", SHAPE, 0)
    assert memory.full("third", 1) == "2 attempts in 1000 ms of all strategies"


@pytest.mark.parametrize("between", [{"rate": Rate(9, 1)}, {"rate": None}], ids=["a shorter stretch", "no rate at all"])
def test_a_rate_that_is_changed_and_changed_back_counts_what_it_counted(between: dict[str, Any]) -> None:
    memory = remembering(rate=Rate(2, 1_000))
    memory.started("cycles", SHAPE, 0)
    memory.follow(limited(**between))
    memory.started("cycles", SHAPE, 500 * MS)
    memory.follow(limited(rate=Rate(2, 1_000)))
    assert memory.full("cycles", 999 * MS)
    assert not memory.full("cycles", 1_000 * MS)


def test_a_rate_over_a_longer_stretch_counts_what_came_before_it() -> None:
    memory = remembering(rate=Rate(1, 10))
    for now in range(3):
        memory.started("cycles", SHAPE, now * 1_000 * MS)
    memory.follow(limited(rate=Rate(3, 86_400_000)))
    assert memory.full("cycles", 3_000 * MS)
    memory.follow(limited(rate=Rate(4, 86_400_000)))
    assert not memory.full("cycles", 3_000 * MS)


def test_attempts_older_than_any_limit_are_let_go() -> None:
    memory = remembering(rate=Rate(2, 1_000))
    memory.started("cycles", SHAPE, 0)
    memory.started("cycles", SHAPE, memory.kept_ns)
    memory.follow(limited(rate=Rate(2, 2 * 86_400_000)))
    assert not memory.full("cycles", memory.kept_ns)


def failing(memory: Memory, state: AttemptState, now_ns: int, reason: str = "", shape: str = SHAPE) -> None:
    memory.moved(ended(state, reason, shape=shape), now_ns)


def test_a_path_is_left_alone_after_failures_in_a_row_and_for_a_while() -> None:
    memory = remembering(suppress=SuppressPlan(after=2, retry_ms=10))
    failing(memory, AttemptState.REVERTED, 0)
    assert not memory.suppressed_ns("cycles", SHAPE, 1)
    failing(memory, AttemptState.LOST, 5 * MS, Reason.SIMULATION_FAILED.value)
    assert memory.suppressed_ns("cycles", SHAPE, 15 * MS - 1)
    assert memory.suppressed_ns("cycles", "balancer:uni/a>uni/b", 6 * MS), "whoever lends, the path is the same"
    assert not memory.suppressed_ns("cycles", "own:uni/b>uni/a", 6 * MS)
    assert not memory.suppressed_ns("other", SHAPE, 6 * MS)
    assert not memory.suppressed_ns("cycles", SHAPE, 15 * MS)


def test_one_more_failure_after_the_retry_suppresses_again() -> None:
    memory = remembering(suppress=SuppressPlan(after=2, retry_ms=10))
    for now in (0, 1, 20 * MS):
        failing(memory, AttemptState.REVERTED, now)
    assert memory.suppressed_ns("cycles", SHAPE, 21 * MS)


def test_landing_clears_a_path() -> None:
    memory = remembering(suppress=SuppressPlan(after=1, retry_ms=10))
    failing(memory, AttemptState.REVERTED, 0)
    failing(memory, AttemptState.LANDED, 1)
    assert not memory.suppressed_ns("cycles", SHAPE, 2)


def test_failures_count_while_the_recipe_does_not_ask_for_them() -> None:
    memory = remembering(suppress=SuppressPlan(after=2, retry_ms=10))
    failing(memory, AttemptState.REVERTED, 0)
    memory.follow(limited())
    failing(memory, AttemptState.REVERTED, 1)
    assert not memory.suppressed_ns("cycles", SHAPE, 2)
    memory.follow(limited(suppress=SuppressPlan(after=2, retry_ms=10)))
    assert memory.suppressed_ns("cycles", SHAPE, 2)


@pytest.mark.parametrize("reason", [Reason.DRY, Reason.PAUSED, Reason.TRIPPED, Reason.GATE_CLOSED, Reason.RECOVERED])
def test_a_closed_gate_says_nothing_about_a_path(reason: Reason) -> None:
    memory = remembering(suppress=SuppressPlan(after=1, retry_ms=10))
    failing(memory, AttemptState.LOST, 0, reason.value)
    assert not memory.suppressed_ns("cycles", SHAPE, 1)


def test_the_path_that_failed_longest_ago_is_forgotten_first() -> None:
    memory = remembering(suppress=SuppressPlan(after=1, retry_ms=10**9))
    for number in range(MAX_PATHS + 1):
        failing(memory, AttemptState.REVERTED, number, shape=f"own:{number}")
    suppressed = [memory.suppressed_ns("cycles", f"own:{number}", MAX_PATHS + 2) for number in (0, 1, MAX_PATHS)]
    assert [bool(left) for left in suppressed] == [False, True, True]


BAD: dict[str, Attempt] = {
    "reverted": ended(AttemptState.REVERTED),
    "lost": ended(AttemptState.LOST, Reason.EXPIRED.value),
    "unknown": ended(AttemptState.UNKNOWN, Reason.DEADLINE.value),
    "unprofitable": ended(AttemptState.LANDED, realized_net=-1),
}
GOOD = (ended(AttemptState.LANDED, realized_net=0), ended(AttemptState.LOST, Reason.SIMULATION_FAILED.value))


@pytest.fixture
def gate() -> FakeGate:
    return FakeGate([])


def paused(gate: FakeGate) -> bool:
    return gate.state is GateState.PAUSED


@pytest.mark.parametrize("on", BAD)
def test_a_breaker_breaks_on_what_it_names_and_on_nothing_else(on: str, gate: FakeGate) -> None:
    memory = remembering(gate, breaker(on=on, count=1))
    for attempt in (*(attempt for name, attempt in BAD.items() if name != on), *GOOD):
        memory.moved(attempt, 0)
    assert not paused(gate)
    memory.moved(BAD[on], 0)
    assert (gate.state, gate.by) == (GateState.PAUSED, "breaker reverts")


def test_a_landed_attempt_nobody_can_account_for_counts_as_unprofitable(gate: FakeGate) -> None:
    remembering(gate, breaker(on="unprofitable", count=1)).moved(ended(AttemptState.LANDED, realized_net=None), 0)
    assert paused(gate)


def test_a_breaker_counts_within_its_time_and_anew_after_breaking(gate: FakeGate) -> None:
    memory, broken = remembering(gate, breaker()), []
    for now in (0, 100 * MS, 150 * MS, 160 * MS, 170 * MS):
        memory.moved(BAD["reverted"], now)
        broken.append(paused(gate))
        if paused(gate):
            gate.resume("operator")
    assert broken == [False, False, True, False, True]


def test_a_breaker_of_other_strategies_does_not_count(gate: FakeGate) -> None:
    remembering(gate, breaker(count=1, strategies=("other",))).moved(BAD["reverted"], 0)
    assert not paused(gate)


@pytest.mark.parametrize(
    "between", [(), (breaker(within_ms=1),), (breaker(on="lost"),), (breaker(count=9),)],
    ids=["taken out", "shorter", "of another end", "of a higher count"],
)
def test_a_breaker_that_is_changed_and_changed_back_counts_what_it_counted(
    between: tuple[BreakerPlan, ...], gate: FakeGate
) -> None:
    memory = remembering(gate, breaker(count=3))
    memory.moved(BAD["reverted"], 0)
    memory.follow(limited(*between))
    memory.moved(BAD["reverted"], 50 * MS)
    memory.follow(limited(breaker(count=3)))
    assert not paused(gate)
    memory.moved(BAD["reverted"], 60 * MS)
    assert paused(gate)


def test_a_breaker_pauses_until_its_time_is_over(gate: FakeGate) -> None:
    memory = remembering(gate, breaker(count=1, unlock_ms=10))
    memory.moved(BAD["reverted"], 0)
    memory.breakers.unlock(10 * MS - 1)
    assert paused(gate)
    memory.breakers.unlock(10 * MS)
    assert gate.state is GateState.ARMED


def test_without_a_time_only_an_operator_resumes(gate: FakeGate) -> None:
    memory = remembering(gate, breaker(count=1))
    memory.moved(BAD["reverted"], 0)
    memory.breakers.unlock(10**18)
    assert paused(gate)


def test_an_operators_pause_is_not_ended_by_a_breaker(gate: FakeGate) -> None:
    memory = remembering(gate, breaker(count=1, unlock_ms=10))
    memory.moved(BAD["reverted"], 0)
    gate.pause("operator")
    memory.breakers.unlock(10**18)
    assert paused(gate)


def test_the_pause_of_two_breakers_ends_with_the_longer_one(gate: FakeGate) -> None:
    late = breaker(id="lost", on="lost", count=1, unlock_ms=30)
    memory = remembering(gate, breaker(count=1, unlock_ms=10), late)
    memory.moved(BAD["reverted"], 0)
    memory.moved(BAD["lost"], 5 * MS)
    memory.breakers.unlock(34 * MS)
    assert paused(gate)
    memory.breakers.unlock(35 * MS)
    assert gate.state is GateState.ARMED


def test_what_an_operator_resumed_is_not_held_again_by_what_broke_before(gate: FakeGate) -> None:
    memory = remembering(gate, breaker(count=1), breaker(id="lost", on="lost", count=1, unlock_ms=10))
    memory.moved(BAD["reverted"], 0)
    gate.resume("operator")
    memory.moved(BAD["lost"], 5 * MS)
    memory.breakers.unlock(15 * MS)
    assert gate.state is GateState.ARMED


def test_a_breaker_may_close_the_gate_for_good(gate: FakeGate) -> None:
    remembering(gate, breaker(count=1, action="trip")).moved(BAD["reverted"], 0)
    assert gate.trips == [("breaker reverts", "risk")]


def test_a_dry_gate_is_not_paused_but_when_it_is_armed(gate: FakeGate) -> None:
    gate.state = GateState.DRY
    memory = remembering(gate, breaker(count=1, unlock_ms=10))
    memory.moved(BAD["reverted"], 0)
    assert gate.state is GateState.DRY
    assert memory.breakers.holder(10 * MS - 1) == "breaker reverts"
    assert memory.breakers.holder(10 * MS) == ""
