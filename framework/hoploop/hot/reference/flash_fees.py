"""What Solana's lenders charge for a flash loan, and which repayments they accept."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hoploop.hot.reference import token
from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.refusal import U64_MAX, demand, refusing, u64, u128, up

KLEND = address("KLend2g3cP87fffoy8q1mQqGKjrxjC8boSyAYavgmjD")
SOLEND = address("So1endDq2YkqhipRh3WViPa8hdiSpxWy6z3Z6tMCpAo")
MARGINFI = address("MFv2hWf31Z9kbCa1snEPYctwafyhdvnV7FZnsebVacA")
LENDERS = ("klend", "solend", "marginfi")
ONE = 2**48
"""One in I80F48, marginfi's numbers."""
TOLERANCE = ONE // 10_000


class Reserve(msgspec.Struct, frozen=True, kw_only=True):
    """Charges a share of the amount, rounded half up, and wants exactly the amount named again (klend, Solend)."""

    available: int
    rate: int
    one: int
    least: int
    host_percent: int

    @refusing
    def price(self, amount: int) -> tuple[int, int]:
        """(fee, host's part of it). Source: klend `reserve.rs`, solend `reserve.rs` `calculate_fees`."""
        demand(amount <= self.available, "empty")
        if self.rate == 0 or amount == 0:
            return 0, 0
        exact = max(amount * self.rate, self.least * self.one)
        demand(exact < amount * self.one, "range")
        fee = _half_up(exact, self.one)
        host = max(1, _half_up(exact * self.host_percent // 100, self.one)) if self.host_percent else 0
        return fee, min(host, fee)

    @refusing
    def repay(self, amount: int, argument: int) -> int:
        """What leaves the borrower that names `argument`."""
        demand(argument == amount, "inconsistent")
        price = self.price(amount)
        demand(not isinstance(price, str), "range")
        return u64(amount + int(price[0]))


class Bank(msgspec.Struct, frozen=True, kw_only=True):
    """Lends against debt shares (marginfi); amounts and rates are I80F48."""

    available: int
    share_value: int
    origination_rate: int
    debt_shares: int
    assets: int
    limit: int

    @refusing
    def price(self, amount: int) -> tuple[int, int]:
        """(fee, 0): what `repay_all` takes beyond the loan."""
        return u64(u64(up(self._owed(self._borrow(amount)), ONE)) - amount), 0

    @refusing
    def repay(self, amount: int, argument: int) -> int:
        """What leaves the borrower that names `argument`: accepted when less than one share of debt is left."""
        shares, paid = self._borrow(amount), argument * ONE
        owed = self._owed(shares)
        demand(paid <= owed + TOLERANCE, "range")
        demand(shares - min(paid, owed) * ONE // self.share_value < ONE, "inconsistent")
        return argument

    def _borrow(self, amount: int) -> int:
        demand(amount > 0, "zero")
        demand(amount <= self.available, "empty")
        owed = u128(amount * ONE + amount * self.origination_rate)
        shares = u128(owed * ONE // self.share_value)
        debt = self._owed(u128(self.debt_shares + shares))
        demand(self.limit == U64_MAX or debt < self.limit * ONE, "empty")
        demand(debt <= self.assets, "empty")
        return shares

    def _owed(self, shares: int) -> int:
        return u128(shares * self.share_value // ONE)


@refusing
def read(
    lender: str, roles: Mapping[str, bytes], held: Mapping[bytes, tuple[bytes, bytes]], clock: tuple[int, int, int]
) -> Reserve | Bank:
    """Read a reserve. ValueError: unknown lender."""
    accounts = Accounts(roles, held)
    if lender == "klend":
        return _klend(accounts, Clock(*clock))
    if lender == "solend":
        return _solend(accounts)
    if lender == "marginfi":
        return _marginfi(accounts)
    raise ValueError(f"unknown lender {lender!r}")


def _klend(accounts: Accounts, clock: Clock) -> Reserve:
    reserve = accounts.owned("reserve", KLEND)
    demand(len(reserve.data) >= 8624, "length")
    demand(reserve.take(0, 8).hex() == "2bf2ccca1af73b7f", "magic")
    _named(accounts, reserve, {32: "market", 128: "mint", 160: "supply_vault", 192: "fee_vault"})
    demand(clock.slot >= reserve.uint(16, 8), "inconsistent")
    rate = reserve.uint(4904, 8)
    demand(reserve.data[4856] == 0 and reserve.data[4864] == 0 and rate != U64_MAX, "disabled")
    available = min(reserve.uint(224, 8), token.held(accounts.role("supply_vault")))
    return Reserve(available=available, rate=rate, one=2**60, least=1, host_percent=0)


def _solend(accounts: Accounts) -> Reserve:
    reserve = accounts.owned("reserve", SOLEND)
    demand(len(reserve.data) == 619, "length")
    demand(reserve.data[0] == 1, "magic")
    _named(accounts, reserve, {10: "market", 42: "mint", 75: "supply_vault", 339: "fee_vault"})
    rate, host = reserve.uint(314, 8), reserve.data[322]
    demand(rate != U64_MAX, "disabled")
    demand(host <= 100, "range")
    available = min(reserve.uint(171, 8), token.held(accounts.role("supply_vault")))
    return Reserve(available=available, rate=rate, one=10**18, least=2 if host else 1, host_percent=host)


def _marginfi(accounts: Accounts) -> Bank:
    bank = accounts.owned("bank", MARGINFI)
    demand(len(bank.data) >= 1864, "length")
    demand(bank.take(0, 8).hex() == "8e31a6f2324261bc", "magic")
    _named(accounts, bank, {8: "mint", 41: "group", 112: "supply_vault"})
    demand(bank.data[608] == 1, "disabled")
    vault = accounts.role("supply_vault")
    demand(vault.owner == token.TOKEN, "unsupported")
    numbers = {at: bank.sint(at, 16) for at in (80, 96, 256, 272, 480)}
    demand(min(numbers.values()) >= 0 and numbers[96] > 0, "range")
    return Bank(
        available=token.held(vault),
        share_value=numbers[96],
        origination_rate=numbers[480],
        debt_shares=numbers[256],
        assets=u128(numbers[272] * numbers[80] // ONE),
        limit=bank.uint(776, 8),
    )


def _named(accounts: Accounts, account: Account, places: Mapping[int, str]) -> None:
    for at, role in places.items():
        demand(account.take(at, 32) == accounts.key(role), "inconsistent")


def _half_up(value: int, divisor: int) -> int:
    return (2 * value + divisor) // (2 * divisor)
