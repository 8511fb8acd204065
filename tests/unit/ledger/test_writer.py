"""The writer loses nothing it was given, and says at once when it cannot keep that promise."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from street_fakes import opportunity

from hoploop.engine.attempt import first_record
from hoploop.errors import LedgerError
from hoploop.ledger.database import connect
from hoploop.ledger.reader import Reader
from hoploop.ledger.writer import Writer
from hoploop.model.attempts import Attempt
from hoploop.model.events import AttemptAdvanced, AttemptIntended, GapFound, RunEnded, RunStarted
from hoploop.model.states import AttemptState

DAY_NS = 86_400 * 1_000_000_000
NOON = 19_700 * DAY_NS + DAY_NS // 2
HUGE = 10**30


class Desk:
    """Opens writers on one file and closes them after the test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOON
        self.failures: list[LedgerError] = []
        self._open: list[Writer] = []

    def writer(self, *, limit: int = 1_000, connect: Callable[[Path, str], sqlite3.Connection] = connect) -> Writer:
        writer = Writer.open(
            self.path, wall_ns=lambda: self.now, on_failure=self.failures.append, limit=limit, connect=connect
        )
        self._open.append(writer)
        return writer

    def close(self) -> None:
        for writer in self._open:
            writer.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "ledger.db")
    yield found
    found.close()


def record(number: int, state: AttemptState, **changes: object) -> Attempt:
    return msgspec.structs.replace(first_record(number, "f00d", opportunity()), state=state, **changes)


def advanced(number: int, state: AttemptState, at_ns: int = NOON, **changes: object) -> AttemptAdvanced:
    return AttemptAdvanced(at_ns=at_ns, cause=1, attempt=record(number, state, **changes))


def test_what_was_recorded_is_there_after_closing(desk: Desk) -> None:
    writer = desk.writer()
    writer.record(advanced(1, AttemptState.APPROVED, amount_in=HUGE))
    writer.close()
    with Reader(desk.path) as reader:
        assert reader.attempts() == (record(1, AttemptState.APPROVED, amount_in=HUGE),)


def test_an_event_comes_back_as_it_was(desk: Desk) -> None:
    writer = desk.writer()
    event = advanced(1, AttemptState.LANDED, predicted_net=HUGE, realized_net=-HUGE)
    writer.record(event)
    writer.close()
    with Reader(desk.path) as reader:
        assert reader.history(1) == (event,)


async def test_an_intent_is_readable_by_others_when_it_returns(desk: Desk) -> None:
    writer = desk.writer()
    built = record(1, AttemptState.BUILT, tx_id="0xabc")
    writer.record(advanced(1, AttemptState.BUILT, tx_id="0xabc"))
    await writer.intend(msgspec.structs.replace(built, predicted_net=77))
    with Reader(desk.path) as reader:
        (found,) = reader.unfinished()
        assert (found.intended, found.attempt.predicted_net, found.attempt.tx_id) == (True, 77, "0xabc")
        assert [type(event) for event in reader.history(1)] == [AttemptAdvanced, AttemptIntended]


async def test_an_attempt_keeps_the_mark_of_its_intent(desk: Desk) -> None:
    writer = desk.writer()
    await writer.intend(record(1, AttemptState.BUILT))
    writer.record(advanced(1, AttemptState.SENT))
    writer.close()
    db = connect(desk.path, "ro")
    assert db.execute("SELECT intended FROM attempt").fetchall() == [(1,)]
    db.close()


async def test_an_intent_is_committed_with_full_synchronisation(desk: Desk) -> None:
    statements: list[str] = []

    def traced(path: Path, mode: str) -> sqlite3.Connection:
        db = connect(path, mode)
        db.set_trace_callback(statements.append)
        return db

    writer = desk.writer(connect=traced)
    statements.clear()
    await writer.intend(record(1, AttemptState.BUILT))
    wanted = ["PRAGMA synchronous=FULL", "BEGIN IMMEDIATE", "COMMIT"]
    assert [text for text in statements if text in wanted] == wanted


def test_an_attempt_without_an_intent_is_known_not_to_have_left(desk: Desk) -> None:
    writer = desk.writer()
    writer.record(advanced(1, AttemptState.BUILT))
    writer.record(advanced(2, AttemptState.SENT))
    writer.record(advanced(3, AttemptState.LANDED))
    writer.close()
    with Reader(desk.path) as reader:
        assert [(one.attempt.id, one.intended) for one in reader.unfinished()] == [(1, False), (2, True)]


def test_attempt_numbers_go_on_after_a_restart(desk: Desk) -> None:
    first = desk.writer()
    number = first.next_attempt_id()
    first.record(advanced(number, AttemptState.APPROVED))
    first.close()
    assert (number, desk.writer().next_attempt_id()) == (1, 2)


def test_losses_of_the_day_survive_a_restart(desk: Desk) -> None:
    first = desk.writer()
    first.record(advanced(1, AttemptState.LANDED, realized_net=30))
    first.record(advanced(2, AttemptState.REVERTED, realized_net=-80))
    assert first.lost_today("weth") == 50
    first.close()
    assert desk.writer().lost_today("weth") == 50


def test_a_landed_attempt_nobody_can_account_for_counts_its_costs_as_lost(desk: Desk) -> None:
    first = desk.writer()
    first.record(advanced(1, AttemptState.LANDED, realized_network_fee=7, realized_tip=3))
    assert first.lost_today("weth") == 10
    first.close()
    assert desk.writer().lost_today("weth") == 10


def test_a_profitable_day_has_no_loss(desk: Desk) -> None:
    writer = desk.writer()
    writer.record(advanced(1, AttemptState.LANDED, realized_net=30))
    assert writer.lost_today("weth") == 0


def test_fees_of_the_day_survive_a_restart(desk: Desk) -> None:
    first = desk.writer()
    first.record(advanced(1, AttemptState.LANDED, realized_network_fee=7, realized_tip=3, realized_net=30))
    first.record(advanced(2, AttemptState.REVERTED, realized_network_fee=HUGE, realized_tip=0, realized_net=-HUGE))
    first.record(advanced(3, AttemptState.LOST))
    assert first.fees_today("weth") == HUGE + 10
    first.close()
    second = desk.writer()
    assert second.fees_today("weth") == HUGE + 10
    desk.now += DAY_NS
    assert second.fees_today("weth") == 0
    second.close()
    assert desk.writer().fees_today("weth") == 0


def test_a_new_day_starts_without_losses(desk: Desk) -> None:
    writer = desk.writer()
    writer.record(advanced(1, AttemptState.REVERTED, realized_net=-80))
    desk.now += DAY_NS
    assert writer.lost_today("weth") == 0


def test_a_day_ends_at_midnight_utc_and_not_before(desk: Desk) -> None:
    midnight = NOON + DAY_NS // 2
    desk.now = midnight - 1
    writer = desk.writer()
    lost = {"realized_net": -7, "realized_network_fee": 5, "realized_tip": 2}
    writer.record(advanced(1, AttemptState.REVERTED, midnight - 1, **lost))
    desk.now = midnight
    writer.record(advanced(2, AttemptState.REVERTED, midnight - 1, **lost))
    assert (writer.lost_today("weth"), writer.fees_today("weth")) == (0, 0)
    writer.record(advanced(3, AttemptState.REVERTED, midnight, **lost))
    assert (writer.lost_today("weth"), writer.fees_today("weth")) == (7, 7)
    writer.close()
    assert (desk.writer().lost_today("weth"), desk.writer().fees_today("weth")) == (7, 7)


def test_a_clock_set_back_over_midnight_does_not_open_the_day_twice(desk: Desk) -> None:
    desk.now = midnight = NOON + DAY_NS // 2
    writer = desk.writer()
    writer.record(advanced(1, AttemptState.REVERTED, midnight, realized_net=-7, realized_network_fee=7))
    desk.now = midnight - 1
    assert (writer.lost_today("weth"), writer.fees_today("weth")) == (7, 7)
    desk.now = midnight + 1
    assert (writer.lost_today("weth"), writer.fees_today("weth")) == (7, 7)


def test_days_are_summed_by_asset(desk: Desk) -> None:
    writer = desk.writer()
    writer.record(advanced(1, AttemptState.LANDED, predicted_net=HUGE, realized_net=HUGE - 1))
    writer.record(advanced(2, AttemptState.REVERTED, predicted_net=5, realized_net=-80))
    writer.record(advanced(3, AttemptState.LOST))
    writer.close()
    with Reader(desk.path) as reader:
        (day,) = reader.days()
    assert (day.day, day.asset, day.landed, day.reverted) == ("2023-12-09", "weth", 1, 1)
    assert (day.predicted, day.realized) == (HUGE + 5, HUGE - 81)


def test_a_run_is_described_by_its_first_and_last_event(desk: Desk) -> None:
    writer = desk.writer()
    writer.record(RunStarted(at_ns=NOON, recipe="r", fingerprint="f00d", mode="paper", version="0.1"))
    writer.record(RunEnded(at_ns=NOON + 5, reason="stopped"))
    writer.close()
    with Reader(desk.path) as reader:
        (run,) = reader.runs()
    assert (run.recipe, run.mode, run.ended_ns, run.end_reason) == ("r", "paper", NOON + 5, "stopped")


def test_attempts_are_found_by_state_and_chain(desk: Desk) -> None:
    writer = desk.writer()
    writer.record(advanced(1, AttemptState.LANDED))
    writer.record(advanced(2, AttemptState.LOST))
    writer.record(advanced(3, AttemptState.LANDED, chain="sol"))
    writer.close()
    with Reader(desk.path) as reader:
        assert [one.id for one in reader.attempts((AttemptState.LANDED,))] == [3, 1]
        assert [one.id for one in reader.attempts(chain="sol")] == [3]
        assert reader.attempt(2) == record(2, AttemptState.LOST)
        assert reader.attempt(9) is None
        assert reader.counts() == {
            ("eth", AttemptState.LANDED): 1, ("eth", AttemptState.LOST): 1, ("sol", AttemptState.LANDED): 1,
        }  # fmt: skip


def full_disk(path: Path, mode: str) -> sqlite3.Connection:
    """SQLite itself says SQLITE_FULL once the file may not grow any more."""
    db = connect(path, mode)
    db.execute(f"PRAGMA max_page_count={db.execute('PRAGMA page_count').fetchone()[0]}")
    return db


async def test_a_full_disk_fails_the_intent_and_tells_once(desk: Desk) -> None:
    desk.writer().close()
    writer = desk.writer(connect=full_disk)
    with pytest.raises(LedgerError) as refusal:
        await writer.intend(record(1, AttemptState.BUILT, detail="x" * 500_000))
    assert refusal.value.code == "L105"
    assert writer.failure is refusal.value
    assert desk.failures == [refusal.value]


async def test_nothing_is_written_after_a_failure(desk: Desk) -> None:
    desk.writer().close()
    writer = desk.writer(connect=full_disk)
    writer.record(advanced(1, AttemptState.APPROVED, detail="x" * 500_000))
    with pytest.raises(LedgerError):
        await writer.intend(record(1, AttemptState.BUILT))
    writer.record(advanced(2, AttemptState.APPROVED))
    writer.close()
    with Reader(desk.path) as reader:
        assert reader.attempts() == ()


async def test_a_number_over_64_bits_where_none_belongs_fails_instead_of_hanging(desk: Desk) -> None:
    writer = desk.writer()
    with pytest.raises(LedgerError) as refusal:
        await writer.intend(record(1, AttemptState.BUILT, expires=2**64))
    assert refusal.value.code == "L105"


def test_a_queue_past_its_limit_is_a_failure_not_a_loss(desk: Desk) -> None:
    release = threading.Event()

    class Slow(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            if sql == "BEGIN IMMEDIATE":
                release.wait(10)
            return super().execute(sql, *values)

    def slow(path: Path, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode={mode}", uri=True, isolation_level=None,
                               check_same_thread=False, factory=Slow)  # fmt: skip

    writer = desk.writer(limit=3, connect=slow)
    for number in range(10):
        writer.record(GapFound(chain="eth", why="test", number=number))
    release.set()
    assert [failure.code for failure in desk.failures] == ["L106"]


async def test_an_intent_after_closing_is_refused(desk: Desk) -> None:
    writer = desk.writer()
    writer.close()
    with pytest.raises(LedgerError) as refusal:
        await writer.intend(record(1, AttemptState.BUILT))
    assert refusal.value.code == "L107"


async def test_a_cancelled_intent_does_not_disturb_the_next(desk: Desk) -> None:
    writer = desk.writer()
    task = asyncio.ensure_future(writer.intend(record(1, AttemptState.BUILT)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await writer.intend(record(2, AttemptState.BUILT))
    assert writer.failure is None


def test_events_cannot_be_changed_or_taken_away(desk: Desk) -> None:
    writer = desk.writer()
    writer.record(advanced(1, AttemptState.APPROVED))
    writer.close()
    db = connect(desk.path, "rwc")
    for statement in ("UPDATE event SET at_ns = 0", "DELETE FROM event"):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    db.close()
