"""Prices, steps and the volatility fee of Orca Whirlpools, as the program computes them."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import msgspec

from hoploop.hot.reference.refusal import demand, u64, u128, up

MIN_TICK, MAX_TICK = -443_636, 443_636
MIN_PRICE, MAX_PRICE = 4_295_048_016, 79_226_673_515_401_279_992_447_579_055
Q64 = 2**64
MILLION = 1_000_000
MOST_FEE = 100_000
"""Pool's and volatility's fee together, millionths."""
GROUP = 10_000
"""What one group of ticks adds to the volatility."""
CONTROL = 100_000 * GROUP * GROUP
OLDEST_REFERENCE = 3600

RISING = (
    0x1000346D6FF11672AE55AD00F, 0x100068DB8BAC710CB295E9E1B, 0x1000D1B9C68ABE5F76B30FB75,
    0x1001A37E4A234CB0830516E51, 0x100347278AB0E92ADA25AB460, 0x10068EFB00A525480A5D7FDC2,
    0x100D20A63B4173839DF9DAAA5, 0x101A4C11C742DD7729738DF5E, 0x1034C35C31F64CFA6DC0D6DE4,
    0x106A34B78C8AAFFBF81BED5A3, 0x10D72A6A46CCD8BCE9AE771B1, 0x11B9A258E63928596DC757FAA,
    0x13A2E2BDA04F8379F3CD17BE5, 0x181954BE69E0DA8FE77F2AB42, 0x244C2655D185A029080252877,
    0x525816EEB9F935B1C616779E8, 0x1A7C8D00B551684FF4D31AE065, 0x2BD893D0B2DF7C97884590C66CD,
    0x78278E1E19E448CF8B95D2152DCCF,
)  # fmt: skip
"""`sqrt(1.0001^(2^i))` in Q96 for bit `i` of a positive tick."""
FALLING = (
    0xFFFCB933BD6FAD37, 0xFFF97272373D4132, 0xFFF2E50F5F656932, 0xFFE5CACA7E10E4E6, 0xFFCB9843D60F6159,
    0xFF973B41FA98C081, 0xFF2EA16466C96A38, 0xFE5DEE046A99A2A8, 0xFCBE86C7900A88AE, 0xF987A7253AC41317,
    0xF3392B0822B70005, 0xE7159475A2C29B74, 0xD097F3BDFD2022B8, 0xA9F746462D870FDF, 0x70D869A156D2A1B8,
    0x31BE135F97D08FD9, 0x9AA508B5B7A84E1, 0x5D6AF8DEDB8119, 0x2216E584F5FA,
)  # fmt: skip
"""`sqrt(1.0001^-(2^i))` in Q64 for bit `i` of a negative tick's distance from zero."""


def price_at(tick: int) -> int:
    """Q64.64 square root of the price at a tick; beyond the ends that of the end. Source: `math/tick_math.rs`."""
    tick = min(max(tick, MIN_TICK), MAX_TICK)
    factors, bits = (RISING, 96) if tick >= 0 else (FALLING, 64)
    ratio = 1 << bits
    for bit, factor in enumerate(factors):
        if abs(tick) >> bit & 1:
            ratio = ratio * factor >> bits
    return ratio >> bits - 64


def tick_at(price: int) -> int:
    """Greatest tick whose price is not above `price`."""
    return MIN_TICK - 1 + bisect_right(range(MIN_TICK, MAX_TICK + 1), price, key=price_at)


class Step(NamedTuple):
    """One step within one liquidity range."""

    price: int
    amount_in: int
    amount_out: int
    fee: int


def step(price: int, target: int, liquidity: int, left: int, rate: int, *, exact_in: bool, down: bool) -> Step:
    """Move towards `target` with at most `left` of the given side. Source: `math/swap_math.rs`."""
    of_a = exact_in == down
    amount = left * (MILLION - rate) // MILLION if exact_in else left
    whole = delta(price, target, liquidity, of_a=of_a, round_up=exact_in)
    after = target if whole <= amount else _next_price(price, liquidity, amount, of_a=of_a, adds=exact_in)
    fixed = u64(whole if after == target else delta(price, after, liquidity, of_a=of_a, round_up=exact_in))
    other = u64(delta(price, after, liquidity, of_a=not of_a, round_up=not exact_in))
    amount_in, amount_out = (fixed, other) if exact_in else (other, min(fixed, left))
    partial = exact_in and after != target
    fee = left - amount_in if partial else up(amount_in * rate, MILLION - rate)
    return Step(after, amount_in, amount_out, u64(fee))


def delta(one: int, another: int, liquidity: int, *, of_a: bool, round_up: bool) -> int:
    """Token A or B between two prices; the program has 256 bits for it. Source: `math/token_math.rs`."""
    low, high = sorted((one, another))
    moved = liquidity * (high - low)
    if of_a:
        demand(moved * Q64 < 2**256, "overflow")
    top, bottom = (moved * Q64, low * high) if of_a else (moved, Q64)
    return up(top, bottom) if round_up else top // bottom


def _next_price(price: int, liquidity: int, amount: int, *, of_a: bool, adds: bool) -> int:
    if not of_a:
        demand(liquidity > 0, "overflow")
        return u128(price + amount * Q64 // liquidity if adds else price - up(amount * Q64, liquidity))
    if amount == 0:
        return price
    demand(liquidity * price * Q64 < 2**256, "overflow")
    denominator = liquidity * Q64 + (amount if adds else -amount) * price
    demand(denominator > 0, "overflow")
    return u128(up(liquidity * Q64 * price, denominator))


class Volatility(msgspec.Struct, frozen=True, kw_only=True):
    """Volatility at the beginning of a swap. Source: `state/oracle.rs`, `manager/fee_rate_manager.rs`."""

    control: int
    most: int
    group_size: int
    reference: int
    group_reference: int

    def rate(self, base: int, group: int) -> int:
        """Total fee, millionths, while the price is in a group of ticks."""
        volatility = min(self.reference + abs(self.group_reference - group) * GROUP, self.most)
        return min(base + up(self.control * (volatility * self.group_size) ** 2, CONTROL), MOST_FEE)

    def bound(self, target: int, liquidity: int, group: int, *, down: bool) -> tuple[int, bool]:
        """Price not to move beyond at this rate, and whether groups are skipped on the way."""
        nearer = max if down else min
        if self.control == 0 or liquidity == 0:
            return target, True
        reach = up(self.most - self.reference, GROUP)
        low, high = self.group_reference - reach, self.group_reference + reach
        below, above = low * self.group_size, (high + 1) * self.group_size
        if below > MIN_TICK and group < low:
            return (target if down else nearer(target, price_at(below))), True
        if above < MAX_TICK and group > high:
            return (nearer(target, price_at(above)) if down else target), True
        return nearer(target, price_at((group if down else group + 1) * self.group_size)), False

    def traversed(self, price: int, tick: int, *, down: bool) -> int:
        """Last group of a walk that came to `price`, which lies in `tick`."""
        if not down and tick % self.group_size == 0 and price == price_at(tick):
            return tick // self.group_size - 1
        return tick // self.group_size


def references(
    *, now: int, group: int, updated: int, major: int, filtered: int, decays: int, old: tuple[int, int], decayed: int
) -> tuple[int, int]:
    """Reference volatility and group at second `now`; `old` are those stored. Source: `state/oracle.rs`."""
    demand(now >= max(updated, major), "inconsistent")
    elapsed = now - max(updated, major)
    if now - updated > OLDEST_REFERENCE:
        return 0, group
    if elapsed < filtered:
        return old
    return (decayed, group) if elapsed < decays else (0, group)
