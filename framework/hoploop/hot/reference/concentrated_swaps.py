"""Swaps over ticks with either side given, by bitmap rows or by linked ticks: Uniswap V3 and its forks."""

from __future__ import annotations

from hoploop.hot.reference.concentrated import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MILLION,
    MIN_SQRT_RATIO,
    MIN_TICK,
    Pool,
    Step,
    amount0,
    amount1,
    next_edge,
    sqrt_ratio_at_tick,
    swap_step,
)  # fmt: skip
from hoploop.hot.reference.words import LIMIT, Revert, over_up


def fill(
    pool: Pool, zero_for_one: bool, exact_in: bool, amount: int, *, rows: bool = True
) -> tuple[int, int] | None:
    """`(input, output)` the contract moves with the price limit at the end; None when it would revert."""
    if not 0 < amount < 2**255 or pool.sqrt_price_x96 == 0:
        return None
    try:
        return _walk(pool, zero_for_one, exact_in, amount, rows)
    except Revert:
        return None


def exact_out_step(price: int, target: int, liquidity: int, left: int, fee_pips: int) -> Step:
    """`SwapMath.computeSwapStep` for a given output."""
    zero_for_one = price >= target
    whole = _output(price, target, liquidity, zero_for_one)
    after = target if left >= whole else _price_after(price, liquidity, left, zero_for_one)
    out = min(left, _output(price, after, liquidity, zero_for_one))
    paid = amount0(after, price, liquidity, up=True) if zero_for_one else amount1(price, after, liquidity, up=True)
    return Step(after, paid, out, over_up(paid * fee_pips, MILLION - fee_pips))


def _walk(pool: Pool, zero_for_one: bool, exact_in: bool, amount: int, rows: bool) -> tuple[int, int]:
    price, tick, liquidity = pool.sqrt_price_x96, pool.tick, pool.liquidity
    limit = MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
    step_of = swap_step if exact_in else exact_out_step
    left, other = amount, 0
    while left and price != limit:
        edge = next_edge(pool, tick, zero_for_one) if rows else _next_tick(pool, tick, zero_for_one)
        edge_price = sqrt_ratio_at_tick(edge)
        target = max(edge_price, limit) if zero_for_one else min(edge_price, limit)
        step = step_of(price, target, liquidity, left, pool.fee_pips)
        paid = step.amount_in + step.fee
        left, other = (left - paid, other + step.amount_out) if exact_in else (left - step.amount_out, other + paid)
        price = step.sqrt_next
        if price == edge_price:
            net = pool.net.get(edge, 0)
            liquidity += -net if zero_for_one else net
            tick = edge - 1 if zero_for_one else edge
    if other >= LIMIT:
        raise Revert("amount")
    return (amount - left, other) if exact_in else (other, amount - left)


def _next_tick(pool: Pool, tick: int, zero_for_one: bool) -> int:
    if zero_for_one:
        return max((held for held in pool.net if held <= tick), default=MIN_TICK)
    return min((held for held in pool.net if held > tick), default=MAX_TICK)


def _output(start: int, end: int, liquidity: int, zero_for_one: bool) -> int:
    return amount1(end, start, liquidity, up=False) if zero_for_one else amount0(start, end, liquidity, up=False)


def _price_after(price: int, liquidity: int, amount: int, zero_for_one: bool) -> int:
    if zero_for_one:
        after = price - over_up(amount << 96, liquidity)
        if after <= 0:
            raise Revert("price")
        return after
    scaled = liquidity << 96
    if amount * price >= LIMIT or scaled <= amount * price:
        raise Revert("price")
    return over_up(scaled * price, scaled - amount * price)
