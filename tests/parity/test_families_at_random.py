"""Every curve family on random pools, every decoder on damaged inputs: a small part of what `just deep` does.

`HOPLOOP_QUOTES` is the number of quotes a family, `HOPLOOP_MUTANTS` the number of damaged inputs a decoder.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
from families import FAMILIES
from mutants import MUTANTS
from random_venues import GOLDEN, ROLLS

QUOTES = int(os.environ.get("HOPLOOP_QUOTES", "1500"))
INPUTS = int(os.environ.get("HOPLOOP_MUTANTS", "1500"))


@pytest.fixture(autouse=True)
def _recorded_pools() -> None:
    """Where the fetched data is, recorded pools are part of it; CI must have them."""
    assert GOLDEN.is_dir() or not os.environ.get("CI")


@pytest.mark.parametrize("family", FAMILIES)
def test_native_and_reference_pay_the_same_or_both_refuse(family: str) -> None:
    rng, counts = Random(family), Counter[str]()
    while counts.total() < QUOTES:
        for pair in FAMILIES[family](rng):
            assert pair.same, pair
            counts["refused" if isinstance(pair.native, str) else "paid"] += 1
    assert counts["paid"] > QUOTES // 10


@pytest.mark.parametrize("decoder", MUTANTS)
def test_damaged_inputs_are_read_or_refused(decoder: str) -> None:
    rng, counts = Random(decoder), Counter[str]()
    while counts.total() < INPUTS:
        counts.update(MUTANTS[decoder](rng))
    assert counts.keys() == {"read", "refused"}
    assert min(counts.values()) > INPUTS // 50


def test_every_venue_made_of_accounts_is_among_the_families() -> None:
    from hoploop.hot import VenueState

    assert set(VenueState.keys()) == set(ROLLS)
