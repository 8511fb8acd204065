"""What the Raydium AMM v4 program paid, asked of native and reference."""

from __future__ import annotations

import msgspec
import pytest
from venue_kit import READERS, SHARED, wrong_findings

from hoploop.verify.vectors import files, read_bytes, read_swaps

VENUE = "raydium_amm_v4"
NEWEST = 3


@pytest.mark.parametrize("reader", ["native", "reference"])
def test_every_observed_swap_is_answered_as_the_program_did(reader: str) -> None:
    assert wrong_findings(VENUE, reader) == []


class _Newer(msgspec.Struct, frozen=True):
    """What the newest source computes where it differs."""

    amount_in: int = 0
    amount_out: int = 0
    fails: bool = False


class _Case(msgspec.Struct, frozen=True):
    newer_source_plain_ceil: _Newer | None = None


class _File(msgspec.Struct, frozen=True):
    cases: list[_Case]


@pytest.mark.parametrize("reader", ["native", "reference"])
def test_the_newest_rule_is_a_plain_ceiling(reader: str) -> None:
    assert wrong_findings(VENUE, reader) == []
    compared = 0
    for path in files(SHARED / "golden/solana" / VENUE):
        swaps, raw = read_swaps(path), msgspec.json.decode(read_bytes(path), type=_File)
        clock = (swaps.clock.slot, swaps.clock.unix_timestamp, swaps.clock.epoch)
        state = READERS[reader](VENUE, swaps.roles, swaps.accounts, swaps.routes, clock)
        for case, newer in zip(swaps.cases, (one.newer_source_plain_ceil for one in raw.cases), strict=True):
            if newer is None or isinstance(state, str):
                continue
            got = state.quote(case.direction == "a_to_b", case.mode == "exact_in", case.amount, 0, NEWEST)
            assert isinstance(got, str) if newer.fails else got == (newer.amount_in, newer.amount_out), (path, case)
            compared += 1
    assert compared > 100
