"""Random reserves of the flash lenders, and what they lend."""

from __future__ import annotations

from random import Random

from flash_fees_kit import ONE, klend, marginfi, solend
from random_asks import TOP, amount, bits, number
from venue_kit import Forged


def roll(rng: Random, lender: str) -> Forged:
    """A reserve of the lender."""
    rate = number(rng, 0, 1, 10**15, 2**50, 2**60, TOP)
    if lender == "klend":
        return klend(rate, amount(rng), rng.choice((0, 0, 0, 1001)))
    if lender == "solend":
        return solend(rate, amount(rng), rng.randrange(102))
    return marginfi(
        rng.choice((rng.randrange(ONE // 1000), bits(rng, 100))), amount(rng),
        rng.choice((rng.randrange(ONE, 2 * ONE), bits(rng, 100))), bits(rng, 110), rng.choice((TOP, amount(rng))),
    )  # fmt: skip
