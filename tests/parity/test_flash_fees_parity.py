"""Flash-loan fees: native and reference answer the same on forged and damaged reserves."""

from __future__ import annotations

import pytest
from flash_fees_kit import ONE, klend, marginfi, solend
from hypothesis import given
from hypothesis import strategies as st
from venue_kit import Forged, amounts, damaged

from hoploop.hot import _native
from hoploop.hot.reference import flash_fees

_rates = st.one_of(st.sampled_from([0, 1, 10**15, 2**60, 2**64 - 1]), st.integers(0, 2**52), st.integers(0, 2**64 - 1))
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
