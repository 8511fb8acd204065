"""Prices, steps, limit orders and the dynamic fee of Raydium CLMM, as its program computes them."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from hoploop.hot.reference.refusal import U64_MAX, Refused, demand, u64, u128, up

MIN_TICK, MAX_TICK = -443_636, 443_636
MIN_SQRT_PRICE, MAX_SQRT_PRICE = 4_295_048_016, 79_226_673_521_066_979_257_578_248_091
Q64 = 2**64
MILLION = 1_000_000
MOST_FEE = 100_000
"""Base and dynamic fee together, millionths."""
GROUP = 10_000
"""What one group of ticks adds to the volatility accumulator."""
CONTROL = 100_000 * GROUP * GROUP

FACTORS = (
    0xFFFCB933BD6FB800, 0xFFF97272373D4000, 0xFFF2E50F5F657000, 0xFFE5CACA7E10F000, 0xFFCB9843D60F7000,
    0xFF973B41FA98E800, 0xFF2EA16466C9B000, 0xFE5DEE046A9A3800, 0xFCBE86C7900BB000, 0xF987A7253AC65800,
    0xF3392B0822BB6000, 0xE7159475A2CAF000, 0xD097F3BDFD2F2000, 0xA9F746462D9F8000, 0x70D869A156F31C00,
    0x31BE135F97ED3200, 0x09AA508B5B85A500, 0x005D6AF8DEDC582C, 0x00002216E584F5FA,
)  # fmt: skip
"""`sqrt(1.0001^-(2^i))` in Q64 for bit `i` of `|tick|`, with the program's truncated digits."""


def sqrt_price_at(tick: int) -> int:
    """Q64.64 square root of the price at a tick. Source: `libraries/tick_math.rs`."""
    ratio = Q64
    for bit, factor in enumerate(FACTORS):
        if abs(tick) >> bit & 1:
            ratio = ratio * factor >> 64
    return (2**128 - 1) // ratio if tick > 0 else ratio


class Fees(NamedTuple):
    """Total fee in millionths, and whether it is taken from the input."""

    rate: int
    on_input: bool


class Filled(NamedTuple):
    """One step or one match: what came in without a fee on it, what left after a fee on it, and the fee."""

    price: int
    amount_in: int
    amount_out: int
    fee: int


def step(
    price: int, target: int, liquidity: int, left: int, fees: Fees, zero_for_one: bool, exact_in: bool, first: bool
) -> Filled:
    """One step towards `target`. Source: `libraries/swap_math.rs`; `first`: the build of 2024-04."""
    amount = left
    if exact_in and fees.on_input:
        amount = left * (MILLION - fees.rate) // MILLION
    elif not exact_in and not fees.on_input:
        amount = u64(up(left * MILLION, MILLION - fees.rate))
    ends = _deltas(price, target, liquidity, zero_for_one)
    fixed = ends[0] if exact_in else ends[1]
    demand(not first or fixed <= U64_MAX, "overflow")
    reached = amount >= fixed and (first or max(ends) <= U64_MAX)
    following = target if reached else _next_price(price, liquidity, amount, zero_for_one, exact_in)
    demand(following >= target if zero_for_one else following <= target, "overflow")
    amount_in, amount_out = (u64(delta) for delta in _deltas(price, following, liquidity, zero_for_one))
    arrived = following == target
    if fees.on_input:
        amount_out = amount_out if exact_in else min(amount_out, left)
        partial = exact_in and not arrived
        fee = left - amount_in if partial else up(amount_in * fees.rate, MILLION - fees.rate)
        return Filled(following, amount_in, amount_out, u64(fee))
    fee = up(amount_out * fees.rate, MILLION)
    net = amount_out - fee
    if exact_in:
        return Filled(following, amount_in if arrived else left, net, fee)
    return Filled(following, amount_in, min(net, left), amount_out - min(net, left))


def match(price: int, unfilled: int, left: int, fees: Fees, zero_for_one: bool, exact_in: bool) -> Filled:
    """Fill the limit orders of the tick at `price`. Source: `states/tick_array.rs`."""
    if left == 0 or unfilled == 0:
        return Filled(price, 0, 0, 0)
    of_token_0 = u128(price * price // Q64 if zero_for_one else up(price * price, Q64))
    demand(of_token_0 > 0, "overflow")
    top, bottom = (of_token_0, Q64) if zero_for_one else (Q64, of_token_0)
    if exact_in:
        fee = up(left * fees.rate, MILLION) if fees.on_input else 0
        amount_in = left - fee
        amount_out = u128(amount_in * top // bottom)
        if amount_out > unfilled:
            amount_out = unfilled
            amount_in = u64(up(unfilled * bottom, top))
            fee = u64(up(amount_in * fees.rate, MILLION - fees.rate)) if fees.on_input else 0
    else:
        amount_out = min(left, unfilled)
        if not fees.on_input:
            amount_out = min(u64(up(amount_out * MILLION, MILLION - fees.rate)), unfilled)
        amount_in = u64(up(amount_out * bottom, top))
        fee = u64(up(amount_in * fees.rate, MILLION - fees.rate)) if fees.on_input else 0
    if not fees.on_input:
        fee = up(amount_out * fees.rate, MILLION)
        amount_out -= fee
    return Filled(price, amount_in, amount_out, fee)


class Dynamic(msgspec.Struct):
    """State of the dynamic fee; changes while a swap walks. Source: `states/pool_fee.rs`."""

    filter_period: int
    decay_period: int
    reduction: int
    control: int
    most: int
    index_reference: int
    reference: int
    accumulator: int
    updated_at: int

    def start(self, index: int, now: int) -> None:
        """Move the references when the last swap is long enough ago."""
        elapsed = max(now - self.updated_at, 0)
        if elapsed < self.filter_period:
            return
        decays = elapsed < self.decay_period
        self.reference = (self.accumulator * self.reduction // GROUP) % 2**32 if decays else 0
        self.index_reference = index
        self.updated_at = now

    def visit(self, index: int) -> None:
        """Price is in the group of ticks `index`."""
        distance = self.index_reference - index
        demand(-(2**31) <= distance < 2**31, "overflow")
        self.accumulator = min(self.reference + abs(distance) * GROUP, self.most)

    def rate(self, base: int, tick_spacing: int) -> int:
        """Base and dynamic fee, millionths."""
        crossed = self.accumulator * tick_spacing
        demand(crossed < 2**32, "overflow")
        dynamic = up(self.control * crossed * crossed, CONTROL)
        return min(base + min(dynamic, MOST_FEE), MOST_FEE)


def _deltas(price: int, to: int, liquidity: int, zero_for_one: bool) -> tuple[int, int]:
    """(in rounded up, out rounded down) between two prices."""
    low, high = sorted((price, to))
    moved = liquidity * (high - low)
    if zero_for_one:
        return up(moved * Q64, low * high), moved // Q64
    return up(moved, Q64), moved * Q64 // (low * high)


def _next_price(price: int, liquidity: int, amount: int, zero_for_one: bool, exact_in: bool) -> int:
    """Where `amount` moves the price. Source: `libraries/sqrt_price_math.rs`."""
    demand(liquidity > 0 and MIN_SQRT_PRICE <= price < MAX_SQRT_PRICE, "empty")
    if zero_for_one == exact_in:
        if amount == 0:
            return price
        numerator = liquidity * Q64
        denominator = numerator + (amount if exact_in else -amount) * price
        if denominator <= 0:
            raise Refused("overflow")
        return u128(up(numerator * price, denominator))
    if exact_in:
        return u128(price + amount * Q64 // liquidity)
    return u128(price - up(amount * Q64, liquidity))
