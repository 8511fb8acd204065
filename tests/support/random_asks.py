"""Random numbers and questions for comparing native and reference: every size, and the edges often."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

TOP = 2**64 - 1
Answer = tuple[int, int] | str
"""(input, output), or the reason of refusal."""


class Pair(NamedTuple):
    """One question, and what native and reference answer."""

    asked: object
    native: Answer
    reference: Answer

    @property
    def same(self) -> bool:
        """Equal amounts, or both refuse; reasons may have other names."""
        return self.native == self.reference or (isinstance(self.native, str) and isinstance(self.reference, str))


class Question(NamedTuple):
    """As `VenueState.quote` takes it."""

    zero_for_one: bool
    exact_in: bool
    amount: int
    price_limit: int = 0
    variant: int = 0


def bits(rng: Random, most: int) -> int:
    """Log-uniform below `2^most`."""
    return rng.randrange(1 << rng.randrange(1, most + 1))


def amount(rng: Random, most: int = 64) -> int:
    """Log-uniform of `most` bits, with the edges of 64 bits now and then."""
    if rng.random() < 0.03:
        return rng.choice([0, 1, 2, 3, TOP - 1, TOP])
    return bits(rng, most)


def number(rng: Random, *likely: int, wide: int = 64) -> int:
    """One of the likely, else log-uniform of that many bits."""
    return rng.choice(likely) if likely and rng.random() < 0.8 else bits(rng, wide)


def transfer_fee(rng: Random) -> tuple[int, int] | None:
    """Mostly none; else bps and the most it costs, of a Token-2022 mint."""
    if rng.random() < 0.7:
        return None
    return rng.choice((0, 1, 50, 100, 9_999, 10_000, rng.randrange(10_001))), rng.choice((0, 5_000, bits(rng, 64), TOP))


def transfer_fees(rng: Random) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Of both mints."""
    return transfer_fee(rng), transfer_fee(rng)
