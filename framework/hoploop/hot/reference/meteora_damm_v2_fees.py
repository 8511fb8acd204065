"""What a swap of a Meteora DAMM v2 pool costs, in billionths: five base fees, the variable part, the cap."""

from __future__ import annotations

from math import isqrt

import msgspec

from hoploop.hot.reference.accounts import Account
from hoploop.hot.reference.refusal import U64_MAX, Refused, demand, u64, u128, up

ONE = 10**9
BPS = 10_000
PER_BPS = ONE // BPS
CAPS = {0: 500_000_000, 1: 990_000_000}


def without(rate: int, amount: int) -> tuple[int, int]:
    """(what is left, fee) of an amount that has the fee in it; the fee rounds up."""
    fee = u64(up(amount * rate, ONE))
    return u64(amount - fee), fee


def with_fee(rate: int, net: int) -> tuple[int, int]:
    """(gross, fee) so that `net` is left; the gross rounds up."""
    demand(rate < ONE, "range")
    gross = u64(up(net * ONE, ONE - rate))
    return gross, gross - net


class Limiter(msgspec.Struct, frozen=True):
    """The first `reference` units pay `cliff`, each further `reference` units `increment` more, up to `most`."""

    cliff: int
    increment: int
    most: int
    reference: int

    def of_included(self, amount: int) -> int:
        """Rate of an amount that has the fee in it."""
        if amount <= self.reference:
            return self.cliff
        steps = self._steps()
        demand(self.reference > 0, "range")
        whole, rest = divmod(amount - self.reference, self.reference)
        index = min(whole, steps)
        fee = self.reference * (self.cliff * (index + 1) + self.increment * index * (index + 1) // 2)
        if whole < steps:
            fee += rest * (self.cliff + self.increment * (index + 1))
        else:
            fee += ((whole - steps) * self.reference + rest) * self.most
        return u64(up(u64(up(fee, ONE)) * ONE, amount))

    def of_excluded(self, amount: int) -> int:
        """Rate of an amount the fee has to be added to."""
        if amount <= self._net(self.reference):
            return self.cliff
        top = (self._steps() + 1) * self.reference
        gross = min(top, U64_MAX)
        net = self._net(gross)
        if amount == net:
            return self.of_included(gross)
        if amount < net:
            included = self._solve(amount)
        else:
            demand(top <= U64_MAX, "overflow")
            included = u64(gross + with_fee(self.most, amount - net)[0])
        demand(included > 0, "zero")
        rate = u64(up(u64(included - amount) * ONE, included))
        demand(rate >= self.cliff, "inconsistent")
        return rate

    def _solve(self, amount: int) -> int:
        """The root of the smooth curve through the steps, then what is left at the next step's rate."""
        demand(self.increment > 0 and self.reference > 0, "range")
        x, y = self.increment, self.reference * (2 * ONE + self.increment - 2 * self.cliff)
        square = y * y - 8 * x * amount * ONE * self.reference
        demand(square >= 0, "overflow")
        root = u64((y - isqrt(square)) // (2 * x))
        rest = u64(amount - self._net(root))
        more, _ = with_fee(self.cliff + self.increment * (root // self.reference), rest)
        return u64(root + more)

    def _net(self, included: int) -> int:
        return without(self.of_included(included), included)[0]

    def _steps(self) -> int:
        demand(self.increment > 0 and self.cliff <= self.most, "range")
        return (self.most - self.cliff) // self.increment


class Rate(msgspec.Struct, frozen=True):
    """What one direction costs."""

    base: int | Limiter
    variable: int
    cap: int

    def of_included(self, amount: int) -> int:
        """Rate of an amount that has the fee in it."""
        return self._total(self.base if isinstance(self.base, int) else self.base.of_included(amount))

    def of_excluded(self, amount: int) -> int:
        """Rate of an amount the fee has to be added to."""
        return self._total(self.base if isinstance(self.base, int) else self.base.of_excluded(amount))

    def _total(self, base: int) -> int:
        return min(u64(u128(base + self.variable)), self.cap)


def rates(pool: Account, point: int, activation: int) -> tuple[Rate, Rate]:
    """Rates of A to B and of B to A. Source: damm-v2 `base_fee/*.rs`, `state/fee.rs`."""
    mode, version, cliff = pool.uint(16, 1), pool.uint(486, 1), pool.uint(8, 8)
    demand(version in CAPS and mode <= 4, "unsupported")
    base: int = cliff
    back: int | Limiter
    if mode in (0, 1):
        base = _by_time(pool, cliff, point - activation, mode == 1)
    elif mode in (3, 4):
        base = _by_price(pool, cliff, point, activation, mode == 4)
    back = (_limiter(pool, cliff, point - activation) or base) if mode == 2 else base
    both = Rate(base, variable(pool), CAPS[version]), Rate(back, variable(pool), CAPS[version])
    both[0].of_included(0)
    return both


def variable(pool: Account) -> int:
    """`ceil((accumulator * bin step)^2 * control / 1e11)`; the accumulator as earlier swaps left it."""
    if pool.uint(56, 1) == 0:
        return 0
    square = u128(u128(pool.uint(120, 16) * pool.uint(72, 2)) ** 2)
    return u128(u128(square * pool.uint(68, 4)) + 10**11 - 1) // 10**11


def _by_time(pool: Account, cliff: int, passed: int, exponential: bool) -> int:
    periods, length, reduction = pool.uint(22, 2), pool.uint(24, 8), pool.uint(32, 8)
    if length == 0:
        return cliff
    return _reduced(cliff, reduction, min(passed // length, periods), exponential)


def _by_price(pool: Account, cliff: int, point: int, activation: int, exponential: bool) -> int:
    periods, step, duration, reduction = pool.uint(22, 2), pool.uint(24, 4), pool.uint(28, 4), pool.uint(32, 8)
    first, now = pool.uint(152, 16), pool.uint(456, 16)
    if point > u64(activation + duration):
        return _reduced(cliff, reduction, periods, exponential)
    if now <= first:
        return _reduced(cliff, reduction, 0, exponential)
    demand(first > 0 and step > 0, "range")
    return _reduced(cliff, reduction, min((now - first) * BPS // first // step, periods), exponential)


def _reduced(cliff: int, reduction: int, periods: int, exponential: bool) -> int:
    """`cliff - n * reduction`, or `cliff * (1 - reduction / 10000)^n` by squaring in Q64.64."""
    if not exponential:
        return u64(cliff - u64(reduction * periods))
    if reduction == 0:
        return cliff
    square, factor = u128(2**64 - (reduction * 2**64) // BPS), 2**64
    while periods:
        if periods & 1:
            factor = factor * square >> 64
        square, periods = square * square >> 64, periods >> 1
    demand(factor > 0, "overflow")
    return u64(factor * cliff >> 64)


def _limiter(pool: Account, cliff: int, passed: int) -> Limiter | None:
    increment, duration, most, reference = pool.uint(22, 2), pool.uint(24, 4), pool.uint(28, 4), pool.uint(32, 8)
    if passed > duration or not any((increment, duration, most, reference)):
        return None
    if most > 9_900:
        raise Refused("range")
    return Limiter(cliff, increment * PER_BPS, most * PER_BPS, reference)
