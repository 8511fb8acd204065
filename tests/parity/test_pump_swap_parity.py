"""PumpSwap: native and reference answer the same and as the program's documentation computes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pump_swap_kit import AUTHORITY, VENUE, Terms, forge
from venue_kit import (
    SHARED,
    Ask,
    Forged,
    account_key,
    answers,
    asks,
    assert_same,
    damaged,
)

from hoploop.hot.reference.pump_swap import USDC, WRAPPED_SOL

SELL, BUY = True, False


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


def _up(value: int, divisor: int) -> int:
    return -(-value // divisor)


def _fees(amount: int, rates: Sequence[int]) -> int:
    return sum(_up(amount * bps, 10_000) for bps in rates)


def _sold(terms: Terms, base: int, rates: Sequence[int]) -> int:
    gross = (terms.quote + terms.virtual) * base // (terms.base + base)
    return gross - _fees(gross, rates)


_reserves = st.one_of(st.integers(0, 5000), st.integers(0, 2**50), st.integers(0, 2**64 - 1))
_bps = st.one_of(st.integers(0, 200), st.integers(0, 2**64 - 1))
_terms = st.builds(
    Terms,
    base=_reserves,
    quote=_reserves,
    supply=_reserves,
    virtual=st.one_of(st.just(0), st.integers(-5000, 5000), st.integers(-(2**127), 2**127 - 1)),
    quote_mint=st.sampled_from([WRAPPED_SOL, USDC, account_key("other")]),
    creator=st.sampled_from([AUTHORITY, account_key("somebody")]),
    coin_creator=st.sampled_from([bytes(32), account_key("coin creator")]),
    mayhem=st.booleans(),
    own_creator_fee=st.one_of(st.just(0), _bps),
    configurable=st.booleans(),
    flags=st.sampled_from([0, 0, 0, 8, 16]),
    length=st.sampled_from([211, 243, 244, 245, 261, 270, 300]),
    sol_tiers=st.lists(st.tuples(st.integers(0, 2**128 - 1), _bps, _bps, _bps), max_size=4),
    flat=st.tuples(_bps, _bps, _bps),
    exotic=st.sampled_from([None, (0, 0, 0), (7, 8, 9)]),
)


@given(_terms, st.lists(asks((0, 0, 0, 1)), min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


@given(st.builds(Terms, virtual=st.integers(-(10**9), 10**12)), st.lists(asks(), min_size=1, max_size=8))
def test_plausible_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


@given(damaged(forge(Terms())), asks())
def test_damaged_accounts(pool: Forged, ask: Ask) -> None:
    assert_same(VENUE, pool, [ask])


def test_a_sale_pays_the_quote_less_three_fees_each_rounded_up() -> None:
    terms = Terms()
    assert _quote(terms, Ask(SELL, True, 123_456_789)) == (123_456_789, _sold(terms, 123_456_789, (20, 5, 95)))


def test_a_purchase_of_base_pays_three_fees_on_top() -> None:
    terms, base = Terms(), 987_654_321
    net = _up(terms.quote * base, terms.base - base)
    assert _quote(terms, Ask(BUY, False, base)) == (net + _fees(net, (20, 5, 95)), base)


def test_a_budget_buys_one_unit_of_quote_less_than_it_pays_for() -> None:
    terms, budget = Terms(), 1_000_000_007
    net = budget * 10_000 // 10_120
    fees = _fees(net, (20, 5, 95))
    net -= max(net + fees - budget, 0)
    bought = terms.base * (net - 1) // (terms.quote + net - 1)
    assert _quote(terms, Ask(BUY, True, budget)) == (net + fees, bought)


@pytest.mark.parametrize(
    ("sol_of_cap", "rates"),
    [(1, (2, 93, 30)), (419, (2, 93, 30)), (420, (20, 5, 95)), (1469, (20, 5, 95)), (1470, (20, 5, 90))],
)
def test_fees_follow_the_market_cap_in_the_quote(sol_of_cap: int, rates: Sequence[int]) -> None:
    # With as much base as supply, the quote vault is the market cap.
    terms = Terms(base=10**15, quote=sol_of_cap * 10**9)
    assert _quote(terms, Ask(SELL, True, 10**12)) == (10**12, _sold(terms, 10**12, rates))


def test_below_all_thresholds_the_first_tier_holds() -> None:
    terms = Terms(base=10**15, quote=10**9, sol_tiers=((5 * 10**9, 1, 2, 3), (6 * 10**9, 4, 5, 6)))
    assert _quote(terms, Ask(SELL, True, 10**12)) == (10**12, _sold(terms, 10**12, (1, 2, 3)))


@pytest.mark.parametrize(
    ("terms", "rates"),
    [
        (Terms(creator=account_key("somebody")), (25, 5, 0)),
        (Terms(quote_mint=USDC), (3, 4, 5)),
        (Terms(quote_mint=account_key("other")), (7, 8, 9)),
        (Terms(quote_mint=account_key("other"), exotic=(0, 0, 0)), (25, 5, 0)),
        (Terms(quote_mint=account_key("other"), exotic=None), (25, 5, 0)),
        (Terms(coin_creator=bytes(32)), (20, 5, 0)),
        (Terms(coin_creator=bytes(32), own_creator_fee=77), (20, 5, 0)),
        (Terms(own_creator_fee=77), (20, 5, 77)),
        (Terms(own_creator_fee=77, configurable=False), (20, 5, 95)),
        (Terms(own_creator_fee=77, length=261), (20, 5, 95)),
        (Terms(supply=1, mayhem=True), (20, 5, 95)),
        (Terms(supply=1), (2, 93, 30)),
    ],
)
def test_each_kind_of_pool_has_its_schedule(terms: Terms, rates: Sequence[int]) -> None:
    assert _quote(terms, Ask(SELL, True, 10**10)) == (10**10, _sold(terms, 10**10, rates))


def test_virtual_reserves_price_but_are_not_paid_out() -> None:
    terms = Terms(quote=10**9, virtual=99 * 10**9)
    assert _quote(terms, Ask(SELL, True, 10**10)) == (10**10, _sold(terms, 10**10, (20, 5, 95)))
    assert _quote(terms, Ask(SELL, True, 10**14)) == "empty"


@pytest.mark.parametrize(
    ("terms", "ask", "reason"),
    [
        (Terms(flags=8), Ask(BUY, True, 10**6), "disabled"),
        (Terms(flags=16), Ask(SELL, True, 10**6), "disabled"),
        (Terms(), Ask(SELL, False, 10**6), "unsupported"),
        (Terms(), Ask(BUY, False, 200_000_000 * 10**6), "empty"),
        (Terms(), Ask(BUY, True, 1), "zero"),
        (Terms(virtual=-100 * 10**9), Ask(SELL, True, 10**6), "empty"),
        (Terms(virtual=-101 * 10**9), Ask(SELL, True, 10**6), "range"),
    ],
)
def test_what_the_program_refuses_is_refused(terms: Terms, ask: Ask, reason: str) -> None:
    assert _quote(terms, ask) == reason


def test_a_purchase_is_possible_while_sales_are_disabled() -> None:
    assert not isinstance(_quote(Terms(flags=16), Ask(BUY, True, 10**9)), str)


def test_the_published_schedule_is_read_as_it_was_captured() -> None:
    file = SHARED / "facts/solana/data/pump_fee_config_2026-09-08.json"
    if not file.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {file}")
    tiers = [(int(cap), lp, protocol, creator) for cap, lp, protocol, creator in _captured(file.read_text())]
    for (threshold, *rates), (_, *below) in zip(tiers[1:], tiers, strict=False):
        # Market cap and quote vault are the same number when base and supply are.
        at = Terms(base=10**15, quote=threshold, sol_tiers=tiers)
        under = Terms(base=10**15, quote=threshold - 1, sol_tiers=tiers)
        assert _quote(at, Ask(SELL, True, 10**12)) == (10**12, _sold(at, 10**12, rates))
        assert _quote(under, Ask(SELL, True, 10**12)) == (10**12, _sold(under, 10**12, below))


def _captured(text: str) -> list[tuple[str, int, int, int]]:
    return msgspec.convert(json.loads(text)["fee_tiers_sol_quote"], list[tuple[str, int, int, int]])
