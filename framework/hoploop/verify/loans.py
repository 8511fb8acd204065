"""Prices every case of a flash-loan vector file, probes included, and says how it compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import msgspec

from hoploop.hot import FlashLoan
from hoploop.hot.reference import flash_fees
from hoploop.verify.kinds import Engine, Source
from hoploop.verify.report import Checked, Result, Verdict
from hoploop.verify.vectors import AccountData, ClockState, decode_accounts, decode_roles, fits

ARGUMENT_PROBES = (
    "repay_one_less", "repay_one_more",
    "partial_exact", "partial_one_less", "partial_two_less", "partial_1000_less", "partial_one_more",
)  # fmt: skip
"""Repayments of another amount than was borrowed, or of the amount where all could be asked back."""
BALANCE_PROBES = ("own_balance_exact_fee", "own_balance_one_short")


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """A variation of a case: another repayment, or another balance of the borrower's own."""

    repay_argument: int | None = None
    balance: int | None = None
    cost: int | None = None
    error: dict[str, Any] | str | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One observed loan. `repay_argument` is None when the borrower asked to repay all."""

    borrow_amount: int
    repay_argument: int | None = None
    total_paid_back: int | None = None
    fee: int | None = None
    host_fee_delta: int | None = None
    error: dict[str, Any] | str | None = None
    probes: dict[str, Probe] = {}


class Loan(Protocol):
    """A reserve that can be asked: native or reference."""

    def price(self, amount: int) -> tuple[int, int] | str: ...

    def repay(self, amount: int, argument: int) -> int | str: ...


class _File(msgspec.Struct, frozen=True):
    lender: str
    clock: ClockState
    accounts: dict[str, AccountData | None]
    roles: dict[str, str | None]
    cases: list[dict[str, Any]]


def check(source: Source, engine: Engine) -> Checked:
    """Every loan of the file in order."""
    file = msgspec.json.decode(source.data, type=_File, strict=False)
    cases = [_case(raw) for raw in file.cases]
    if file.lender not in flash_fees.LENDERS:
        return Checked(file.lender, (_unknown(case) for case in cases), f"no lender is called {file.lender!r}")
    roles, accounts = decode_roles(file.roles), decode_accounts(file.accounts)
    clock = (file.clock.slot, file.clock.unix_timestamp, file.clock.epoch)
    loan: Loan | str
    if engine == "native":
        loan = FlashLoan.read(file.lender, roles, accounts, clock)
    else:
        loan = flash_fees.read(file.lender, roles, accounts, clock)
    same_account = file.roles.get("host_fee") is not None and file.roles["host_fee"] == file.roles.get("fee_vault")
    return Checked(file.lender, (_result(case, loan, same_account) for case in cases))


def differences(case: Case, loan: Loan, same_account: bool) -> Iterator[tuple[str, str, str]]:
    """(what, expected, got) of everything a successful case shows that the loan answers otherwise."""
    price = loan.price(case.borrow_amount)
    if isinstance(price, str):
        yield "fee", str(case.fee), price
        return
    fee, host = price
    # A host's account that is also the fee account shows the whole fee.
    host = fee if same_account else host
    if (fee, host) != (case.fee or 0, case.host_fee_delta or 0):
        yield "fee, host's part", f"{case.fee or 0}, {case.host_fee_delta or 0}", f"{fee}, {host}"
    if case.repay_argument is not None:
        paid = loan.repay(case.borrow_amount, case.repay_argument)
        if paid != (case.total_paid_back or 0):
            yield "repayment", str(case.total_paid_back or 0), str(paid)
    for name, probe in case.probes.items():
        yield from _probe(name, probe, case, loan, fee)


def _probe(name: str, probe: Probe, case: Case, loan: Loan, fee: int) -> Iterator[tuple[str, str, str]]:
    expected = "accepted" if probe.error is None else "refused"
    if probe.repay_argument is not None:
        paid = loan.repay(case.borrow_amount, probe.repay_argument)
        got = "refused" if isinstance(paid, str) else "accepted"
        if got == expected == "accepted" and probe.cost is not None and int(paid) - case.borrow_amount != probe.cost:
            yield name, str(probe.cost), str(int(paid) - case.borrow_amount)
    else:
        got = "accepted" if probe.balance is not None and probe.balance >= fee else "refused"
    if got != expected:
        yield name, expected, got


def _result(case: Case, loan: Loan | str, same_account: bool) -> Result:
    asked, paid = f"borrow {case.borrow_amount}", str(case.total_paid_back or 0)
    if case.error is not None:
        got = loan if isinstance(loan, str) else loan.price(case.borrow_amount)
        verdict = Verdict.REFUSED if isinstance(got, str) else Verdict.OFF
        name = case.error if isinstance(case.error, str) else case.error.get("name", "refused")
        return Result(verdict, asked, str(name), str(got))
    if isinstance(loan, str):
        return Result(Verdict.UNSUPPORTED if loan == "unsupported" else Verdict.OFF, asked, paid, loan)
    for what, expected, answer in differences(case, loan, same_account):
        return Result(Verdict.OFF, f"{asked}: {what}", expected, answer)
    return Result(Verdict.EXACT, asked, paid, paid)


def _unknown(case: Case) -> Result:
    return Result(Verdict.UNSUPPORTED, f"borrow {case.borrow_amount}", str(case.total_paid_back or 0), "unsupported")


def _case(raw: Mapping[str, Any]) -> Case:
    names = (*ARGUMENT_PROBES, *BALANCE_PROBES)
    probes = {name: msgspec.convert(raw[name], Probe, strict=False) for name in names if raw.get(name) is not None}
    case = msgspec.structs.replace(msgspec.convert(dict(raw), Case, strict=False), probes=probes)
    fits(64, case.borrow_amount, case.repay_argument or 0)
    fits(64, *(probe.repay_argument or 0 for probe in probes.values()))
    return case
