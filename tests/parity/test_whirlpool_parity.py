"""Orca Whirlpool: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from venue_kit import Ask, Forged, amounts, answers, assert_same, damaged
from whirlpool_kit import VENUE, Oracle, Terms, forge

from hoploop.hot.reference.whirlpool import ORACLE_MAGIC
from hoploop.hot.reference.whirlpool_math import MAX_PRICE, MAX_TICK, MIN_PRICE, MIN_TICK, price_at

_spacings = st.sampled_from([1, 2, 4, 8, 64, 96, 128, 32_896])
_ends = st.sampled_from([MIN_TICK, MIN_TICK + 5, -1, 0, 87, 88 * 8 - 1, 443_000, MAX_TICK - 1])
_liquidity = st.one_of(st.integers(0, 5000), st.integers(0, 2**60), st.integers(0, 2**100))
_slots = st.one_of(st.integers(-5, 5), st.integers(-200, 200), st.just(-(10**6)))
_position = st.tuples(_slots, st.one_of(st.integers(1, 10), st.integers(1, 300), st.just(10**7)), _liquidity)
_fee = st.none() | st.tuples(st.integers(0, 10_000), st.one_of(st.integers(0, 5000), st.integers(0, 2**64 - 1)))
_oracles = st.builds(
    Oracle,
    reduction=st.integers(0, 9999),
    control=st.one_of(st.just(0), st.integers(1, 99_999)),
    most=st.integers(100_000, 2_000_000),
    group_size=st.sampled_from([1, 2, 8, 64]),
    updated=st.sampled_from([0, 29, 30, 599, 600, 3600, 3601]),
    major=st.sampled_from([0, 40, 10_000]),
    reference=st.integers(0, 110_000),
    groups_away=st.integers(-40, 40),
    accumulated=st.integers(0, 350_000),
    opens=st.sampled_from([-5, 0, 0, 0, 0, 0, 0, 0, 1]),
)
_terms = st.builds(
    Terms,
    spacing=_spacings,
    tick=st.one_of(_ends, st.integers(-30_000, 30_000), st.integers(MIN_TICK, MAX_TICK - 1)),
    part=st.integers(0, 6),
    fee_rate=st.one_of(st.sampled_from([0, 3000, 60_000]), st.integers(0, 65_535)),
    positions=st.lists(_position, min_size=1, max_size=6).map(tuple),
    dynamic=st.booleans(),
    given=st.sampled_from([0, 1, 2, 3, 3, 3, 6, 6]),
    fees=st.just((None, None)) | st.tuples(_fee, _fee),
    oracle=st.none() | _oracles,
)


@st.composite
def _asks(draw: st.DrawFn, terms: Terms) -> Ask:
    near = draw(st.integers(-300 * terms.spacing, 300 * terms.spacing))
    towards, anywhere = st.just(price_at(terms.tick + near)), st.integers(MIN_PRICE - 1, MAX_PRICE + 1)
    limit = draw(st.one_of(st.just(0), st.just(0), st.just(0), towards, towards, anywhere))
    variant = draw(st.sampled_from([0] * 14 + [1, 9]))
    return Ask(draw(st.booleans()), draw(st.booleans()), draw(amounts), limit, variant)


@settings(max_examples=200)
@given(st.data(), _terms)
def test_forged_pools(data: st.DataObject, terms: Terms) -> None:
    assert_same(VENUE, forge(terms), [data.draw(_asks(terms)) for _ in range(6)])


_volatile = Terms(dynamic=True, fees=((50, 5000), None), oracle=Oracle())


@given(damaged(forge(_volatile)) | damaged(forge(Terms())), _asks(_volatile))
def test_damaged_accounts(pool: Forged, ask: Ask) -> None:
    assert_same(VENUE, pool, [ask])


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


def test_a_swap_that_is_worth_no_output_takes_its_input() -> None:
    assert _quote(Terms(tick=-200_000), Ask(True, True, 5)) == (5, 0)


def test_arrays_that_do_not_exist_are_walked_through_as_empty() -> None:
    within = Terms(positions=((-1, 2, 10**12), (-150, 20, 10**13)))
    assert _quote(within, Ask(True, False, 10**10)) == _quote(
        msgspec.structs.replace(within, given=6), Ask(True, False, 10**10)
    )
    assert isinstance(_quote(msgspec.structs.replace(within, given=1), Ask(True, False, 10**10)), str)


def test_an_input_beyond_the_arrays_is_refused_but_with_a_limit_only_what_fits_is_taken() -> None:
    terms = Terms()
    assert _quote(terms, Ask(True, True, 10**18)) == "partial_fill"
    taken = _quote(terms, Ask(True, True, 10**18, price_limit=price_at(terms.tick - 30)))
    assert not isinstance(taken, str)
    assert 0 < taken[0] < 10**18


@pytest.mark.parametrize("limit", [price_at(-1000), MIN_PRICE - 1, MAX_PRICE + 1])
def test_limits_behind_the_price_or_beyond_all_prices_are_refused(limit: int) -> None:
    assert isinstance(_quote(Terms(), Ask(True, True, 1000, price_limit=limit)), str)


def test_volatility_makes_the_same_swap_dearer() -> None:
    calm, wild = Terms(), Terms(oracle=Oracle(control=90_000, updated=0))
    ask = Ask(True, True, 10**9)
    few, many = (_quote(terms, ask) for terms in (wild, calm))
    assert not isinstance(few, str)
    assert not isinstance(many, str)
    assert few[1] < many[1]


def test_a_pool_of_volatility_without_its_oracle_is_refused() -> None:
    pool = forge(Terms(oracle=Oracle()))
    held = {key: account for key, account in pool.held.items() if account[1][:8] != ORACLE_MAGIC}
    (given_,) = answers(VENUE, msgspec.structs.replace(pool, held=held), [Ask(True, True, 1000)])
    assert given_ == {"native": "empty", "reference": "empty"}


def test_a_pool_that_does_not_trade_yet_is_refused() -> None:
    assert _quote(Terms(oracle=Oracle(opens=1)), Ask(True, True, 1000)) == "disabled"


def test_the_first_swap_instruction_knows_no_newer_token() -> None:
    assert _quote(Terms(fees=((0, 0), None)), Ask(True, True, 1000, variant=1)) == "owner"
    assert _quote(Terms(), Ask(True, True, 1000, variant=1)) == _quote(Terms(), Ask(True, True, 1000))
