"""Meteora DLMM: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meteora_dlmm_kit import VENUE, Terms, forge
from venue_kit import Ask, Forged, account_key, answers, asks, assert_same, damaged

_fees = st.sampled_from([None, None, None, (0, 5), (37, 10**6), (10_000, 5), (9_999, 2**64 - 1)])
_terms = st.builds(
    Terms,
    active_id=st.sampled_from([35, 0, 69, -1, -70, 12_345, 35_840, 35_900, -35_840, -35_905]),
    step=st.sampled_from([1, 10, 25]),
    base_factor=st.sampled_from([0, 1, 10_000, 65_535]),
    power=st.sampled_from([0, 0, 0, 1, 33]),
    variable_fee_control=st.sampled_from([0, 40_000, 10**7, 2**32 - 1]),
    volatility=st.tuples(st.integers(0, 350_000), st.integers(0, 350_000), st.integers(-20, 20)),
    age=st.sampled_from([-5, 0, 29, 30, 599, 600]),
    function=st.sampled_from([0, 1, 2, 2, 2, 3]),
    collect=st.sampled_from([0, 0, 0, 1, 1, 1, 2]),
    reach=st.sampled_from([0, 5, 60, 200, 200]),
    scale=st.sampled_from([1, 100, 10**6, 10**12, 2**63]),
    empty=st.sampled_from([0, 30, 90]),
    priced=st.sampled_from([True, True, True, False]),
    fees=st.tuples(_fees, _fees),
    extended=st.booleans(),
    seed=st.integers(0, 2**32),
)


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


@given(_terms, st.lists(asks((0, 0, 0, 1, 2)), min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


@given(damaged(forge(Terms(extended=True))), st.lists(asks(), min_size=1, max_size=3))
def test_damaged_accounts(pool: Forged, asked: list[Ask]) -> None:
    assert_same(VENUE, pool, asked)


@given(st.permutations(range(4)), st.integers(0, 4), asks())
def test_any_order_of_the_route(order: list[int], length: int, ask: Ask) -> None:
    pool = forge(Terms(scale=10**5))
    keys = [account_key(f"array{index}") for index in (-2, -1, 0, 1)]
    route = [keys[at] for at in order][:length]
    assert_same(VENUE, msgspec.structs.replace(pool, routes=(route, route)), [ask])


@given(st.integers(0, 300), st.booleans(), st.sampled_from([0, 1]))
def test_amounts_beside_the_edges_of_bins(seed: int, zero_for_one: bool, collect: int) -> None:
    terms = Terms(scale=50, seed=seed, collect=collect, base_factor=65_535)
    asked = [Ask(zero_for_one, exact_in, amount) for exact_in in (True, False) for amount in range(1, 60)]
    assert_same(VENUE, forge(terms), asked)


@pytest.mark.parametrize("active_id", [-35_905, 35_900])
def test_arrays_beyond_the_pair_need_the_extension(active_id: int) -> None:
    for zero_for_one in (True, False):
        ask = Ask(zero_for_one, False, 1)
        terms = Terms(active_id=active_id, step=1)
        assert _quote(terms, ask) == "empty"
        assert not isinstance(_quote(msgspec.structs.replace(terms, extended=True), ask), str)


def test_without_liquidity_there_is_nothing_to_trade() -> None:
    for zero_for_one in (True, False):
        assert _quote(Terms(empty=100), Ask(zero_for_one, True, 1000)) == "empty"


def test_a_swap_of_nothing_is_refused() -> None:
    assert _quote(Terms(), Ask(True, True, 0)) == "zero"
    assert _quote(Terms(), Ask(True, False, 0)) == "zero"
