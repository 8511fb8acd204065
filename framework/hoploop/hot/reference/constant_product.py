"""Uniswap V2 pricing: the fee stays inside the fraction, the product of reserves never falls."""

from __future__ import annotations

MAX_RESERVE = 2**112 - 1
"""Reserves are `uint112` on chain: a swap that lifts one above reverts."""


def quote(reserve_in: int, reserve_out: int, fee_num: int, fee_den: int, amount_in: int) -> int | None:
    """Exact output in base units; None when the pair would revert. Source: `UniswapV2Library.getAmountOut`."""
    if amount_in <= 0 or reserve_in <= 0 or reserve_out <= 0:
        return None
    if reserve_in + amount_in > MAX_RESERVE:
        return None
    kept = amount_in * (fee_den - fee_num)
    return kept * reserve_out // (reserve_in * fee_den + kept)


def quote_out(reserve_in: int, reserve_out: int, fee_num: int, fee_den: int, amount_out: int) -> int | None:
    """Exact input in base units; None when the pair would revert. Source: `UniswapV2Library.getAmountIn`."""
    if amount_out <= 0 or reserve_in <= 0 or amount_out >= reserve_out:
        return None
    amount_in = reserve_in * amount_out * fee_den // ((reserve_out - amount_out) * (fee_den - fee_num)) + 1
    return amount_in if reserve_in + amount_in <= MAX_RESERVE else None
