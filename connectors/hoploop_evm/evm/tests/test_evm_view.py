"""Nonces: the lowest free one, and no loss leaves a gap for good."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hoploop_evm.evm.view import MAX_FLIGHTS, ChainView, Flight, Nonces


def test_nonces_count_up() -> None:
    nonces = Nonces()
    nonces.resync(5, 100)
    assert [nonces.take(110) for _ in range(3)] == [5, 6, 7]


def test_a_nonce_given_back_is_the_next_one() -> None:
    nonces = Nonces()
    taken = [nonces.take(110) for _ in range(3)]
    nonces.give_back(taken[0])
    assert nonces.take(110) == 0
    assert nonces.take(110) == 3


def test_a_lost_transaction_does_not_wedge_the_sender() -> None:
    nonces = Nonces()
    lost, after = nonces.take(110), nonces.take(110)
    nonces.resync(0, 111)  # neither landed, both are past their deadline
    assert (lost, after) == (0, 1)
    assert nonces.take(120) == 0


def test_one_under_way_is_not_handed_out_again() -> None:
    nonces = Nonces()
    nonces.take(110)
    nonces.resync(0, 105)
    assert nonces.take(115) == 1


def test_what_the_chain_counts_wins() -> None:
    nonces = Nonces()
    nonces.take(110)
    nonces.resync(9, 105)
    assert nonces.take(115) == 9


@given(st.lists(st.sampled_from(["take", "back", "mine", "expire"]), max_size=60))
def test_two_live_transactions_never_share_a_nonce(acts: list[str]) -> None:
    nonces, live, count, head = Nonces(), set[int](), 0, 0
    for act in acts:
        if act == "take":
            nonce = nonces.take(head + 2)
            assert nonce not in live
            assert nonce >= count
            live.add(nonce)
        elif act == "back" and live:
            nonces.give_back(max(live))
            live.discard(max(live))
        elif act == "mine" and count in live:
            live.discard(count)
            count += 1
            nonces.resync(count, head)
        elif act == "expire":
            head += 3
            live.clear()
            nonces.resync(count, head)


def test_memory_of_flights_is_bounded() -> None:
    view = ChainView()
    for number in range(MAX_FLIGHTS + 1):
        view.departs(str(number), Flight(nonce=number, seq=0, doors=frozenset(), call={}))
    assert view.flight("0") is None
    assert view.flight("1") is not None
