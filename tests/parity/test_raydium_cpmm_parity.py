"""Raydium CPMM: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raydium_cpmm_kit import KEYS, VENUE, Terms, forge
from venue_kit import (
    Ask,
    Forged,
    account_key,
    answers,
    asks,
    assert_same,
    damaged,
    token_account,
)

_held = st.one_of(st.integers(0, 2000), st.integers(0, 2**50), st.integers(0, 2**64 - 1))
_rates = st.one_of(st.sampled_from([0, 2500, 1_000_000]), st.integers(0, 20_000), st.integers(0, 2**64 - 1))
_fees = st.none() | st.tuples(st.integers(0, 10_000), st.one_of(st.integers(0, 5000), st.integers(0, 2**64 - 1)))
_terms = st.builds(
    Terms,
    vaults=st.tuples(_held, _held),
    owed=st.tuples(st.integers(0, 50), st.integers(0, 50)),
    trade_rate=_rates,
    creator_rate=_rates,
    creator_on=st.integers(0, 3),
    creator_enabled=st.booleans(),
    fees=st.tuples(_fees, _fees),
)


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


@given(_terms, st.lists(asks((0, 3)), min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


@given(damaged(forge(Terms(creator_enabled=True, creator_rate=500, fees=((50, 5000), None)))), asks((0, 3)))
def test_damaged_accounts(pool: Forged, ask: Ask) -> None:
    assert_same(VENUE, pool, [ask])


def test_a_creators_fee_on_the_input_is_rounded_together_with_the_trade_fee() -> None:
    terms = Terms(vaults=(10**9, 10**9), trade_rate=2500, creator_rate=500, creator_enabled=True)
    # 1000 * 0.3 % = 3 in one; separately 3 + 1.
    assert _quote(terms, Ask(True, True, 1000)) == (1000, 10**9 * 997 // (10**9 + 997))


def test_a_creators_fee_on_the_output_is_taken_after_pricing() -> None:
    terms = Terms(vaults=(10**9, 10**9), trade_rate=2500, creator_rate=500, creator_enabled=True, creator_on=2)
    gross = 10**9 * 9975 // (10**9 + 9975)
    assert _quote(terms, Ask(True, True, 10_000)) == (10_000, gross - -(-gross * 500 // 10**6))


def test_an_output_worth_less_than_half_an_input_unit_is_refused_unless_the_newest_rule_is_asked_for() -> None:
    terms = Terms(vaults=(1000, 10**9))
    assert isinstance(_quote(terms, Ask(True, False, 1)), str)
    assert _quote(terms, Ask(True, False, 1, variant=3)) == (2, 1)


@pytest.mark.parametrize("terms", [Terms(status=4), Terms(open_time=2_000_000_000), Terms(owed=(10**9, 0))])
def test_pools_that_do_not_trade_are_refused(terms: Terms) -> None:
    assert isinstance(_quote(terms, Ask(True, True, 1000)), str)


def test_a_frozen_vault_is_refused() -> None:
    pool = forge(Terms())
    vault = token_account(10**9, KEYS["mint_a"], state=2)
    frozen = msgspec.structs.replace(pool, held={**pool.held, KEYS["vault_a"]: vault})
    (given_,) = answers(VENUE, frozen, [Ask(True, True, 1000)])
    assert given_ == {"native": "disabled", "reference": "disabled"}


@pytest.mark.parametrize("role", ["vault_a", "mint_b", "config"])
def test_accounts_of_another_pool_are_refused(role: str) -> None:
    pool = forge(Terms())
    other: dict[str, Any] = {**pool.roles, role: account_key("other")}
    held = {**pool.held, account_key("other"): pool.held[KEYS[role]]}
    swapped = msgspec.structs.replace(pool, roles=other, held=held)
    (given_,) = answers(VENUE, swapped, [Ask(True, True, 1000)])
    assert given_ == {"native": "inconsistent", "reference": "inconsistent"}
