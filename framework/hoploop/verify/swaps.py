"""Quotes every case of a swap vector file and says how it compares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from typing import Protocol

import msgspec

from hoploop.verify.vectors import Case, SwapFile

VARIANTS = {"": 0, "swap": 1, "v1_17": 2}
"""Other instructions of the same program that pay differently; the numbers are `Ask.variant` of the native module."""

# What a pure quote cannot see: balances the curve does not know of, compute limits, accounts the caller left out.
_BEYOND_A_QUOTE = ("TokenInsufficientFunds", "insufficient funds", "ComputeBudgetExceeded", "AccountNotEnoughKeys")


class Verdict(Enum):
    """How one case compares."""

    EXACT = "exact"
    REFUSED = "refused"
    """Program and quote both refuse."""
    EXCUSED = "excused"
    """The program failed for a reason outside a quote."""
    OFF = "off"
    UNSUPPORTED = "unsupported"


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
        words = " ".join(str(case.error.get(name, "")) for name in ("name", "detail"))
        return Verdict.EXCUSED if any(known in words for known in _BEYOND_A_QUOTE) else Verdict.OFF
    return Verdict.EXACT if got == (case.amount_in, case.amount_out) else Verdict.OFF


def tally(findings: Iterator[Finding]) -> Counter[Verdict]:
    """Counts by verdict."""
    return Counter(finding.verdict for finding in findings)


def _quote(state: State, case: Case) -> tuple[int, int] | str:
    if case.variant not in VARIANTS:
        return "unsupported"
    return state.quote(
        case.direction == "a_to_b", case.mode == "exact_in", case.amount, case.limit, VARIANTS[case.variant]
    )
