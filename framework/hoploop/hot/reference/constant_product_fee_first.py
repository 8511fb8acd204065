"""Hoploop's own Solana AMM: the fee is taken from the input, rounded up, before pricing."""

from __future__ import annotations

MAX_RESERVE = 2**64 - 1
"""Reserves are `u64` in the account: a swap that lifts one above fails."""


def quote(reserve_in: int, reserve_out: int, fee_num: int, fee_den: int, amount_in: int) -> int | None:
    """Exact output in base units; None when the program would fail. Source: `contracts/solana/README.md`."""
    if amount_in <= 0 or reserve_in <= 0 or reserve_out <= 0:
        return None
    if reserve_in + amount_in > MAX_RESERVE:
        return None
    fee = -(-amount_in * fee_num // fee_den)
    net = amount_in - fee
    return reserve_out * net // (reserve_in + net)
