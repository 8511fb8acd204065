"""Every venue on many random asks, clocks and damaged bytes: native and reference give the same amounts or both refuse.

`HOPLOOP_QUOTES` is the number of quotes a venue, `HOPLOOP_MUTANTS` the number of damaged pools the native module reads;
`just deep` asks for a million and for ten million in all.
"""

from __future__ import annotations

import functools
import os
import random
from collections.abc import Iterator

import pytest
from venue_kit import SHARED

from hoploop.hot import VenueState
from hoploop.hot.reference import VENUES
from hoploop.hot.reference import read as read_reference
from hoploop.verify.swaps import VARIANTS
from hoploop.verify.vectors import SwapFile, files, read_swaps

QUOTES = int(os.environ.get("HOPLOOP_QUOTES", "1500"))
MUTANTS = int(os.environ.get("HOPLOOP_MUTANTS", "1500"))
QUOTES_A_STATE = 25
GOLDEN = SHARED / "golden/solana"
RECORDED = sorted(venue for venue in VENUES if not GOLDEN.is_dir() or (GOLDEN / venue).is_dir())
"""Venues real programs were observed of; the others have forged pools in tests of their own."""
TOP = 2**64 - 1


@functools.cache
def pools(venue: str) -> tuple[SwapFile, ...]:
    """The venue's public pools; skips without the data, but never in CI."""
    folder = GOLDEN / venue
    if not folder.is_dir() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {folder}")
    found = tuple(read_swaps(path) for path in files(folder))
    assert found
    return found


def amounts(rng: random.Random) -> int:
    """Log-uniform over 64 bits, with the edges often."""
    if rng.random() < 0.05:
        return rng.choice([0, 1, 2, 3, TOP - 1, TOP])
    return rng.randrange(1 << rng.randrange(1, 65))


def clocks(rng: random.Random, pool: SwapFile) -> tuple[int, int, int]:
    """The recorded clock, or one up to a week later."""
    slot, now, epoch = pool.clock.slot, pool.clock.unix_timestamp, pool.clock.epoch
    if rng.random() < 0.5:
        return slot, now, epoch
    later = rng.randrange(1 << rng.randrange(1, 20))
    return slot + later * 2, now + later, epoch + rng.randrange(3)


def damaged(rng: random.Random, pool: SwapFile) -> dict[bytes, tuple[bytes, bytes]]:
    """The accounts with some bytes, or the length of one, changed."""
    accounts = dict(pool.accounts)
    key = rng.choice(sorted(accounts))
    owner, data = accounts[key]
    if rng.random() < 0.1:
        accounts[key] = (owner, data[: rng.randrange(len(data) + 1)])
        return accounts
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    accounts[key] = (owner, bytes(changed))
    return accounts


Question = tuple[bool, bool, int, int, int]


def questions(rng: random.Random, count: int) -> Iterator[Question]:
    """Direction, side, amount, price limit (mostly none), variant (mostly the usual one)."""
    for _ in range(count):
        limit = rng.randrange(1 << 96) if rng.random() < 0.1 else 0
        variant = rng.choice(sorted(set(VARIANTS.values()))) if rng.random() < 0.1 else 0
        yield rng.random() < 0.5, rng.random() < 0.6, amounts(rng), limit, variant


def same(native: tuple[int, int] | str, reference: tuple[int, int] | str) -> bool:
    """Equal amounts, or both refuse; reasons may have other names."""
    return native == reference or (isinstance(native, str) and isinstance(reference, str))


@pytest.mark.parametrize("venue", RECORDED)
def test_native_and_reference_agree_on_random_quotes(venue: str) -> None:
    found, rng, asked = pools(venue), random.Random(20_261_121), 0
    while asked < QUOTES:
        pool = rng.choice(found)
        accounts = pool.accounts if rng.random() < 0.7 else damaged(rng, pool)
        given = (pool.roles, accounts, pool.routes, clocks(rng, pool))
        native, reference = VenueState.read(venue, *given), read_reference(venue, *given)
        assert isinstance(native, str) == isinstance(reference, str), (pool.path.name, native, reference)
        asked += QUOTES_A_STATE
        if isinstance(native, str) or isinstance(reference, str):
            continue
        for question in questions(rng, QUOTES_A_STATE):
            answers = native.quote(*question), reference.quote(*question)
            assert same(*answers), (pool.path.name, given[3], question, answers)


@pytest.mark.parametrize("venue", RECORDED)
def test_no_damaged_bytes_make_the_native_module_panic(venue: str) -> None:
    found, rng = pools(venue), random.Random(7)
    for _ in range(MUTANTS):
        pool = rng.choice(found)
        state = VenueState.read(venue, pool.roles, damaged(rng, pool), pool.routes, clocks(rng, pool))
        if isinstance(state, str):
            continue
        for question in questions(rng, 3):
            answer = state.quote(*question)
            assert isinstance(answer, str) or (0 <= answer[0] <= TOP and 0 <= answer[1] <= TOP)
