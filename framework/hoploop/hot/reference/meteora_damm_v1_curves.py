"""The two curves of Meteora DAMM v1: spl-token-swap's constant product and Saber's stable swap in 192 bits."""

from __future__ import annotations

import msgspec

from hoploop.hot.reference.refusal import demand, u128, up

U192_MAX = 2**192 - 1
ROUNDS = 256
PEG = 10**6


def product(given: int, into: int, out: int) -> int:
    """What `given` buys; the new reserve rounds up. Source: spl-token-swap `curve/constant_product.rs`."""
    demand(into + given > 0, "empty")
    left = up(into * out, into + given)
    demand(into * out >= into + given and left < out, "zero")
    return out - left


class Stable(msgspec.Struct, frozen=True):
    """Saber's invariant of two coins over amounts scaled by multiplier and peg; A first.

    Source: mercurial-finance/stable-swap `stable-swap-math/src/curve.rs`, damm-v1-sdk `math/stable_swap.rs`.
    """

    amp: int
    multipliers: tuple[int, int]
    pegs: tuple[int, int]

    def swap(self, given: int, into: int, out: int, a_to_b: bool) -> int:
        """What `given` buys."""
        source, target = (0, 1) if a_to_b else (1, 0)
        before = self._scaled(into, source)
        after = u128(before + self._scaled(given, source))
        reserve = self._scaled(out, target)
        bought = u128(reserve - self._y(after, self._d(before, reserve)) - 1)
        demand(self.multipliers[target] > 0 and self.pegs[target] > 0, "range")
        return bought // self.multipliers[target] // self.pegs[target]

    def _scaled(self, amount: int, side: int) -> int:
        return u128(u128(amount * self.multipliers[side]) * self.pegs[side])

    def _d(self, x: int, y: int) -> int:
        total = u128(x + y)
        if total == 0:
            return 0
        ann, d = 2 * self.amp, total
        for _ in range(ROUNDS):
            part = _quotient(_u192(d * d), u128(2 * x))
            part = _quotient(_u192(part * d), u128(2 * y))
            numerator = _u192(d * _u192(_u192(2 * part) + u128(total * ann)))
            demand(1 <= ann < 2**64, "overflow")
            before, d = d, _quotient(numerator, _u192(_u192(d * (ann - 1)) + _u192(3 * part)))
            if abs(d - before) <= 1:
                break
        return d

    def _y(self, x: int, d: int) -> int:
        ann = 2 * self.amp
        demand(1 <= ann < 2**63, "overflow")
        c = _quotient(_u192(d * d), u128(2 * x))
        c = _quotient(_u192(c * d), 2 * ann)
        b = _u192(d // ann + x)
        y = d
        for _ in range(ROUNDS):
            before = y
            y = _quotient(_u192(_u192(y * y) + c), _u192(_u192(_u192(2 * y) + b) - d))
            if abs(y - before) <= 1:
                break
        return u128(y)


def _u192(value: int) -> int:
    demand(0 <= value <= U192_MAX, "overflow")
    return value


def _quotient(value: int, divisor: int) -> int:
    demand(divisor > 0, "overflow")
    return value // divisor
