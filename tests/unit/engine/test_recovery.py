"""Whatever an earlier run left open is settled from the chain before the gate may arm."""

from __future__ import annotations

import msgspec
import pytest
from street_fakes import BLOCK, FakeClient, FakeClock, landed, opportunity

from hoploop.engine.attempt import first_record
from hoploop.engine.recover import Recovery
from hoploop.errors import MarketError, TransientError
from hoploop.model.attempts import Attempt, Unfinished
from hoploop.model.chain import Outcome
from hoploop.model.events import AttemptAdvanced, Event
from hoploop.model.states import AttemptState

A = AttemptState


class Start:
    """A process that finds attempts in the book."""

    def __init__(self, *outcomes: Outcome | Exception | None) -> None:
        self.events: list[Event] = []
        self.client = FakeClient([], outcomes=list(outcomes))
        self.pauses = 0
        self.progress: list[tuple[int, int]] = []

    async def recover(self, *found: Unfinished) -> list[Attempt]:
        recovery = Recovery(
            {"eth": self.client}, self.events.append, FakeClock(), pause=self._pause,
            progress=lambda done, total: self.progress.append((done, total)),
        )
        await recovery.run(found)
        return [event.attempt for event in self.events if isinstance(event, AttemptAdvanced)]

    async def _pause(self) -> None:
        self.pauses += 1


def left(state: AttemptState, *, intended: bool = True, number: int = 1) -> Unfinished:
    record = first_record(number, "f00d", opportunity())
    record = msgspec.structs.replace(record, state=state, tx_id="tx1", expires=BLOCK + 10, nonce=4)
    return Unfinished(attempt=record, intended=intended)


@pytest.mark.parametrize("state", [A.APPROVED, A.BUILT])
async def test_a_crash_before_the_intent_loses_the_attempt_without_asking_the_chain(state: AttemptState) -> None:
    start = Start()
    (attempt,) = await start.recover(left(state, intended=False))
    assert (attempt.state, attempt.reason) == (A.LOST, "recovered")
    assert start.client.asked == []


async def test_a_crash_after_the_intent_whose_bytes_landed_is_settled_as_landed() -> None:
    moves = await Start(landed()).recover(left(A.BUILT))
    assert [attempt.state for attempt in moves] == [A.SENT, A.LANDED]
    assert moves[-1].realized_net == 900


async def test_a_crash_after_the_intent_waits_until_the_bytes_can_no_longer_land() -> None:
    start = Start(None, None, Outcome(status="expired", number=BLOCK + 11))
    (attempt,) = await start.recover(left(A.BUILT))
    assert (attempt.state, attempt.reason) == (A.LOST, "expired")
    assert start.pauses == 2


@pytest.mark.parametrize("state", [A.SENT, A.UNKNOWN])
async def test_a_crash_after_sending_is_settled_from_the_chain(state: AttemptState) -> None:
    (attempt,) = await Start(landed()).recover(left(state))
    assert (attempt.state, attempt.reason, attempt.realized_net) == (A.LANDED, "recovered", 900)


async def test_a_revert_found_by_recovery_costs_its_fee() -> None:
    (attempt,) = await Start(Outcome(status="reverted", number=BLOCK, network_fee=80)).recover(left(A.SENT))
    assert (attempt.state, attempt.reason, attempt.realized_net) == (A.REVERTED, "on_chain_guard", -80)


async def test_a_chain_that_cannot_answer_stops_recovery() -> None:
    with pytest.raises(MarketError) as refusal:
        await Start(TransientError("E401", "timeout")).recover(left(A.SENT))
    assert refusal.value.code == "E401"


async def test_an_attempt_on_a_chain_the_recipe_no_longer_has_stops_recovery() -> None:
    found = left(A.SENT)
    elsewhere = msgspec.structs.replace(found, attempt=msgspec.structs.replace(found.attempt, chain="base"))
    with pytest.raises(MarketError) as refusal:
        await Start().recover(elsewhere)
    assert refusal.value.code == "E402"


async def test_the_chain_is_asked_by_transaction_id_expiry_and_nonce() -> None:
    start = Start(landed())
    await start.recover(left(A.SENT))
    (tx,) = start.client.asked
    assert (tx.id, tx.expires, tx.nonce) == ("tx1", BLOCK + 10, 4)


async def test_progress_is_told() -> None:
    start = Start(None, landed(), landed())
    await start.recover(left(A.SENT), left(A.SENT, number=2), left(A.BUILT, intended=False, number=3))
    assert start.progress == [(1, 3), (2, 3), (3, 3)]


async def test_nothing_to_recover_is_done_at_once() -> None:
    start = Start()
    assert await start.recover() == []
    assert start.progress == [(0, 0)]
