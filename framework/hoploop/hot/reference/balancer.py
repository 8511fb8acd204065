"""Balancer V2: weighted pools by a pair of their tokens, stable pools by all of them; fee on the input."""

from __future__ import annotations

import msgspec

from hoploop.hot.reference.log_exp import power
from hoploop.hot.reference.words import WAD, Revert, answer, over, over_up, times, word

MAX_BALANCE = 2**112 - 1
"""The Vault holds balances of 112 bits."""
MAX_RATIO = 3 * WAD // 10
AMP_PRECISION = 1000


class Weighted(msgspec.Struct, frozen=True, kw_only=True):
    """A pair of a pool's tokens: balances in base units, the rest with 18 decimals; `version` 1 or 2 as deployed."""

    balances: tuple[int, int]
    weights: tuple[int, int]
    scale: tuple[int, int]
    fee: int
    version: int


class Stable(msgspec.Struct, frozen=True, kw_only=True):
    """Every token but the pool's own; `amp` with its precision of 1000; `version` 1 (down) or 2 (up) as deployed."""

    balances: tuple[int, ...]
    scale: tuple[int, ...]
    amp: int
    fee: int
    version: int


def weighted_out(pool: Weighted, zero_for_one: bool, amount_in: int) -> int | None:
    """Output for an input; None when the pool would revert. Source: `WeightedMath._calcOutGivenIn`."""
    at, to = (0, 1) if zero_for_one else (1, 0)
    if amount_in <= 0 or not all(pool.balances):
        return None
    try:
        _fits(pool.balances[at] + amount_in)
        net = down(_less_fee(amount_in, pool.fee), pool.scale[at])
        held_in, held_out = (down(pool.balances[side], pool.scale[side]) for side in (at, to))
        if net > down(held_in, MAX_RATIO):
            return None
        base = over_up(times(held_in, WAD), word(held_in + net))
        raised = _power_up(pool, base, over(times(pool.weights[at], WAD), pool.weights[to]))
        return answer(over(times(down(held_out, max(0, WAD - raised)), WAD), pool.scale[to]))
    except Revert:
        return None


def weighted_in(pool: Weighted, zero_for_one: bool, amount_out: int) -> int | None:
    """Input for an output; None when the pool would revert. Source: `WeightedMath._calcInGivenOut`."""
    at, to = (0, 1) if zero_for_one else (1, 0)
    if amount_out <= 0 or not all(pool.balances):
        return None
    try:
        amount = down(amount_out, pool.scale[to])
        held_in, held_out = (down(pool.balances[side], pool.scale[side]) for side in (at, to))
        if amount > down(held_out, MAX_RATIO):
            return None
        base = over_up(times(held_out, WAD), word(held_out - amount))
        raised = _power_up(pool, base, over_up(times(pool.weights[to], WAD), pool.weights[at]))
        paid = over_up(times(up(held_in, word(raised - WAD)), WAD), pool.scale[at])
        whole = over_up(times(paid, WAD), word(WAD - pool.fee))
        _fits(pool.balances[at] + whole)
        return answer(whole)
    except Revert:
        return None


def stable_out(pool: Stable, at: int, to: int, amount_in: int) -> int | None:
    """Output for an input; None when the pool would revert. Source: `StableMath._calcOutGivenIn`."""
    if amount_in <= 0:
        return None
    try:
        _fits(pool.balances[at] + amount_in)
        xp = [down(balance, scale) for balance, scale in zip(pool.balances, pool.scale, strict=True)]
        d = invariant(pool, xp)
        xp[at] = word(xp[at] + down(_less_fee(amount_in, pool.fee), pool.scale[at]))
        given = word(word(xp[to] - balance_at(pool, xp, d, to)) - 1)
        return answer(over(times(given, WAD), pool.scale[to]))
    except Revert:
        return None


def stable_in(pool: Stable, at: int, to: int, amount_out: int) -> int | None:
    """Input for an output; None when the pool would revert. Source: `StableMath._calcInGivenOut`."""
    if amount_out <= 0:
        return None
    try:
        xp = [down(balance, scale) for balance, scale in zip(pool.balances, pool.scale, strict=True)]
        d = invariant(pool, xp)
        xp[to] = word(xp[to] - down(amount_out, pool.scale[to]))
        paid = word(word(balance_at(pool, xp, d, at) - xp[at]) + 1)
        whole = over_up(times(over_up(times(paid, WAD), pool.scale[at]), WAD), word(WAD - pool.fee))
        _fits(pool.balances[at] + whole)
        return answer(whole)
    except Revert:
        return None


def invariant(pool: Stable, xp: list[int]) -> int:
    """`StableMath._calculateInvariant` of either deployment."""
    if not all(xp):
        raise Revert("empty")
    n, total = len(xp), word(sum(xp))
    ann, d = times(pool.amp, n), total
    for _ in range(255):
        before = d
        d = _step_up(xp, n, ann, total, d) if pool.version == 2 else _step_down(xp, n, ann, total, d)
        if abs(d - before) <= 1:
            return d
    raise Revert("not settled")


def balance_at(pool: Stable, xp: list[int], d: int, at: int) -> int:
    """`StableMath._getTokenBalanceGivenInvariantAndAllOtherBalances`."""
    n = len(xp)
    ann, product = times(pool.amp, n), times(xp[0], n)
    for x in xp[1:]:
        product = over(times(product, x, n), d)
    others = word(sum(xp)) - xp[at]
    c = times(over_up(times(d, d), times(ann, product)), AMP_PRECISION, xp[at])
    b = word(others + times(over(d, ann), AMP_PRECISION))
    balance = over_up(word(times(d, d) + c), word(d + b))
    for _ in range(255):
        before = balance
        balance = over_up(word(times(balance, balance) + c), word(word(times(balance, 2) + b) - d))
        if abs(balance - before) <= 1:
            return balance
    raise Revert("not settled")


def _step_down(xp: list[int], n: int, ann: int, total: int, d: int) -> int:
    product = d
    for x in xp:
        product = over(times(product, d), times(x, n))
    above = times(word(times(ann, total) // AMP_PRECISION + times(product, n)), d)
    return over(above, word(times(word(ann - AMP_PRECISION), d) // AMP_PRECISION + times(n + 1, product)))


def _step_up(xp: list[int], n: int, ann: int, total: int, d: int) -> int:
    product = times(xp[0], n)
    for x in xp[1:]:
        product = over_up(times(product, x, n), d)
    above = word(times(n, d, d) + over_up(times(ann, total, product), AMP_PRECISION))
    return over_up(above, word(times(n + 1, d) + times(word(ann - AMP_PRECISION), product) // AMP_PRECISION))


def _power_up(pool: Weighted, base: int, exponent: int) -> int:
    if pool.version == 2 and exponent in (WAD, 2 * WAD, 4 * WAD):
        for _ in range({WAD: 0, 2 * WAD: 1, 4 * WAD: 2}[exponent]):
            base = up(base, base)
        return base
    raw = power(base, exponent)
    return word(raw + up(raw, 10_000) + 1)


def _less_fee(amount: int, fee: int) -> int:
    return word(amount - up(amount, fee))


def _fits(balance: int) -> None:
    if balance > MAX_BALANCE:
        raise Revert("balance")


def down(a: int, b: int) -> int:
    """`a * b` with 18 decimals, rounded down."""
    return times(a, b) // WAD


def up(a: int, b: int) -> int:
    """`a * b` with 18 decimals, rounded up."""
    return over_up(times(a, b), WAD)
