"""Meteora DAMM v2: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meteora_damm_v2_kit import NOW, ONE, SLOT, VENUE, Terms, forge
from venue_kit import (
    Ask,
    Forged,
    answers,
    asks,
    assert_same,
    damaged,
)

from hoploop.verify.swaps import VARIANTS

PARTIAL = VARIANTS["partial_fill"]
WHOLE = 10**9


def _some(*likely: int, bits: int) -> st.SearchStrategy[int]:
    return st.one_of(st.sampled_from(likely), st.integers(0, 2**bits - 1))


_rate = st.one_of(st.integers(100_000, 990_000_000), st.integers(100_000, 990_000_000), st.integers(0, 2**64 - 1))
_price = st.one_of(st.integers(2**60, 2**68), st.integers(0, 2**128 - 1))
_fee = st.none() | st.tuples(st.integers(0, 10_000), st.one_of(st.integers(0, 5000), st.integers(0, 2**64 - 1)))
_dynamic = st.tuples(
    _some(0, 50_000, bits=32),
    _some(1, 10, bits=16),
    _some(0, 10, 5000, bits=16),
    _some(120, 6000, bits=16),
    _some(5000, 10_000, bits=16),
    st.one_of(st.integers(NOW - 200, NOW + 10), st.integers(0, 2**64 - 1)),
    _some(0, ONE // 10_000, bits=128),
    _some(0, 14_460_000, bits=100),
)
_terms = st.builds(
    Terms,
    mode=st.sampled_from([0, 1, 2, 3, 4]),
    cliff=_rate,
    periods=_some(0, 1, 10, 60, 144, 250, bits=16),
    words=st.tuples(_some(0, 1, 60, 600, 2000, bits=32), _some(0, 900, 5000, 9900, 10_001, bits=32)),
    reduction=_some(0, 1, 100, 500, 1, 100, 500, 10_000, 10**6, 10**9, bits=64),
    collect=st.integers(0, 2),
    version=st.integers(0, 1),
    layout=st.integers(0, 1),
    prices=st.one_of(
        st.tuples(_price, _price, _price, _price),
        st.tuples(st.integers(2**63, 2**65), st.just(2**60), st.integers(2**61, 2**67), st.just(2**68)),
    ),
    liquidity=st.one_of(st.integers(0, 2**128 - 1), st.integers(2**80, 2**115)),
    counted=st.tuples(_some(0, 1, 10**12, 2**62, bits=64), _some(0, 1, 10**12, 2**62, bits=64)),
    vaults=st.tuples(_some(0, 10**12, 2**62, 2**62, bits=64), _some(0, 10**12, 2**62, 2**62, bits=64)),
    shares=st.tuples(st.sampled_from([0, 20, 100, 20, 20, 101]), st.sampled_from([0, 5000, 10_000, 10_000, 10_001])),
    dynamic=st.just(()) | _dynamic,
    fees=st.tuples(_fee, _fee),
)
_likely = st.builds(
    Terms,
    mode=st.integers(0, 4),
    cliff=st.integers(100_000_000, 600_000_000),
    periods=st.integers(0, 200),
    words=st.tuples(st.integers(1, 1500), st.sampled_from([0, 0, 900, 5000, 9900])),
    reduction=st.integers(0, 500),
    collect=st.integers(0, 2),
    version=st.integers(0, 1),
    layout=st.integers(0, 1),
    prices=st.tuples(st.integers(2**62, 2**65), st.just(2**40), st.integers(2**62, 2**66), st.just(2**90)),
    liquidity=st.integers(2**90, 2**122),
    counted=st.tuples(st.integers(2**30, 2**63), st.integers(2**30, 2**63)),
    vaults=st.tuples(st.integers(2**40, 2**63), st.integers(2**40, 2**63)),
    shares=st.tuples(st.integers(0, 50), st.integers(0, 10_000)),
    dynamic=st.just(())
    | st.tuples(
        st.integers(0, 100_000),
        st.integers(1, 100),
        st.integers(0, 20),
        st.integers(20, 6000),
        st.integers(0, 10_000),
        st.integers(NOW - 7000, NOW),
        st.integers(ONE // 10_000, ONE // 100),
        st.integers(0, 20_000_000),
    ),
    fees=st.tuples(_fee, _fee),
)


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


@given(_likely | _terms, st.lists(asks((0, 0, PARTIAL, 1)), min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


_LIMITED = Terms(mode=2, collect=1, cliff=10**7, periods=100, words=(3600, 5000), reduction=10**9)


@given(
    st.integers(1, 9900),
    st.integers(1, 9900),
    st.one_of(st.integers(1, 10**4), st.integers(1, 2**60)),
    st.lists(asks((0, PARTIAL)), min_size=1, max_size=8),
)
def test_rate_limiters(increment: int, most: int, reference: int, asked: list[Ask]) -> None:
    terms = msgspec.structs.replace(
        _LIMITED, cliff=most * 10**4, periods=increment, words=(3600, most), reduction=reference
    )
    assert_same(VENUE, forge(terms), asked)


_VOLATILE = (50_000, 1, 10, 5000, 5000, NOW - 100, ONE // 10_000, 140_000)


@given(
    st.sampled_from(
        [
            Terms(dynamic=_VOLATILE, layout=0),
            _LIMITED,
            Terms(mode=4, periods=100, words=(200, 86_400), reduction=50, prices=(ONE // 2, 1, ONE, ONE * 9)),
            Terms(collect=2, shares=(20, 5000), fees=((50, 5000), (100, 10**9))),
        ]
    ).flatmap(lambda terms: damaged(forge(terms))),
    st.lists(asks((0, PARTIAL)), min_size=1, max_size=4),
)
def test_damaged_accounts(pool: Forged, asked: list[Ask]) -> None:
    assert_same(VENUE, pool, asked)


def test_fees_of_both_tokens_are_taken_from_the_output() -> None:
    terms = Terms(liquidity=10**15 << 64, cliff=10_000_000)
    # At a price of one and with this much liquidity 10000 buy 9999; one percent of them, rounded up, is the fee.
    assert _quote(terms, Ask(False, True, 10_000)) == (10_000, 9999 - 100)
    assert _quote(terms, Ask(True, True, 10_000)) == (10_000, 9999 - 100)


def test_fees_of_b_only_are_taken_from_an_input_of_b() -> None:
    terms = Terms(liquidity=10**15 << 64, cliff=10_000_000, collect=1)
    assert _quote(terms, Ask(False, True, 10_000)) == (10_000, 10_000 - 100 - 1)


@pytest.mark.parametrize(("mode", "expected"), [(0, 500_000_000 - 10 * 10**6), (1, 499_999_999 * 904_382_075 // WHOLE)])
def test_a_time_scheduler_lowers_the_rate_by_the_periods_passed(mode: int, expected: int) -> None:
    terms = Terms(
        mode=mode, cliff=500_000_000, periods=100, words=(100, 0), reduction=(10**6, 100)[mode], liquidity=2**127
    )
    paid = _quote(terms, Ask(True, True, WHOLE))
    assert not isinstance(paid, str)
    assert abs((WHOLE - 1 - paid[1]) - expected) <= 2


@pytest.mark.parametrize(("version", "most"), [(0, 500_000_000), (1, 990_000_000)])
def test_the_rate_is_capped_by_the_version_of_the_fees(version: int, most: int) -> None:
    paid = _quote(Terms(cliff=WHOLE, version=version, liquidity=2**127), Ask(True, True, WHOLE))
    assert not isinstance(paid, str)
    assert WHOLE - paid[1] - most <= 1


def test_a_limiter_charges_each_further_part_more() -> None:
    terms = Terms(mode=2, collect=1, cliff=10**7, periods=100, words=(3600, 5000), reduction=10_000, liquidity=2**127)
    # 1 % of the first 10000, 2 % of the second, 3 % of half a third; the rate itself is rounded up once more.
    paid = _quote(terms, Ask(False, True, 25_000))
    assert paid == (25_000, 25_000 - 100 - 200 - 150 - 1)


def test_the_variable_part_follows_the_volatility_of_earlier_swaps() -> None:
    calm, moved = ((50_000, 1, 10, 5000, 5000, NOW - 100, ONE // 10_000, level) for level in (0, 10**7))
    paid = [_quote(Terms(liquidity=2**127, dynamic=dynamic), Ask(True, True, WHOLE)) for dynamic in (calm, moved)]
    # (10^7 * 1)^2 * 50000 / 10^11 = 5 * 10^7 billionths.
    assert not isinstance(paid[0], str)
    assert not isinstance(paid[1], str)
    assert abs(paid[0][1] - paid[1][1] - 50_000_000) <= 1


def test_a_partial_fill_takes_what_the_range_holds() -> None:
    terms = Terms(prices=(ONE, ONE // 2, ONE, 2 * ONE), liquidity=10**6 << 64, cliff=0, counted=(10**6, 10**6))
    assert _quote(terms, Ask(True, True, 10**9, variant=PARTIAL)) == (10**6, 500_000)
    assert _quote(terms, Ask(True, True, 10**9)) == "partial_fill"


@pytest.mark.parametrize(
    "terms",
    [
        Terms(status=1),
        Terms(activation=(1, NOW + 1)),
        Terms(activation=(0, SLOT + 1)),
        Terms(activation=(2, 0)),
        Terms(liquidity=0),
    ],
)
def test_pools_that_do_not_trade_are_refused(terms: Terms) -> None:
    assert isinstance(_quote(terms, Ask(True, True, 1000)), str)


@pytest.mark.parametrize("terms", [Terms(collect=3), Terms(mode=5), Terms(version=2), Terms(layout=2)])
def test_unknown_modes_and_versions_are_unsupported(terms: Terms) -> None:
    assert _quote(terms, Ask(True, True, 1000)) == "unsupported"


def test_opening_by_slot_counts_from_that_slot() -> None:
    assert _quote(Terms(activation=(0, SLOT)), Ask(True, True, 1000)) == (1000, 996)
