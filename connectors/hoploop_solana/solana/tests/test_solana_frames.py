"""The subscription protocol, frame by frame."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoploop.errors import TransientError
from hoploop.model.chain import Head
from hoploop.plugin.kinds import Gap, Reorg, Updates
from hoploop_solana._shared.testing import account_json, at_slot, named_key
from hoploop_solana.solana.frames import SLOTS_COUNTED, Subscriptions

DOORS = (bytes(named_key("a")), bytes(named_key("b")))
OWNER = named_key("program")


def confirmed(last_slot: int = 0) -> Subscriptions:
    """Subscriptions 70 (slots), 71 and 72 (doors a and b)."""
    made = Subscriptions(DOORS, last_slot)
    made.take([json.dumps({"jsonrpc": "2.0", "id": n, "result": 70 + n}) for n in range(3)], 0)
    return made


def note(kind: str, subscription: int, result: Any) -> str:
    """A notification as text."""
    params = {"subscription": subscription, "result": result}
    return json.dumps({"jsonrpc": "2.0", "method": f"{kind}Notification", "params": params})


def account(subscription: int, slot: int, data: bytes = b"x") -> str:
    """An account notification."""
    return note("account", subscription, at_slot(account_json(OWNER, data), slot))


def slot(number: int, parent: int) -> str:
    """A slot notification."""
    return note("slot", 70, {"slot": number, "parent": parent, "root": 1})


def test_it_asks_for_slots_and_every_door_with_base64_at_processed() -> None:
    texts = [json.loads(text) for text in Subscriptions(DOORS, 0).requests()]
    assert [text["method"] for text in texts] == ["slotSubscribe", "accountSubscribe", "accountSubscribe"]
    assert texts[1]["params"] == [str(named_key("a")), {"encoding": "base64", "commitment": "processed"}]


def test_it_is_ready_when_everything_is_confirmed_in_any_order() -> None:
    made = Subscriptions(DOORS, 0)
    ready = []
    for number in (2, 0, 1):
        made.take([json.dumps({"id": number, "result": 70 + number})], 0)
        ready.append(made.ready)
    assert ready == [False, False, True]


def test_a_refused_subscription_ends_the_connection() -> None:
    with pytest.raises(TransientError, match="limit"):
        Subscriptions(DOORS, 0).take([json.dumps({"id": 1, "error": {"code": -1, "message": "limit"}})], 0)


def test_updates_that_arrive_together_stay_together_and_are_numbered_in_their_slot() -> None:
    (updates,) = confirmed().take([account(71, 5, b"1"), account(72, 5, b"2"), account(71, 5, b"3")], 9)
    assert isinstance(updates, Updates)
    assert (updates.at_ns, updates.number) == (9, 5)
    first, other = DOORS
    assert updates.items == ((first, 5 << 20 | 1, b"1"), (other, 5 << 20 | 2, b"2"), (first, 5 << 20 | 3, b"3"))


def test_a_slot_that_comes_back_goes_on_counting() -> None:
    made = confirmed()
    events = made.take([account(71, 5), account(71, 4), account(71, 5)], 0)
    assert [item.seq for e in events if isinstance(e, Updates) for item in e.items] == [
        5 << 20 | 1, 4 << 20 | 1, 5 << 20 | 2,
    ]  # fmt: skip


def test_counters_of_old_slots_are_forgotten() -> None:
    made = confirmed()
    for number in range(1, SLOTS_COUNTED * 3):
        made.take([account(71, number)], 0)
    assert len(made._indexes) == SLOTS_COUNTED


def test_a_head_is_reported_for_each_slot() -> None:
    assert confirmed().take([slot(8, 7), slot(9, 8)], 3) == [
        Head(number=8, parent="7", seen_ns=3), Head(number=9, parent="8", seen_ns=3),
    ]  # fmt: skip


def test_a_skipped_slot_is_no_gap() -> None:
    events = confirmed(last_slot=8).take([slot(11, 8)], 0)
    assert [type(event) for event in events] == [Head]


@pytest.mark.parametrize(("number", "parent"), [(11, 10), (11, 7), (6, 5)])
def test_a_slot_that_does_not_follow_the_last_one_is_a_gap(number: int, parent: int) -> None:
    events = confirmed(last_slot=8).take([slot(number, parent)], 0)
    assert [type(event) for event in events] == [Gap, Head]


def test_a_fork_from_a_slot_we_know_takes_back_what_came_after_it() -> None:
    made = confirmed(last_slot=5)
    events = made.take([slot(6, 5), account(71, 6), slot(7, 6), slot(9, 6), account(71, 7), account(71, 9)], 0)
    assert [type(event) for event in events] == [Head, Updates, Head, Reorg, Head, Updates]
    fork, later = events[3], events[5]
    assert isinstance(fork, Reorg)
    assert isinstance(later, Updates)
    assert (fork.number, [update.seq >> 20 for update in later.items]) == (6, [9])


def test_a_fork_whose_updates_came_before_it_was_told_is_a_gap() -> None:
    made = confirmed(last_slot=5)
    events = made.take([slot(6, 5), slot(7, 6), account(71, 8), slot(8, 6)], 0)
    assert [type(event) for event in events] == [Head, Head, Updates, Gap, Head]


def test_a_fork_that_is_taken_up_again_is_a_gap() -> None:
    made = confirmed(last_slot=5)
    events = made.take([slot(6, 5), slot(7, 6), slot(8, 6), slot(9, 7), account(71, 7)], 0)
    assert [type(event) for event in events] == [Head, Head, Reorg, Head, Gap, Head, Updates]


def test_order_between_updates_and_heads_is_kept() -> None:
    events = confirmed(last_slot=4).take([account(71, 4), slot(5, 4), account(71, 5)], 0)
    assert [type(event) for event in events] == [Updates, Head, Updates]


def test_an_account_that_is_gone_is_an_empty_update() -> None:
    gone = note("account", 71, at_slot(account_json(OWNER, b"", 0), 5))
    (updates,) = confirmed().take([gone], 0)
    assert isinstance(updates, Updates)
    assert updates.items[0].data == b""


@pytest.mark.parametrize(
    "frame",
    ["", "{", "[]", "null", "5", '"x"', "[" * 2_000, b"\xff\xff", "{}", '{"method":"accountNotification"}',
     account(99, 5), note("account", 71, {}), note("account", 71, at_slot(None)),
     note("account", 71, at_slot({"data": ["!", "base64"], "owner": "x"})),
     note("account", 71, at_slot({"data": ["AA==", "base58"], "owner": "x"})),
     note("account", 71, {"context": {"slot": -1}, "value": account_json(OWNER, b"")}),
     note("slot", 70, {"slot": "5", "parent": 4}), note("slot", 70, {"slot": 5}), json.dumps({"id": 9, "result": 1}),
     json.dumps({"id": 1, "result": "text"}), json.dumps({"id": 1, "result": True}),
     json.dumps({"id": "x", "result": 1})],
)  # fmt: skip
def test_a_frame_of_another_shape_is_counted_and_changes_nothing(frame: str | bytes) -> None:
    made = confirmed(last_slot=4)
    events = made.take([frame, account(71, 4)], 0)
    assert made.refused == 1
    assert [type(event) for event in events] == [Updates]
    assert made.last_slot == 4


@given(st.lists(st.binary(max_size=200) | st.text(max_size=200), max_size=10))
def test_random_frames_never_raise_and_never_make_events(frames: list[str | bytes]) -> None:
    made = confirmed()
    assert made.take(frames, 0) == []


@given(st.lists(st.tuples(st.sampled_from([71, 72]), st.integers(1, 50), st.binary(max_size=8)), min_size=1))
def test_every_update_is_delivered_once_in_order_with_growing_numbers_per_slot(
    sent: list[tuple[int, int, bytes]],
) -> None:
    events = confirmed().take([account(*one) for one in sent], 0)
    got = [item for event in events if isinstance(event, Updates) for item in event.items]
    assert [(item.key, item.seq >> 20, item.data) for item in got] == [(DOORS[s - 71], n, d) for s, n, d in sent]
    assert len({item.seq for item in got}) == len(got)
    assert all(e.number == item.seq >> 20 for e in events if isinstance(e, Updates) for item in e.items)
