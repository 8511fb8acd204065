"""Curve's plain pools: Newton's steps of `get_D` and `get_y`, and what an exchange moves."""

from __future__ import annotations

import msgspec

from hoploop.hot.reference.words import WAD, Revert, answer, over, times, word

FEE_UNIT = 10**10
PLAIN, PLUS_ONE, LAST = 0, 1, 2
"""How `D^(n+1) / (n^n P)` is rounded: coin by coin, with one added to every divisor, or `n^n` last ("ng")."""
FEE_FIRST, FEE_LAST = 0, 1
"""Whether the fee leaves before or after conversion to the coin's units."""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """Balances in base units; rates to the common unit over 10^18; fees over 10^10."""

    balances: tuple[int, ...]
    rates: tuple[int, ...]
    amp: int
    amp_precision: int
    fee: int
    offpeg: int = 0
    product: int = PLAIN
    fee_step: int = FEE_FIRST


def quote(pool: Pool, coin_in: int, coin_out: int, amount_in: int) -> int | None:
    """Exact output; None when the pool would revert. Sources: `StableSwap3Pool.vy`, `CurveStableSwapNG.vy`."""
    if amount_in <= 0:
        return None
    try:
        return answer(_exchange(pool, coin_in, coin_out, amount_in))
    except Revert:
        return None


def invariant(pool: Pool, xp: list[int]) -> int:
    """`get_D`."""
    n, precision = len(xp), pool.amp_precision
    ann = times(pool.amp, n)
    total = d = word(sum(xp))
    for _ in range(255):
        product = d
        for x in xp:
            divisor = x if pool.product == LAST else word(times(x, n) + (pool.product == PLUS_ONE))
            product = over(times(product, d), divisor)
        if pool.product == LAST:
            product //= n**n
        before = d
        above = times(word(over(times(ann, total), precision) + times(product, n)), d)
        below = over(times(word(ann - precision), d), precision)
        d = over(above, word(below + times(n + 1, product)))
        if abs(d - before) <= 1:
            return d
    return _unsettled(pool, d)


def balance_after(pool: Pool, coin_in: int, coin_out: int, x: int, xp: list[int]) -> int:
    """`get_y`."""
    n, d, ann = len(xp), invariant(pool, xp), times(pool.amp, len(xp))
    c, others = d, 0
    for at, held in enumerate(xp):
        if at != coin_out:
            held = x if at == coin_in else held
            others = word(others + held)
            c = over(times(c, d), times(held, n))
    c = over(times(c, d, pool.amp_precision), times(ann, n))
    b = word(others + over(times(d, pool.amp_precision), ann))
    y = d
    for _ in range(255):
        before = y
        y = over(word(times(y, y) + c), word(word(times(2, y) + b) - d))
        if abs(y - before) <= 1:
            return y
    return _unsettled(pool, y)


def _exchange(pool: Pool, coin_in: int, coin_out: int, amount: int) -> int:
    xp = [times(balance, rate) // WAD for balance, rate in zip(pool.balances, pool.rates, strict=True)]
    if not all(xp):
        raise Revert("empty")
    x = word(xp[coin_in] + times(amount, pool.rates[coin_in]) // WAD)
    y = balance_after(pool, coin_in, coin_out, x, xp)
    given = word(word(xp[coin_out] - y) - 1)
    fee = _fee(pool, word(xp[coin_in] + x) // 2, word(xp[coin_out] + y) // 2)
    if pool.fee_step == FEE_LAST:
        whole = over(times(given, WAD), pool.rates[coin_out])
        return word(whole - times(fee, whole) // FEE_UNIT)
    return over(times(word(given - times(given, fee) // FEE_UNIT), WAD), pool.rates[coin_out])


def _fee(pool: Pool, x: int, y: int) -> int:
    if pool.offpeg <= FEE_UNIT:
        return pool.fee
    total = word(x + y)
    spread = over(times(pool.offpeg - FEE_UNIT, 4, x, y), times(total, total))
    return over(times(pool.offpeg, pool.fee), word(spread + FEE_UNIT))


def _unsettled(pool: Pool, value: int) -> int:
    """The older templates go on with what they have."""
    if pool.product == LAST:
        raise Revert("not settled")
    return value
