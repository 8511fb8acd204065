"""Quotes every case of a swap vector file and says how it compares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

import msgspec

from hoploop.hot import VenueState, reference
from hoploop.verify.kinds import Engine, Source
from hoploop.verify.report import Checked, Result, Verdict
from hoploop.verify.vectors import Case, SwapFile, parse_swaps

__all__ = ["VARIANTS", "Finding", "Reader", "State", "Verdict", "check", "compare", "tally", "verdict"]

VARIANTS = {"": 0, "swap": 1, "v1_17": 2, "newest": 3, "partial_fill": 4}
"""Other instructions of the same program that pay differently; the numbers are `Ask.variant` of the native module."""

# What a pure quote cannot see: balances the curve does not know of, compute limits, accounts the caller left out.
_BEYOND_A_QUOTE = ("TokenInsufficientFunds", "insufficient funds", "ComputeBudgetExceeded", "AccountNotEnoughKeys")


class Finding(msgspec.Struct, frozen=True):
    """One case and its verdict; `got` is an amount pair or a reason."""

    case: Case
    verdict: Verdict
    got: tuple[int, int] | str


class State(Protocol):
    """A pool that can be quoted: native or reference."""

    def quote(
        self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int
    ) -> tuple[int, int] | str: ...


class Reader(Protocol):
    """Reads a pool: native or reference. A string is the reason why it is refused."""

    def __call__(
        self,
        venue: str,
        roles: dict[str, bytes],
        accounts: dict[bytes, tuple[bytes, bytes]],
        routes: tuple[list[bytes], list[bytes]],
        clock: tuple[int, int, int],
        /,
    ) -> State | str: ...


def check(source: Source, engine: Engine) -> Checked:
    """Every swap of the file in order."""
    file = parse_swaps(source.path, source.data)
    read: Reader = VenueState.read if engine == "native" else reference.read
    known = VenueState.keys() if engine == "native" else reference.VENUES
    if file.venue not in known:
        unknown = (Finding(case, Verdict.UNSUPPORTED, "unsupported") for case in file.cases)
        return Checked(file.venue, map(_result, unknown), f"no venue is called {file.venue!r}")
    return Checked(file.venue, map(_result, compare(file, read)))


def compare(file: SwapFile, read: Reader) -> Iterator[Finding]:
    """Every case of the file in order."""
    clock = (file.clock.slot, file.clock.unix_timestamp, file.clock.epoch)
    state = read(file.venue, file.roles, file.accounts, file.routes, clock)
    for case in file.cases:
        got = state if isinstance(state, str) else _quote(state, case)
        yield Finding(case, verdict(case, got), got)


def verdict(case: Case, got: tuple[int, int] | str) -> Verdict:
    """Pure: what an answer means for a case."""
    if isinstance(got, str):
        if case.error is not None:
            return Verdict.REFUSED
        return Verdict.UNSUPPORTED if got == "unsupported" else Verdict.OFF
    if case.error is not None:
        return Verdict.EXCUSED if any(known in case.failure for known in _BEYOND_A_QUOTE) else Verdict.OFF
    return Verdict.EXACT if got == (case.amount_in, case.amount_out) else Verdict.OFF


def tally(findings: Iterator[Finding]) -> Counter[Verdict]:
    """Counts by verdict."""
    return Counter(finding.verdict for finding in findings)


def _quote(state: State, case: Case) -> tuple[int, int] | str:
    variant = case.variant or ("partial_fill" if case.mode == "partial_fill" else "")
    if variant not in VARIANTS or case.mode not in ("exact_in", "exact_out", "partial_fill"):
        return "unsupported"
    exact_in = case.mode != "exact_out"
    return state.quote(case.direction == "a_to_b", exact_in, case.amount, case.limit, VARIANTS[variant])


def _result(finding: Finding) -> Result:
    case, got = finding.case, finding.got
    asked = f"{case.direction} {case.mode} {case.amount}"
    for name, value in (("limit", case.limit), ("variant", case.variant)):
        asked += f" {name} {value}" if value else ""
    expected = f"{case.amount_in} -> {case.amount_out}" if case.error is None else case.failure
    return Result(finding.verdict, asked, expected, got if isinstance(got, str) else f"{got[0]} -> {got[1]}")
