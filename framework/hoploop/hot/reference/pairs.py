"""Two reserves with fees by direction and decimals: Camelot and the Solidly family."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hoploop.hot.reference import constant_product
from hoploop.hot.reference.words import WAD, Revert, answer, over, times, word

MAX_RESERVE = 2**112 - 1
"""Camelot's reserves are `uint112`."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Reserves in base units; `scale` is `10^decimals`; `fees` are numerators by input asset."""

    reserves: tuple[int, int]
    scale: tuple[int, int] = (WAD, WAD)
    fees: tuple[int, int] = (0, 0)
    den: int = 10_000

    def directed(self, zero_for_one: bool) -> tuple[int, int]:
        """`(reserve_in, reserve_out)`."""
        return self.reserves if zero_for_one else self.reserves[::-1]

    def units(self, zero_for_one: bool) -> tuple[int, int]:
        """`(scale_in, scale_out)`."""
        return self.scale if zero_for_one else self.scale[::-1]

    def fee(self, zero_for_one: bool) -> int:
        """Fee numerator of a direction."""
        return self.fees[not zero_for_one]


def directional(pair: Pair, zero_for_one: bool, amount_in: int) -> int | None:
    """Uniswap V2 with the fee of the input asset. Source: `CamelotPair._getAmountOut`."""
    fee = pair.fee(zero_for_one)
    if fee >= pair.den:
        return None
    return constant_product.quote(*pair.directed(zero_for_one), fee, pair.den, amount_in)


def volatile(pair: Pair, zero_for_one: bool, amount_in: int) -> int | None:
    """Fee first, then `xy`. Source: `Pool.getAmountOut` of Aerodrome and Velodrome V2."""
    reserve_in, reserve_out = pair.directed(zero_for_one)
    if amount_in <= 0 or not all(pair.reserves):
        return None
    net = amount_in - amount_in * pair.fee(zero_for_one) // pair.den
    return net * reserve_out // (reserve_in + net)


def solidly_stable(pair: Pair, zero_for_one: bool, amount_in: int) -> int | None:
    """Fee first, then `x^3 y + x y^3`. Source: `Pool._getAmountOut`, `_get_y`."""

    def balance_after(x: int, k: int, y: int) -> int:
        return _solidly_y(pair, x, k, y)

    return _stable(pair, zero_for_one, amount_in, balance_after)


def camelot_stable(pair: Pair, zero_for_one: bool, amount_in: int) -> int | None:
    """Fee first, then `x^3 y + x y^3` with Camelot's rounding. Source: `CamelotPair._getAmountOut`, `_get_y`."""
    reserve_in, _ = pair.directed(zero_for_one)
    if reserve_in + amount_in > MAX_RESERVE:
        return None
    return _stable(pair, zero_for_one, amount_in, _camelot_y)


def _stable(
    pair: Pair, zero_for_one: bool, amount_in: int, balance_after: Callable[[int, int, int], int]
) -> int | None:
    if amount_in <= 0 or not all(pair.reserves):
        return None
    (reserve_in, reserve_out), (unit_in, unit_out) = pair.directed(zero_for_one), pair.units(zero_for_one)
    try:
        fee = over(times(amount_in, pair.fee(zero_for_one)), pair.den)
        x, y = over(times(reserve_in, WAD), unit_in), over(times(reserve_out, WAD), unit_out)
        after = word(over(times(word(amount_in - fee), WAD), unit_in) + x)
        given = word(y - balance_after(after, _k(x, y), y))
        return answer(over(times(given, unit_out), WAD))
    except Revert:
        return None


def _k(x: int, y: int) -> int:
    return over(times(times(x, y) // WAD, word(times(x, x) // WAD + times(y, y) // WAD)), WAD)


def _slope(x: int, y: int) -> int:
    return word(times(3, x, times(y, y) // WAD) // WAD + times(times(x, x) // WAD, x) // WAD)


def _solidly_y(pair: Pair, x: int, k: int, y: int) -> int:
    for _ in range(255):
        held = _k(x, y)
        step = over(times(abs(k - held), WAD), _slope(x, y))
        if held < k:
            if step == 0:
                # The contract scales what is scaled already, by token order.
                if _k(over(times(x, WAD), pair.scale[0]), over(times(word(y + 1), WAD), pair.scale[1])) > k:
                    return y + 1
                step = 1
            y = word(y + step)
        else:
            if step == 0:
                if held == k or _k(x, word(y - 1)) < k:
                    return y
                step = 1
            y = word(y - step)
    raise Revert("!y")


def _camelot_y(x: int, k: int, y: int) -> int:
    for _ in range(255):
        before = y
        y_cubed, x_cubed = times(times(y, y) // WAD, y) // WAD, times(times(x, x) // WAD, x) // WAD
        held = word(times(x, y_cubed) // WAD + times(x_cubed, y) // WAD)
        step = over(times(abs(k - held), WAD), _slope(x, y))
        y = word(y + step if held < k else y - step)
        if abs(y - before) <= 1:
            break
    return y
