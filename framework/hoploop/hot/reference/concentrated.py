"""Uniswap V3 pricing as the contract does it, word by word of the tick bitmap, without any shortcut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

MIN_TICK, MAX_TICK = -887_272, 887_272
MIN_SQRT_RATIO = 4_295_128_739
MAX_SQRT_RATIO = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342
Q96 = 2**96
MILLION = 1_000_000
MAX_OUT = 2**128 - 1
"""The native module answers in 128 bits and refuses beyond."""

FACTORS = (
    0xFFFCB933BD6FAD37AA2D162D1A594001, 0xFFF97272373D413259A46990580E213A, 0xFFF2E50F5F656932EF12357CF3C7FDCC,
    0xFFE5CACA7E10E4E61C3624EAA0941CD0, 0xFFCB9843D60F6159C9DB58835C926644, 0xFF973B41FA98C081472E6896DFB254C0,
    0xFF2EA16466C96A3843EC78B326B52861, 0xFE5DEE046A99A2A811C461F1969C3053, 0xFCBE86C7900A88AEDCFFC83B479AA3A4,
    0xF987A7253AC413176F2B074CF7815E54, 0xF3392B0822B70005940C7A398E4B70F3, 0xE7159475A2C29B7443B29C7FA6E889D9,
    0xD097F3BDFD2022B8845AD8F792AA5825, 0xA9F746462D870FDF8A65DC1F90E061E5, 0x70D869A156D2A1B890BB3DF62BAF32F7,
    0x31BE135F97D08FD981231505542FCFA6, 0x9AA508B5B7A84E1C677DE54F3E99BC9, 0x5D6AF8DEDB81196699C329225EE604,
    0x2216E584F5FA1EA926041BEDFE98, 0x48A170391F7DC42444E8FA2,
)  # fmt: skip
"""`sqrt(1.0001^-(2^i))` in Q128 for bit `i` of `|tick|`. Source: `TickMath.sol`."""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """State of one pool. `net` maps every initialized tick to the liquidity added when it is crossed upwards."""

    sqrt_price_x96: int
    tick: int
    liquidity: int
    fee_pips: int
    tick_spacing: int
    net: Mapping[int, int]


class Filled(NamedTuple):
    """What a swap did: it takes less than offered when it reaches the end of all prices."""

    amount_in: int
    amount_out: int
    sqrt_price_x96: int
    liquidity: int


class Step(NamedTuple):
    """One step within one liquidity range."""

    sqrt_next: int
    amount_in: int
    amount_out: int
    fee: int


def quote(pool: Pool, zero_for_one: bool, amount_in: int) -> int | None:
    """Exact output in base units; None when the pool cannot take the whole input."""
    if amount_in <= 0 or pool.sqrt_price_x96 == 0:
        return None
    filled = swap(pool, zero_for_one, amount_in)
    if filled.amount_in < amount_in or filled.amount_out > MAX_OUT:
        return None
    return filled.amount_out


def swap(pool: Pool, zero_for_one: bool, amount_in: int) -> Filled:
    """The contract's loop for exact input without a price limit. Source: `UniswapV3Pool.swap`."""
    price, tick, liquidity = pool.sqrt_price_x96, pool.tick, pool.liquidity
    limit = MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
    remaining, out = amount_in, 0
    while remaining and price != limit:
        edge = next_edge(pool, tick, zero_for_one)
        edge_price = sqrt_ratio_at_tick(edge)
        target = max(edge_price, limit) if zero_for_one else min(edge_price, limit)
        step = swap_step(price, target, liquidity, remaining, pool.fee_pips)
        remaining -= step.amount_in + step.fee
        out += step.amount_out
        price = step.sqrt_next
        if price == edge_price:
            net = pool.net.get(edge, 0)
            liquidity += -net if zero_for_one else net
            tick = edge - 1 if zero_for_one else edge
    return Filled(amount_in - remaining, out, price, liquidity)


def next_edge(pool: Pool, tick: int, zero_for_one: bool) -> int:
    """Next initialized tick of the bitmap's row, else the row's last tick. Source: `TickBitmap.sol`."""
    spacing, compressed = pool.tick_spacing, tick // pool.tick_spacing
    if zero_for_one:
        first, last = compressed * spacing, (compressed >> 8 << 8) * spacing
        return max((held for held in pool.net if last <= held <= first), default=max(last, MIN_TICK))
    first, last = (compressed + 1) * spacing, ((compressed + 1 >> 8 << 8) + 255) * spacing
    return min((held for held in pool.net if first <= held <= last), default=min(last, MAX_TICK))


def swap_step(price: int, target: int, liquidity: int, remaining: int, fee_pips: int) -> Step:
    """Move from `price` towards `target` with at most `remaining` input. Source: `SwapMath.computeSwapStep`."""
    zero_for_one = price >= target
    usable = remaining * (MILLION - fee_pips) // MILLION
    whole = _input_between(price, target, liquidity, zero_for_one)
    after = target if usable >= whole else _price_after(price, liquidity, usable, zero_for_one)
    amount_in = whole if after == target else _input_between(price, after, liquidity, zero_for_one)
    out = amount1(after, price, liquidity, up=False) if zero_for_one else amount0(price, after, liquidity, up=False)
    fee = _up(amount_in * fee_pips, MILLION - fee_pips) if after == target else remaining - amount_in
    return Step(after, amount_in, out, fee)


def sqrt_ratio_at_tick(tick: int) -> int:
    """`sqrt(1.0001^tick) * 2^96`, rounded up. Source: `TickMath.sol`."""
    ratio = 1 << 128
    for bit, factor in enumerate(FACTORS):
        if abs(tick) >> bit & 1:
            ratio = ratio * factor >> 128
    if tick > 0:
        ratio = (2**256 - 1) // ratio
    return _up(ratio, 1 << 32)


def amount0(low: int, high: int, liquidity: int, *, up: bool) -> int:
    """Amount of token 0 between two prices `low <= high`. Source: `SqrtPriceMath.getAmount0Delta`."""
    scaled = (liquidity << 96) * (high - low)
    return _up(_up(scaled, high), low) if up else scaled // high // low


def amount1(low: int, high: int, liquidity: int, *, up: bool) -> int:
    """Amount of token 1 between two prices `low <= high`. Source: `SqrtPriceMath.getAmount1Delta`."""
    scaled = liquidity * (high - low)
    return _up(scaled, Q96) if up else scaled // Q96


def _input_between(start: int, end: int, liquidity: int, zero_for_one: bool) -> int:
    return amount0(end, start, liquidity, up=True) if zero_for_one else amount1(start, end, liquidity, up=True)


def _price_after(price: int, liquidity: int, amount: int, zero_for_one: bool) -> int:
    if amount == 0:
        return price
    if not zero_for_one:
        return price + (amount << 96) // liquidity
    scaled = liquidity << 96
    # The contract falls back to a coarser formula when its 256-bit product overflows.
    if amount * price < 2**256 and scaled + amount * price < 2**256:
        return _up(scaled * price, scaled + amount * price)
    return _up(scaled, scaled // price + amount)


def _up(value: int, divisor: int) -> int:
    return -(-value // divisor)
