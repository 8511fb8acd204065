"""A restart is no way around a limit: a new process knows what the one before it knew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_fakes import FakeClock, opportunity, plan_of, strategy

from hoploop.engine.attempt import first_record
from hoploop.engine.memory import Memory
from hoploop.errors import LedgerError
from hoploop.ledger.database import connect
from hoploop.ledger.reader import Reader
from hoploop.ledger.writer import Writer
from hoploop.model.attempts import Attempt
from hoploop.model.events import AttemptAdvanced, GateChanged
from hoploop.model.states import AttemptState, GateState
from hoploop.recipe.plan import BreakerPlan, Plan, Rate, SuppressPlan
from hoploop.runtime.bus import Bus
from hoploop.runtime.gate import Gate
from hoploop.runtime.remember import remember

A = AttemptState
Begin = Callable[..., "Process"]
MS = 1_000_000
SHAPE, OTHER = "own:uni/a>uni/b", "own:uni/a>uni/c"
REVERTS = BreakerPlan(
    id="reverts", on="reverted", count=2, within_ms=100, action="pause", unlock_ms=60, strategies=()
)
LOST = msgspec.structs.replace(REVERTS, id="lost", on="lost", count=1, unlock_ms=None)
TRIPS = msgspec.structs.replace(REVERTS, id="trips", action="trip", unlock_ms=None)


def limited(*breakers: BreakerPlan, **changes: Any) -> Plan:
    plan = plan_of(strategy(**changes))
    return msgspec.structs.replace(plan, risk=msgspec.structs.replace(plan.risk, breakers=breakers))


class Process:
    """The parts of an engine that remember, on a folder that stays."""

    def __init__(self, folder: Path, plan: Plan, clock: FakeClock, *, trusted: bool = False) -> None:
        self.folder, self.plan, self.clock = folder, plan, clock
        self.gate = Gate(kill_file=folder / "KILL", on_change=self._changed)
        self.book = Writer.open(folder / "ledger.db", wall_ns=clock.wall_ns, on_failure=lambda error: None)
        self._bus = Bus(clock, self.book.record)
        self._attempts: dict[int, Attempt] = {}
        self.telling: list[GateChanged] | None = None
        """What the gate says is told a little later, as it is in an engine's loop."""
        self.memory = Memory(plan, self.gate)
        with Reader(folder / "ledger.db") as earlier:
            remember(self.memory, earlier, clock, self.gate, clock_trusted=trusted)

    def armed(self) -> Process:
        """As paper mode does, or an operator."""
        if self.gate.state is GateState.DRY:
            self.gate.arm("ann", self.memory.breakers.holder(self.clock.mono_ns()))
        return self

    def start(self, shape: str = SHAPE) -> int:
        """Approve an attempt."""
        record = first_record(self.book.next_attempt_id(), "f00d", opportunity())
        self.memory.started(record.strategy, shape, self.clock.mono_ns())
        self._attempts[record.id] = msgspec.structs.replace(record, shape=shape)
        self._move(record.id, A.APPROVED)
        return record.id

    def end(self, number: int, state: AttemptState, reason: str = "") -> None:
        """Let an attempt move."""
        self._move(number, state, reason)

    def fail(self, state: AttemptState = A.REVERTED, reason: str = "", shape: str = SHAPE) -> None:
        """An attempt from beginning to end."""
        self.end(self.start(shape), state, reason)

    def wait(self, ms: int) -> None:
        """Time passes, and heads come in."""
        self.clock.now_ns += ms * MS
        self.clock.wall += ms * MS
        self.memory.breakers.unlock(self.clock.mono_ns())

    def again(self, plan: Plan | None = None, *, away_ms: int = 0, trusted: bool = False) -> Process:
        """The process ends; another begins, on a machine that was started anew meanwhile."""
        self.book.close()
        clock = FakeClock(now_ns=7 * MS, wall=self.clock.wall + away_ms * MS)
        return Process(self.folder, plan or self.plan, clock, trusted=trusted)

    def answers(self) -> tuple[Any, ...]:
        """What risk is told now."""
        now, memory = self.clock.mono_ns(), self.memory
        cooling = {key: now - at for key, at in memory.last_ns.items()}
        paths = [memory.suppressed_ns("cycles", shape, now) > 0 for shape in (SHAPE, OTHER)]
        return memory.full("cycles", now), paths, cooling, self.gate.state

    def _move(self, number: int, state: AttemptState, reason: str = "") -> None:
        attempt = msgspec.structs.replace(self._attempts[number], state=state, reason=reason)
        self._bus.publish(AttemptAdvanced(attempt=attempt))
        self.memory.moved(attempt, self.clock.mono_ns())

    def _changed(self, state: GateState, reason: str, by: str) -> None:
        change = GateChanged(state=state.value, reason=reason, by=by)
        if self.telling is None:
            self._bus.publish(change)
        else:
            self.telling.append(change)

    def told(self) -> None:
        """Now the gate's words are written."""
        for change in self.telling or ():
            self._bus.publish(change)
        self.telling = None


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every ledger that a test opens is closed after it."""
    opened: list[Writer] = []
    real = Writer.open

    def noted(*values: Any, **named: Any) -> Writer:
        opened.append(real(*values, **named))
        return opened[-1]

    monkeypatch.setattr(Writer, "open", noted)
    yield
    for writer in opened:
        writer.close()


@pytest.fixture
def first(tmp_path: Path) -> Begin:
    """Begin the first process in an empty folder, armed."""

    def begin(*breakers: BreakerPlan, **changes: Any) -> Process:
        return Process(tmp_path, limited(*breakers, **changes), FakeClock()).armed()

    return begin


def test_a_rate_holds_over_a_restart_and_not_longer(first: Begin) -> None:
    process = first(rate=Rate(2, 100))
    process.start()
    process.wait(40)
    process.start()
    assert process.again(away_ms=59).answers()[0]
    assert not process.again(away_ms=60).answers()[0]


def test_a_rate_that_another_recipe_asks_for_counts_what_was_done_before(first: Begin) -> None:
    process = first()
    process.start()
    assert process.again(limited(rate=Rate(1, 86_400_000)), away_ms=86_399_999).answers()[0]


def test_an_attempt_counts_when_it_was_approved_and_not_when_it_ended(first: Begin) -> None:
    process = first(rate=Rate(1, 100))
    number = process.start()
    process.wait(90)
    process.end(number, A.REVERTED)
    assert process.again(away_ms=9).answers()[0]
    assert not process.again(away_ms=10).answers()[0]


def test_a_cooldown_goes_on_where_it_was(first: Begin) -> None:
    process = first(cooldown_ms=100)
    process.start()
    assert process.again(away_ms=30).answers()[2] == {("cycles", SHAPE): 30 * MS}


def test_a_suppressed_path_stays_suppressed(first: Begin) -> None:
    process = first(suppress=SuppressPlan(after=2, retry_ms=100))
    process.fail()
    process.fail(A.LOST, "simulation_failed")
    assert process.again(away_ms=99).answers()[1] == [True, False]
    assert process.again(away_ms=100).answers()[1] == [False, False]


def test_failures_in_a_row_count_however_long_ago_they_were(first: Begin) -> None:
    process = first(suppress=SuppressPlan(after=2, retry_ms=100))
    process.fail()
    again = process.again(away_ms=40 * 86_400_000).armed()
    again.fail()
    assert again.answers()[1] == [True, False]


def test_a_path_that_landed_begins_anew(first: Begin) -> None:
    process = first(suppress=SuppressPlan(after=2, retry_ms=100))
    process.fail()
    process.fail(A.LANDED)
    process.fail()
    process.fail(A.LOST, "recovered")
    assert process.again().answers()[1] == [False, False]


def test_a_breaker_counts_on(first: Begin) -> None:
    process = first(REVERTS)
    process.fail()
    again = process.again(away_ms=99).armed()
    again.fail()
    assert (again.gate.state, again.gate.by) == (GateState.PAUSED, "breaker reverts")


def test_a_breaker_forgets_what_is_too_long_ago(first: Begin) -> None:
    process = first(REVERTS)
    process.fail()
    again = process.again(away_ms=100).armed()
    again.fail()
    assert again.gate.state is GateState.ARMED


def test_a_pause_goes_on_until_its_time_is_over(first: Begin) -> None:
    process = first(REVERTS)
    process.fail()
    process.fail()
    again = process.again(away_ms=50).armed()
    assert (again.gate.state, again.gate.by) == (GateState.PAUSED, "breaker reverts")
    again.wait(9)
    assert again.gate.state is GateState.PAUSED
    again.wait(1)
    assert again.gate.state is GateState.ARMED


def test_restarts_do_not_draw_a_pause_out(first: Begin) -> None:
    process = first(REVERTS)
    process.fail()
    process.fail()
    again = process.again(away_ms=30).armed().again(away_ms=29).armed()
    assert again.gate.state is GateState.PAUSED
    assert again.again(away_ms=1).armed().gate.state is GateState.ARMED


def test_nothing_leaves_between_arming_and_a_pause_that_goes_on(first: Begin) -> None:
    process = first(REVERTS)
    process.fail()
    process.fail()
    again = process.again().armed()
    again.book.close()
    with Reader(again.folder / "ledger.db") as book:
        states = [event.state for event in book.events() if isinstance(event, GateChanged)]
    assert states == ["armed", "paused", "paused"]


def test_what_waits_for_an_operator_waits_for_one_at_any_later_start(first: Begin) -> None:
    process = first(LOST)
    process.fail(A.LOST, "expired")
    again = process.again(away_ms=40 * 86_400_000).armed().again().armed()
    assert (again.gate.state, again.gate.by) == (GateState.PAUSED, "breaker lost")
    again.gate.resume("ann")
    assert again.again().armed().gate.state is GateState.ARMED


def test_a_breaker_that_the_recipe_lost_waits_for_an_operator(first: Begin) -> None:
    process = first(REVERTS)
    process.fail()
    process.fail()
    assert process.again(limited(), away_ms=86_400_000).armed().gate.state is GateState.PAUSED


def test_a_breaker_that_broke_counts_from_zero_at_the_next_start_too(first: Begin) -> None:
    process = first(REVERTS)
    process.fail()
    process.fail()
    process.wait(60)
    again = process.again().armed()
    again.fail()
    assert again.gate.state is GateState.ARMED


def test_an_end_that_is_written_before_the_pause_it_comes_after_counts_again(first: Begin) -> None:
    process = first(REVERTS)
    process.telling = []
    for _ in range(3):
        process.fail()
    process.told()
    process.wait(60)
    again = process.again().armed()
    again.fail()
    assert again.gate.state is GateState.PAUSED


def test_a_breaker_whose_count_a_crash_left_without_a_pause_pauses_at_the_start(first: Begin) -> None:
    process = first()
    process.fail()
    process.wait(10)
    process.fail()
    again = process.again(limited(REVERTS), away_ms=59).armed()
    assert (again.gate.state, again.gate.by) == (GateState.PAUSED, "breaker reverts")
    again.wait(1)
    assert again.gate.state is GateState.ARMED


def test_a_breaker_whose_trip_a_crash_swallowed_trips_at_the_start(first: Begin) -> None:
    process = first()
    process.fail()
    process.fail()
    again = process.again(limited(TRIPS))
    assert (again.gate.state, again.gate.reason) == (GateState.TRIPPED, "breaker trips")
    assert again.again().gate.state is GateState.DRY, "what it tripped for is counted; the gate's own file keeps a trip"


def test_two_breakers_hold_until_both_let_go(first: Begin) -> None:
    process = first(REVERTS, LOST)
    process.fail()
    process.fail()
    process.fail(A.LOST, "expired")
    assert process.again(away_ms=60).armed().gate.by == "breaker lost"


def test_an_operators_pause_over_a_breakers_does_not_end_the_breakers(first: Begin) -> None:
    process = first(REVERTS)
    process.fail()
    process.fail()
    process.gate.pause("ann")
    process.wait(30)
    again = process.again().armed()
    assert again.gate.by == "breaker reverts"


def test_what_a_book_ahead_of_the_clock_tells_counts_as_just_now(first: Begin) -> None:
    process = first(rate=Rate(1, 100))
    process.start()
    again = process.again(away_ms=-4_000)
    assert again.answers()[0]
    assert again.gate.state is GateState.DRY


def test_a_book_far_ahead_of_the_clock_trips_the_gate_until_an_operator_trusts_the_clock(first: Begin) -> None:
    process = first(rate=Rate(1, 100))
    process.start()
    again = process.again(away_ms=-5_001)
    assert (again.gate.state, again.gate.reason) == (GateState.TRIPPED, "clock_jump")
    trusted = again.again(trusted=True)
    assert trusted.gate.state is GateState.DRY
    assert trusted.answers()[0]


def test_a_book_that_cannot_be_read_is_no_empty_book(first: Begin) -> None:
    process = first(rate=Rate(1, 100))
    process.book.close()
    with closing(connect(process.folder / "ledger.db", "rwc")) as db:
        row = "run, seq, at_ns, cause, type, attempt, payload) VALUES (1, 1, ?, 0, 'AttemptAdvanced', 1, '{}'"
        db.execute(f"INSERT INTO event ({row})", (process.clock.wall,))
    with pytest.raises(LedgerError) as refusal:
        process.again()
    assert refusal.value.code == "L102"


STEP = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 70)),
    st.tuples(
        st.just("fail"), st.sampled_from([A.REVERTED, A.LANDED, A.LOST, A.UNKNOWN]),
        st.sampled_from(["", "expired", "simulation_failed"]), st.sampled_from([SHAPE, OTHER]),
    ),
    st.just(("resume",)),
)  # fmt: skip
STRATEGY = {"rate": Rate(3, 80), "suppress": SuppressPlan(after=2, retry_ms=90), "cooldown_ms": 50}


def live(process: Process, step: tuple[Any, ...]) -> None:
    """One step of a story."""
    if step[0] == "resume":
        if process.gate.state is GateState.PAUSED:
            process.gate.resume("ann")
    else:
        getattr(process, step[0])(*step[1:])


@settings(max_examples=max(10, settings.default.max_examples // 4))
@given(chapters=st.lists(st.lists(STEP, max_size=12), min_size=2, max_size=4))
def test_a_process_that_was_restarted_decides_as_one_that_never_ended(
    chapters: list[list[tuple[Any, ...]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    plan = limited(REVERTS, LOST, **STRATEGY)
    steady, restarted = (Process(tmp_path_factory.mktemp("s"), plan, FakeClock()).armed() for _ in range(2))
    for chapter in chapters:
        for step in chapter:
            live(steady, step)
            live(restarted, step)
            assert restarted.answers() == steady.answers()
        restarted = restarted.again().armed()
        assert restarted.answers() == steady.answers()
