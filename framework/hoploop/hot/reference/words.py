"""Unsigned 256-bit words: the arithmetic of checked contracts, which reverts where a result does not fit."""

from __future__ import annotations

WAD = 10**18
LIMIT = 2**256
MAX_OUT = 2**128 - 1
"""The native module answers in 128 bits and refuses beyond."""


class Revert(ArithmeticError):
    """The contract would revert."""


def word(value: int) -> int:
    """The value, when it fits a word."""
    if not 0 <= value < LIMIT:
        raise Revert("word")
    return value


def times(*factors: int) -> int:
    """Product, every partial product checked, left to right."""
    product = 1
    for factor in factors:
        product = word(product * factor)
    return product


def over(numerator: int, divisor: int) -> int:
    """Quotient rounded down; reverts on zero."""
    if divisor == 0:
        raise Revert("division by zero")
    return numerator // divisor


def over_up(numerator: int, divisor: int) -> int:
    """Quotient rounded up; reverts on zero."""
    return -over(-numerator, divisor)


def answer(value: int) -> int:
    """An amount the native module can answer."""
    if value > MAX_OUT:
        raise Revert("more than 128 bits")
    return value
