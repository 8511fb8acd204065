"""Meteora DAMM v1: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meteora_damm_v1_kit import CACHED, EXPIRED, NOW, VENUE, Terms, Vault, forge
from venue_kit import (
    Ask,
    Forged,
    account_key,
    answers,
    asks,
    assert_same,
    damaged,
)


def _some(*likely: int) -> st.SearchStrategy[int]:
    return st.one_of(st.sampled_from(likely), st.integers(0, 2**50), st.integers(0, 2**64 - 1))


_wild = st.builds(
    Vault,
    total=_some(1, 10**9),
    supply=_some(0, 1, 10**9),
    held=_some(0, 1, 10**8),
    liquid=_some(10**9, 2**63),
    profit=_some(0, 10**8),
    report=_some(NOW, NOW - 1000),
    degradation=_some(0, 46_296_296, 10**9, 10**12),
    enabled=st.sampled_from([1, 1, 1, 0, 2]),
)


@st.composite
def _plausible(draw: st.DrawFn) -> Vault:
    total = draw(st.integers(1, 2**62))
    supply = draw(st.integers(max(1, total // 3), total * 2))
    profit = draw(st.integers(0, total // 2))
    report = NOW - draw(st.integers(0, 30_000))
    held = draw(st.integers(0, supply))
    return Vault(total, supply, held, total, profit, report, draw(st.sampled_from([46_296_296, 10**9])))


_vaults = _plausible() | _plausible() | _wild
_fees = st.tuples(_some(0, 1, 250, 15_000), _some(0, 100_000, 1_000_000))
_terms = st.builds(
    Terms,
    sides=st.tuples(_vaults, _vaults),
    trade_fee=st.sampled_from([(250, 100_000), (0, 0), (15_000, 100_000)]) | _fees,
    protocol_fee=st.sampled_from([(20_000, 100_000), (0, 0), (1, 1)]) | _fees,
    amp=st.none() | st.integers(1, 10_000) | _some(0, 1),
    multipliers=st.sampled_from([(1, 1), (1000, 1), (1, 10**9)]) | st.tuples(_some(1), _some(1)),
    peg=st.integers(0, 3),
    cached=st.tuples(st.integers(1, 10**7) | _some(0), st.sampled_from([CACHED, EXPIRED, 0, 2**64 - 1])),
    stake=st.tuples(st.integers(10**9, 10**10), st.integers(10**9, 10**10)) | st.tuples(_some(0), _some(0)),
)


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


@given(_terms, st.lists(asks(), min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), [*asked, *(msgspec.structs.replace(ask, exact_in=True) for ask in asked)])


@given(
    st.sampled_from(
        [Terms(), Terms(amp=100), Terms(amp=100, peg=1, cached=(10**6, EXPIRED)), Terms(amp=9, peg=3)]
    ).flatmap(lambda terms: damaged(forge(terms))),
    asks(),
)
def test_damaged_accounts(pool: Forged, ask: Ask) -> None:
    assert_same(VENUE, pool, [ask])


def test_a_fee_is_at_least_one() -> None:
    # 1 of 3 is the trade's fee and all of it the protocol's: 2 are left, and the new reserve rounds up.
    assert _quote(Terms(), Ask(True, True, 3)) == (3, 1)


def test_a_swap_of_nothing_succeeds() -> None:
    assert _quote(Terms(), Ask(True, True, 0)) == (0, 0)


def test_what_is_lent_out_cannot_be_paid_but_all_the_rest_can() -> None:
    paid = _quote(Terms(), Ask(True, True, 1000))
    assert not isinstance(paid, str)
    for liquid, expected in ((paid[1], paid), (paid[1] - 1, "empty")):
        assert _quote(Terms(sides=(Vault(), Vault(liquid=liquid))), Ask(True, True, 1000)) == expected


def test_a_paused_vault_takes_no_deposit_but_pays() -> None:
    terms = Terms(sides=(Vault(enabled=0), Vault()))
    assert _quote(terms, Ask(True, True, 1000)) == "disabled"
    # Two and a half are the fee, floored; the new reserve rounds up.
    assert _quote(terms, Ask(False, True, 1000)) == (1000, 997)


@pytest.mark.parametrize("peg", [1, 2, 3])
def test_a_cached_price_holds_for_ten_minutes(peg: int) -> None:
    stake = (11 * 2**32 // 10, 10**9) if peg == 1 else (11 * 10**8, 10**9)
    terms = [
        Terms(amp=10_000, peg=peg, trade_fee=(0, 1), cached=(10**6, at), stake=stake, sides=(Vault(held=10**9),) * 2)
        for at in (CACHED, EXPIRED)
    ]
    cached, fresh = (_quote(one, Ask(False, True, 1_000_000)) for one in terms)
    assert not isinstance(cached, str)
    assert not isinstance(fresh, str)
    assert cached[1] < 1_000_000 < 1_099_000 < fresh[1] < 1_100_000


def test_another_stake_pool_is_refused() -> None:
    pool = forge(Terms(amp=100, peg=3, cached=(10**6, EXPIRED)))
    other = msgspec.structs.replace(pool, roles={**pool.roles, "stake": account_key("pool")})
    (given_,) = answers(VENUE, other, [Ask(True, True, 1000)])
    assert given_ == {"native": "inconsistent", "reference": "inconsistent"}


@pytest.mark.parametrize("role", ["vault_a", "vault_lp_b", "token_vault_a", "lp_mint_b"])
def test_accounts_of_another_pool_are_refused(role: str) -> None:
    pool = forge(Terms())
    held = {**pool.held, account_key("other"): pool.held[pool.roles[role]]}
    other = msgspec.structs.replace(pool, roles={**pool.roles, role: account_key("other")}, held=held)
    (given_,) = answers(VENUE, other, [Ask(True, True, 1000)])
    assert given_ == {"native": "inconsistent", "reference": "inconsistent"}


def test_the_program_has_no_exact_out() -> None:
    assert _quote(Terms(), Ask(True, False, 1000)) == "unsupported"
