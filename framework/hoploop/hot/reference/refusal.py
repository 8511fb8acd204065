"""How twins refuse: raise `Refused` anywhere inside, hand the reason out as a string at the edge."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

U64_MAX = 2**64 - 1
U128_MAX = 2**128 - 1


class Refused(Exception):
    """The program would fail; the text is a reason code of the native module (`hot/core/src/error.rs`)."""


def refusing(inner: Callable[P, T]) -> Callable[P, T | str]:
    """The same function, answering the reason instead of raising `Refused`."""

    @wraps(inner)
    def outer(*args: P.args, **kwargs: P.kwargs) -> T | str:
        try:
            return inner(*args, **kwargs)
        except Refused as refusal:
            return str(refusal)

    return outer


def demand(true: bool, reason: str) -> None:
    """Refuse with `reason` unless."""
    if not true:
        raise Refused(reason)


def u64(value: int) -> int:
    """The value when it fits in 64 unsigned bits, else `overflow`."""
    demand(0 <= value <= U64_MAX, "overflow")
    return value


def u128(value: int) -> int:
    """The value when it fits in 128 unsigned bits, else `overflow`."""
    demand(0 <= value <= U128_MAX, "overflow")
    return value


def up(value: int, divisor: int) -> int:
    """`ceil(value / divisor)`."""
    return -(-value // divisor)
