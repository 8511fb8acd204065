"""Raydium AMM v4: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raydium_amm_v4_kit import VENUE, Terms, forge
from venue_kit import (
    Ask,
    Forged,
    answers,
    asks,
    assert_same,
    damaged,
)

_held = st.one_of(st.integers(0, 2000), st.integers(0, 2**50), st.integers(0, 2**64 - 1))
_fees = st.one_of(
    st.sampled_from([(25, 10_000), (0, 1), (0, 0), (9999, 10_000)]),
    st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)),
)
_terms = st.builds(
    Terms,
    vaults=st.tuples(_held, _held),
    taken=st.tuples(st.integers(0, 50), st.integers(0, 50)),
    fee=_fees,
    status=st.sampled_from([6, 6, 6, 1, 7]),
)


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


@given(_terms, st.lists(asks((0, 3)), min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


@given(damaged(forge(Terms())), asks((0, 3)))
def test_damaged_accounts(pool: Forged, ask: Ask) -> None:
    assert_same(VENUE, pool, [ask])


def test_dust_is_free_of_fees_in_the_older_build_only() -> None:
    terms = Terms(vaults=(10**9, 10**9))
    assert _quote(terms, Ask(True, True, 199)) == (199, 198)
    assert _quote(terms, Ask(True, True, 199, variant=3)) == (199, 197)


@pytest.mark.parametrize("status", [0, 2, 3, 4, 5, 8, 2**64 - 1])
def test_statuses_that_do_not_swap_are_refused(status: int) -> None:
    assert _quote(Terms(status=status), Ask(True, True, 1000)) == "disabled"


def test_a_waiting_pool_opens_at_its_time() -> None:
    now = forge(Terms()).clock[1]
    assert _quote(Terms(status=7, open_time=now + 1), Ask(True, True, 1000)) == "disabled"
    assert not isinstance(_quote(Terms(status=7, open_time=now), Ask(True, True, 1000)), str)


def test_profit_waiting_to_be_taken_is_not_priced() -> None:
    with_profit = Terms(vaults=(10**9 + 7, 10**9 + 9), taken=(7, 9))
    ask = Ask(True, True, 12_345)
    assert _quote(with_profit, ask) == _quote(Terms(vaults=(10**9, 10**9)), ask)


def test_an_unknown_instruction_is_unsupported() -> None:
    assert _quote(Terms(), Ask(True, True, 1000, variant=1)) == "unsupported"
