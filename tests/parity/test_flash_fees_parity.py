"""Flash-loan fees: native and reference answer the same on forged and damaged reserves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from venue_kit import Forged, account_key, amounts, damaged, packed, token_account

from hoploop.hot import _native
from hoploop.hot.reference import flash_fees

ROLES = ("reserve", "bank", "market", "group", "mint", "supply_vault", "fee_vault")
KEYS = {role: account_key(role) for role in ROLES}
ONE = 2**48

_rates = st.one_of(st.sampled_from([0, 1, 10**15, 2**60, 2**64 - 1]), st.integers(0, 2**52), st.integers(0, 2**64 - 1))


def _pool(role: str, program: bytes, data: bytes, vault: int) -> Forged:
    held = {KEYS[role]: (program, data), KEYS["supply_vault"]: token_account(vault, KEYS["mint"])}
    return Forged(KEYS, held, clock=(1000, 1, 1))


def klend(rate: int, available: int, updated: int = 0) -> Forged:
    """A klend reserve."""
    named = {32: KEYS["market"], 128: KEYS["mint"], 160: KEYS["supply_vault"], 192: KEYS["fee_vault"]}
    fields: dict[int, int | bytes] = {16: updated, 224: available, 4904: rate, **named}
    return _pool("reserve", flash_fees.KLEND, packed(8624, fields, "2bf2ccca1af73b7f"), available)


def solend(rate: int, available: int, host_percent: int) -> Forged:
    """A Solend reserve."""
    named = {10: KEYS["market"], 42: KEYS["mint"], 75: KEYS["supply_vault"], 339: KEYS["fee_vault"]}
    fields: dict[int, int | bytes] = {171: available, 314: rate, 322: bytes([host_percent]), **named}
    return _pool("reserve", flash_fees.SOLEND, packed(619, fields, "01"), available)


def marginfi(rate: int, vault: int, share_value: int, debt: int, limit: int) -> Forged:
    """A marginfi bank whose depositors own nearly everything there can be."""
    numbers = {80: ONE, 96: share_value, 256: debt, 272: 2**120, 480: rate}
    fields: dict[int, int | bytes] = {at: value.to_bytes(16, "little") for at, value in numbers.items()}
    fields |= {8: KEYS["mint"], 41: KEYS["group"], 112: KEYS["supply_vault"], 608: b"\1", 776: limit}
    return _pool("bank", flash_fees.MARGINFI, packed(1864, fields, "8e31a6f2324261bc"), vault)


_reserves = st.one_of(
    st.tuples(st.just("klend"), st.builds(klend, _rates, amounts)),
    st.tuples(st.just("solend"), st.builds(solend, _rates, amounts, st.integers(0, 101))),
    st.tuples(
        st.just("marginfi"),
        st.builds(
            marginfi,
            st.one_of(st.integers(0, ONE // 1000), st.integers(0, 2**100)),
            amounts,
            st.one_of(st.integers(ONE, 2 * ONE), st.integers(0, 2**100)),
            st.integers(0, 2**110),
            st.one_of(st.just(2**64 - 1), amounts),
        ),
    ),
)
_loans = st.lists(st.tuples(amounts, st.integers(-3, 3)), min_size=1, max_size=8)


def _assert_same(lender: str, pool: Forged, loans: list[tuple[int, int]]) -> None:
    native = _native.FlashLoan.read(lender, pool.roles, pool.held, pool.clock)
    twin = flash_fees.read(lender, pool.roles, pool.held, pool.clock)
    if isinstance(native, str) or isinstance(twin, str):
        assert isinstance(native, str)
        assert isinstance(twin, str)
        return
    for amount, more in loans:
        argument = min(max(amount + more, 0), 2**64 - 1)
        for one, other in (
            (native.price(amount), twin.price(amount)),
            (native.repay(amount, amount), twin.repay(amount, amount)),
            (native.repay(amount, argument), twin.repay(amount, argument)),
        ):
            assert one == other or (isinstance(one, str) and isinstance(other, str)), (amount, argument)


@given(_reserves, _loans)
def test_forged_reserves(reserve: tuple[str, Forged], loans: list[tuple[int, int]]) -> None:
    _assert_same(*reserve, loans)


@given(st.data(), _loans)
def test_damaged_accounts(data: st.DataObject, loans: list[tuple[int, int]]) -> None:
    lender, pool = data.draw(
        st.sampled_from(
            [
                ("klend", klend(2**50, 10**9)),
                ("solend", solend(10**15, 10**9, 20)),
                ("marginfi", marginfi(ONE // 10_000, 10**9, ONE + 7, 0, 2**64 - 1)),
            ]
        )
    )
    _assert_same(lender, data.draw(damaged(pool)), loans)


@pytest.mark.parametrize(
    ("lender", "pool", "reason"),
    [
        ("klend", klend(2**64 - 1, 10), "disabled"),
        ("klend", klend(1, 10, updated=1001), "inconsistent"),
        ("solend", solend(2**64 - 1, 10, 20), "disabled"),
        ("solend", solend(1, 10, 101), "range"),
    ],
)
def test_reserves_that_do_not_lend_are_refused(lender: str, pool: Forged, reason: str) -> None:
    assert _native.FlashLoan.read(lender, pool.roles, pool.held, pool.clock) == reason
    assert flash_fees.read(lender, pool.roles, pool.held, pool.clock) == reason


def test_a_loan_that_its_least_fee_would_eat_is_refused() -> None:
    pool = solend(1, 100, 20)
    loan = _native.FlashLoan.read("solend", pool.roles, pool.held, pool.clock)
    assert not isinstance(loan, str)
    assert (loan.price(2), loan.price(3), loan.price(101)) == ("range", (2, 1), "empty")


def test_an_unknown_lender_is_wrong_use() -> None:
    with pytest.raises(ValueError, match="unknown lender"):
        _native.FlashLoan.read("nobody", {}, {}, (0, 0, 0))
    with pytest.raises(ValueError, match="unknown lender"):
        flash_fees.read("nobody", {}, {}, (0, 0, 0))
