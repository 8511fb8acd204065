"""Balancer's `LogExpMath`: powers of 18-decimal numbers with the contract's signed divisions, towards zero."""

from __future__ import annotations

from hoploop.hot.reference.words import Revert

ONE_18, ONE_20, ONE_36 = 10**18, 10**20, 10**36
MAX_EXPONENT, MIN_EXPONENT = 130 * ONE_18, -41 * ONE_18

WHOLE = (
    (128 * ONE_18, 38877084059945950922200000000000000000000000000000000000),
    (64 * ONE_18, 6235149080811616882910000000),
)
PARTS = (
    (3200 * ONE_18, 7896296018268069516100000000000000),
    (1600 * ONE_18, 888611052050787263676000000),
    (800 * ONE_18, 298095798704172827474000),
    (400 * ONE_18, 5459815003314423907810),
    (200 * ONE_18, 738905609893065022723),
    (100 * ONE_18, 271828182845904523536),
    (50 * ONE_18, 164872127070012814685),
    (25 * ONE_18, 128402541668774148407),
    (25 * ONE_18 // 2, 113314845306682631683),
    (25 * ONE_18 // 4, 106449445891785942956),
)


def power(x: int, y: int) -> int:
    """`x^y`, both with 18 decimals."""
    if y == 0:
        return ONE_18
    if x == 0:
        return 0
    if x >> 255 or y >= 2**254 // ONE_20:
        raise Revert("out of bounds")
    if ONE_18 - ONE_18 // 10 < x < ONE_18 + ONE_18 // 10:
        log = ln_36(x)
        whole = cut(log, ONE_18)
        product = whole * y + cut((log - whole * ONE_18) * y, ONE_18)
    else:
        product = ln(x) * y
    return exp(cut(product, ONE_18))


def exp(x: int) -> int:
    """`e^x`."""
    if not MIN_EXPONENT <= x <= MAX_EXPONENT:
        raise Revert("exponent")
    if x < 0:
        return ONE_36 // exp(-x)
    first = 1
    for exponent, value in WHOLE:
        if x >= exponent and first == 1:
            x, first = x - exponent, value
    x, product = x * 100, ONE_20
    for exponent, value in PARTS[:8]:
        if x >= exponent:
            x, product = x - exponent, product * value // ONE_20
    term, series = x, ONE_20 + x
    for n in range(2, 13):
        term = term * x // ONE_20 // n
        series += term
    return product * series // ONE_20 * first // 100


def ln(a: int) -> int:
    """`ln(a)`."""
    if a < ONE_18:
        return -ln(ONE_36 // a)
    total = 0
    for exponent, value in WHOLE:
        if a >= value * ONE_18:
            a, total = a // value, total + exponent
    a, total = a * 100, total * 100
    for exponent, value in PARTS:
        if a >= value:
            a, total = a * ONE_20 // value, total + exponent
    return (total + 2 * _odd_series(cut((a - ONE_20) * ONE_20, a + ONE_20), ONE_20, 11)) // 100


def ln_36(x: int) -> int:
    """`ln(x)` with 36 decimals, for `x` near one."""
    x *= ONE_18
    return 2 * _odd_series(cut((x - ONE_36) * ONE_36, x + ONE_36), ONE_36, 15)


def cut(value: int, divisor: int) -> int:
    """Division towards zero."""
    return value // divisor if value >= 0 else -(-value // divisor)


def _odd_series(z: int, unit: int, last: int) -> int:
    square = z * z // unit
    num = series = z
    for n in range(3, last + 1, 2):
        num = cut(num * square, unit)
        series += cut(num, n)
    return series
