"""Raydium CLMM: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raydium_clmm_kit import NOW, VENUE, Terms, forge
from venue_kit import Ask, Forged, amounts, answers, assert_same, damaged

from hoploop.hot.reference.raydium_clmm_math import sqrt_price_at

_liquidity = st.one_of(st.integers(1, 10_000), st.integers(1, 2**50), st.integers(1, 2**90))
_positions = st.lists(st.tuples(st.integers(-90, 5), st.integers(6, 90), _liquidity), max_size=5).map(tuple)
_order = st.one_of(st.integers(0, 1000), st.integers(0, 2**40))
_orders = st.lists(st.tuples(st.integers(-70, 70), _order, _order), max_size=4).map(tuple)
_dynamic = st.tuples(
    st.integers(0, 100),
    st.integers(0, 1000),
    st.integers(0, 20_000),
    st.integers(0, 200_000),
    st.one_of(st.integers(0, 500_000), st.integers(0, 2**32 - 1)),
    st.integers(-500, 500),
    st.integers(0, 100_000),
    st.integers(0, 500_000),
    st.integers(0, 1500),
)
_fees = st.none() | st.tuples(st.integers(0, 10_000), st.one_of(st.integers(0, 5000), st.integers(0, 2**64 - 1)))
_terms = st.builds(
    Terms,
    spacing=st.sampled_from([1, 10, 60]),
    at=st.one_of(st.integers(-700, 700), st.integers(-7000, 7000)),
    above=st.integers(0, 63),
    positions=_positions,
    orders=_orders,
    fee_rate=st.sampled_from([0, 100, 2500, 50_000, 999_999, 1_000_000]),
    fee_on=st.integers(0, 3),
    dynamic=st.none() | _dynamic,
    fees=st.tuples(_fees, _fees),
    first_build=st.booleans(),
    extension=st.booleans(),
)
_limits = st.one_of(st.just(0), st.integers(-2000, 2000).map(sqrt_price_at), st.integers(2**60, 2**68))
_asks = st.builds(Ask, st.booleans(), st.booleans(), amounts, _limits, st.sampled_from((0, 0, 1, 3)))
_full = Terms(
    positions=((-80, 80, 10**12), (-3, 4, 10**13)),
    orders=((-2, 500, 400), (5, 0, 7000)),
    dynamic=(30, 600, 5000, 20_000, 300_000, 2, 0, 40_000, 300),
    fees=((100, 2**40), None),
)


def quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    """One answer, which native and reference share."""
    (one,) = answers(VENUE, forge(terms), [ask])
    assert one["native"] == one["reference"]
    return one["native"]


@given(_terms, st.lists(_asks, min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


@given(damaged(forge(_full)), _asks)
def test_damaged_accounts(pool: Forged, ask: Ask) -> None:
    assert_same(VENUE, pool, [ask])


def test_a_swap_through_positions_orders_and_groups_is_paid() -> None:
    assert isinstance(quote(_full, Ask(True, True, 10**9)), tuple)
    assert isinstance(quote(_full, Ask(False, False, 10**9)), tuple)


def test_orders_are_filled_at_their_tick() -> None:
    pool = Terms(orders=((-1, 5_000_000, 0),))
    # 997,500 after the fee of 0.25 %, at 1.0001^-10 = 0.99900055.
    assert quote(pool, Ask(True, True, 1_000_000)) == (1_000_000, 996_503)


def test_orders_that_run_out_leave_the_rest_to_the_price_limit() -> None:
    pool = Terms(orders=((-1, 100, 300),))
    assert quote(pool, Ask(True, True, 1_000)) == "empty"
    # 400 / 0.99900055 rounds up to 401, its fee 401 * 2500 / 997500 to 2.
    limit = sqrt_price_at(-10)
    assert quote(pool, Ask(True, True, 1_000, limit)) == (403, 400)


def test_a_fee_on_the_output_is_taken_from_what_orders_give() -> None:
    pool = Terms(orders=((-1, 5_000_000, 0),), fee_on=2)
    # 1,000,000 * 0.99900055 = 999,000; fee 2,498 after rounding up.
    assert quote(pool, Ask(True, True, 1_000_000)) == (1_000_000, 996_502)
    assert quote(pool, Ask(False, True, 1_000)) == "empty"


def test_orders_of_a_tick_come_before_its_liquidity_is_crossed() -> None:
    plain = Terms(positions=((-1, 1, 10**9), (-5, -1, 10**9)))
    ordered = msgspec.structs.replace(plain, orders=((-1, 10**6, 0),))
    limit = sqrt_price_at(-10)
    without, beyond = quote(plain, Ask(True, True, 10**7, limit)), quote(ordered, Ask(True, True, 10**7, limit))
    assert not isinstance(without, str)
    assert not isinstance(beyond, str)
    assert beyond[1] - without[1] == 10**6
    # 10^6 / 0.99900055 = 1,001,000.45, and the fee of it on top: 2,508.8.
    assert beyond[0] - without[0] == 1_001_001 + 2_509


def test_the_dynamic_fee_rises_with_each_group_of_ticks() -> None:
    liquidity = 10**12
    pool = Terms(positions=((-500, 500, liquidity),), dynamic=(30, 600, 5000, 50_000, 300_000, 0, 0, 0, 10_000))
    edge, amount = sqrt_price_at(-10), 10**9
    # Group 0 costs 0.25 %: the accumulator is 0. Its lower edge is the tick 0 that the price is at.
    # Group -1: 50,000 * (10,000 * 10)^2 / 1e13 = 50 more.
    first = -(-liquidity * (2**64 - edge) // edge)
    fee = -(-first * 2550 // (10**6 - 2550))
    out = liquidity * (2**64 - edge) // 2**64
    # Group -2: 50,000 * (20,000 * 10)^2 / 1e13 = 200 more.
    rest = (amount - first - fee) * (10**6 - 2700) // 10**6
    price = -(-liquidity * 2**64 * edge // (liquidity * 2**64 + rest * edge))
    out += liquidity * (edge - price) // 2**64
    assert sqrt_price_at(-20) < price < edge
    assert quote(pool, Ask(True, True, amount)) == (amount, out)


def test_transfer_fees_are_inverted_by_the_first_build_only() -> None:
    pool = Terms(positions=((-50, 50, 10**12),), fees=((100, 2**60), None), first_build=True)
    old, new = quote(pool, Ask(True, True, 101)), quote(pool, Ask(True, True, 101, variant=3))
    assert (old[0], new[0]) == (100, 101)


def test_a_swap_without_a_limit_is_filled_whole_or_not_at_all() -> None:
    # The lowest tick is one unit of price beyond where a swap without a limit must stop.
    pool = Terms(spacing=1, positions=((-1, 1, 10**9),), orders=((-443_636, 1, 0),))
    assert quote(pool, Ask(True, False, 10**9)) == "partial_fill"


def test_the_plain_instruction_moves_only_tokens_of_the_older_program() -> None:
    positions = ((-50, 50, 10**12),)
    plain = Terms(positions=positions)
    assert quote(plain, Ask(True, True, 1000, variant=1)) == quote(plain, Ask(True, True, 1000))
    assert quote(Terms(positions=positions, fees=((0, 0), None)), Ask(True, True, 1000, variant=1)) == "owner"


@pytest.mark.parametrize("terms", [Terms(status=16), Terms(open_time=NOW)])
def test_pools_that_do_not_trade_are_refused(terms: Terms) -> None:
    open_pool = msgspec.structs.replace(terms, positions=((-50, 50, 10**12),))
    assert quote(open_pool, Ask(True, True, 1000)) == "disabled"


def test_ticks_outside_the_pools_own_bitmap_need_the_extension() -> None:
    far = Terms(spacing=1, at=-31_000, positions=((-50, 50, 10**12),))
    assert isinstance(quote(far, Ask(True, True, 10**6)), tuple)
    assert quote(msgspec.structs.replace(far, extension=False), Ask(True, True, 10**6)) == "empty"
