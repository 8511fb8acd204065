"""Whatever routes, simulations, gates and chains answer: moves stay legal, pools are not shared, the book agrees."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from street_fakes import BLOCK, POOLS, FakeClient, FakeClock, FakeGate, Scene, opportunity

from hoploop.engine.recover import Recovery
from hoploop.errors import Rejected, TransientError, Unreachable
from hoploop.ledger import project
from hoploop.ledger.database import connect
from hoploop.ledger.reader import Reader
from hoploop.ledger.writer import Writer
from hoploop.model.attempts import Attempt
from hoploop.model.chain import Outcome, Simulation
from hoploop.model.events import AttemptAdvanced, Event
from hoploop.model.states import ATTEMPT, AttemptState, GateState

A = AttemptState
AT_NS = 1_700_000_000 * 1_000_000_000
ENDS = (A.LANDED, A.REVERTED, A.LOST)
MAY_HAVE_LEFT = (A.SENT, A.LANDED, A.REVERTED, A.UNKNOWN)

amounts = st.integers(0, 10**24)
outcomes = st.builds(
    Outcome, status=st.sampled_from(["landed", "reverted", "expired"]), number=st.integers(BLOCK, BLOCK + 20),
    gained=st.one_of(st.none(), amounts), network_fee=amounts, tip=amounts, units=st.integers(0, 500),
    first=st.sampled_from([True, False, None]),
)  # fmt: skip
answers = st.one_of(st.none(), outcomes, st.just(TransientError("E401", "timeout")))
simulations = st.one_of(
    st.builds(Simulation, ok=st.booleans(), units=st.integers(0, 500), gained=st.one_of(st.none(), amounts)),
    st.just(TransientError("E401", "timeout")),
)
failures = st.sampled_from([None, Rejected("E401", "no"), Unreachable("E401", "gone")])
names = st.lists(st.sampled_from("abcd"), min_size=2, max_size=3, unique=True)


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One run: what is tried, and how the world answers."""

    tries: list[list[str]]
    simulation: Any
    outcomes: list[Any]
    before: Any
    after: Any
    gate: GateState
    trip_at: int


stories = st.builds(
    Story, tries=st.lists(names, min_size=1, max_size=5), simulation=simulations,
    outcomes=st.lists(answers, max_size=8),
    before=failures, after=failures, gate=st.sampled_from([GateState.ARMED, GateState.ARMED, GateState.DRY]),
    trip_at=st.integers(0, 12),
)  # fmt: skip


def play(story: Story) -> Scene:
    """Run it to its end; attempts the chain never settles are cut off as a second kill does."""

    async def run() -> Scene:
        scene = Scene(ordered=bool(story.trip_at % 2))
        scene.client.simulation, scene.client.outcomes = story.simulation, list(story.outcomes)
        scene.routes["relay"].fails_before, scene.routes["public"].fails_after = story.before, story.after
        scene.gate.state = story.gate
        scene.gate.before_permit = lambda: _trip_at(scene.gate, story.trip_at)
        await scene.take(*(opportunity(*tried) for tried in story.tries))
        await scene.cancel()
        return scene

    return asyncio.run(run())


def _trip_at(gate: FakeGate, count: int) -> None:
    if gate.story.count("permit") == count:
        gate.trip("kill", "operator")


def advances(events: list[Event]) -> list[Attempt]:
    return [event.attempt for event in events if isinstance(event, AttemptAdvanced)]


def histories(events: list[Event]) -> dict[int, list[Attempt]]:
    found: dict[int, list[Attempt]] = {}
    for attempt in advances(events):
        found.setdefault(attempt.id, []).append(attempt)
    return found


@given(stories)
def test_every_told_move_is_in_the_table(story: Story) -> None:
    for history in histories(play(story).events).values():
        states = [A.FOUND, *(attempt.state for attempt in history)]
        assert all(to in ATTEMPT[now] for now, to in pairwise(states))


@given(stories)
def test_no_two_unfinished_attempts_share_a_pool(story: Story) -> None:
    held: dict[int, set[str]] = {}
    for attempt in advances(play(story).events):
        pools = set(attempt.shape.split(":")[1].split(">"))
        if attempt.state is A.APPROVED:
            assert not any(pools & others for others in held.values())
            held[attempt.id] = pools
        if attempt.state in ENDS:
            held.pop(attempt.id)


@given(stories)
def test_bytes_leave_only_for_attempts_with_an_intent_and_never_after_a_trip(story: Story) -> None:
    scene = play(story)
    intended = {attempt.tx_id for attempt in scene.book.intents}
    taken = {tx.id for route in scene.routes.values() for tx in route.taken}
    accepted = {
        tx.id for route in scene.routes.values() if not isinstance(route.fails_after, Rejected) for tx in route.taken
    }
    sent = {attempt.tx_id for attempt in advances(scene.events) if attempt.state in MAY_HAVE_LEFT}
    assert taken <= intended
    assert accepted <= sent
    permits = [at for at, what in enumerate(scene.story) if what == "permit"][story.trip_at :]
    assert not permits or "bytes" not in " ".join(scene.story[permits[0] :])


@given(stories)
def test_net_is_always_gain_less_fee_less_tip_and_differences_have_reasons(story: Story) -> None:
    for attempt in advances(play(story).events):
        if attempt.state not in (A.LANDED, A.REVERTED):
            continue
        costs = (attempt.realized_network_fee or 0) + (attempt.realized_tip or 0)
        if attempt.realized_gross is not None:
            assert attempt.realized_net == attempt.realized_gross - costs
        assert attempt.realized_net == attempt.predicted_net or attempt.difference


@given(stories)
def test_the_book_says_what_the_engine_said_and_can_be_made_anew_from_its_events(story: Story) -> None:
    scene = play(story)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        write(path, scene.events)
        with Reader(path) as reader:
            kept = {attempt.id: attempt for attempt in reader.attempts(limit=1_000)}
        assert kept == {number: history[-1] for number, history in histories(scene.events).items()}
        before, after = rebuilt(path)
        assert before == after


@given(stories, st.integers(0, 40))
def test_a_crash_at_any_event_is_recovered_to_an_end_by_legal_moves(story: Story, cut: int) -> None:
    scene = play(story)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        write(path, scene.events[:cut], scene.book.intents)
        moves = recover(path)
        with Reader(path) as reader:
            assert reader.unfinished() == ()
            recorded = {attempt.id for attempt in reader.attempts(limit=1_000)}
    assert {attempt.id for attempt in moves} <= recorded
    told = histories(scene.events[:cut])
    for attempt in moves:
        history = told[attempt.id]
        assert attempt.state in ATTEMPT[history[-1].state]
        history.append(attempt)


def write(path: Path, events: list[Event], intents: list[Attempt] | None = None) -> None:
    """Record events, each intent right after its attempt was built."""
    waiting = {attempt.id: attempt for attempt in intents or ()}

    async def run() -> None:
        writer = Writer.open(path, wall_ns=lambda: AT_NS, on_failure=_fail)
        for event in events:
            writer.record(msgspec.structs.replace(event, at_ns=AT_NS))
            if isinstance(event, AttemptAdvanced) and event.attempt.state is A.BUILT and event.attempt.id in waiting:
                await writer.intend(waiting[event.attempt.id])
        writer.close()

    asyncio.run(run())


def recover(path: Path) -> list[Attempt]:
    """As the next start does, on a chain where everything intended landed."""

    async def run() -> list[Attempt]:
        with Reader(path) as reader:
            found = reader.unfinished()
        writer = Writer.open(path, wall_ns=lambda: AT_NS, on_failure=_fail)
        moved: list[Attempt] = []

        def emit(event: Event) -> None:
            assert isinstance(event, AttemptAdvanced)
            moved.append(event.attempt)
            writer.record(msgspec.structs.replace(event, at_ns=AT_NS))

        outcome = Outcome(status="landed", number=BLOCK + 1, gained=1_000, network_fee=100)
        client = FakeClient([], outcomes=[outcome] * len(found))
        recovery = Recovery({"eth": client}, emit, FakeClock(), pause=_no_pause, progress=lambda done, total: None)
        await recovery.run(found)
        writer.close()
        return moved

    return asyncio.run(run())


def rebuilt(path: Path) -> tuple[list[Any], list[Any]]:
    """All projection rows before and after they were made anew."""
    db = connect(path, "rwc")
    try:
        before = rows(db)
        db.execute("BEGIN")
        project.rebuild(db)
        db.execute("COMMIT")
        return before, rows(db)
    finally:
        db.close()


def rows(db: sqlite3.Connection) -> list[Any]:
    return [db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in ("attempt", "day_result")]


async def _no_pause() -> None:
    return


def _fail(error: Exception) -> None:
    raise AssertionError(error)


def test_the_story_can_reach_every_pool() -> None:
    assert {one.id[-1] for one in POOLS} == set("abcd")
