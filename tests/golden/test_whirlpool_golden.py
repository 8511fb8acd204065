"""What the Orca Whirlpool program paid, and where it left the pool, asked of native and reference."""

from __future__ import annotations

import os
from typing import Any

import msgspec
import pytest
from venue_kit import READERS, SHARED, wrong_findings

from hoploop.hot.reference.whirlpool import Pool
from hoploop.verify.vectors import files, read_bytes, read_swaps

FOLDER = SHARED / "golden/solana/whirlpool"


@pytest.mark.parametrize("reader", ["native", "reference"])
def test_every_observed_swap_is_answered_as_the_program_did(reader: str) -> None:
    assert wrong_findings("whirlpool", reader) == []


def test_every_observed_swap_leaves_the_price_and_liquidity_that_the_program_left() -> None:
    if not FOLDER.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {FOLDER}")
    compared = 0
    for path in files(FOLDER):
        file = read_swaps(path)
        clock = (file.clock.slot, file.clock.unix_timestamp, file.clock.epoch)
        pool = READERS["reference"](file.venue, file.roles, file.accounts, file.routes, clock)
        for case in msgspec.json.decode(read_bytes(path))["cases"]:
            if isinstance(pool, Pool) and case["error"] is None and pool.fees[0].bps == pool.fees[1].bps == 0:
                assert _left(pool, case) == (int(case["sqrt_price_after"]), int(case["liquidity_after"])), (path, case)
                compared += 1
    assert compared > 1000


def _left(pool: Pool, case: dict[str, Any]) -> tuple[int, int]:
    down, exact_in = case["direction"] == "a_to_b", case["mode"] == "exact_in"
    moved = pool.swap(down, exact_in, case["amount"], int(case.get("sqrt_price_limit", 0)))
    return moved.price, moved.liquidity
