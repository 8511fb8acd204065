"""What Raydium's constant-product programs share: their rounding, which changed in August 2025."""

from __future__ import annotations

from hoploop.hot.reference.refusal import Refused, demand

USUAL, NEWEST = 0, 3
"""Variants: the rule that also the older builds follow; the newest source's."""


def is_newest(variant: int) -> bool:
    """Whether the newest rule is asked for; refuses variants that these programs do not have."""
    if variant not in (USUAL, NEWEST):
        raise Refused("unsupported")
    return variant == NEWEST


def ceil(value: int, divisor: int, newest: bool) -> int:
    """`checked_ceil_div`: rounds up, but in older builds a quotient below one half is 0."""
    demand(divisor > 0, "empty")
    if not newest and 2 * value < divisor:
        return 0
    return -(-value // divisor)
