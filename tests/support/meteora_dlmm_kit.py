"""Meteora DLMM pools made for tests, in the on-chain layout."""

from __future__ import annotations

from random import Random

import msgspec
from venue_kit import Forged, account_key, mint_account, packed

from hoploop.hot.reference.meteora_dlmm import BINS, PROGRAM, price

VENUE = "meteora_dlmm"
KEYS = {role: account_key(role) for role in ("pool", "mint_a", "mint_b", "bitmap_extension")}
NOW = 1_700_000_000


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a forged pool is made of."""

    active_id: int = 35
    step: int = 10
    base_factor: int = 10_000
    power: int = 0
    variable_fee_control: int = 40_000
    volatility: tuple[int, int, int] = (100_000, 80_000, 3)
    """Accumulator, reference, and how far its bin is away."""
    age: int = 60
    function: int = 2
    collect: int = 0
    reach: int = 200
    """Bins the price may move."""
    scale: int = 10**9
    """Largest depth of a bin."""
    empty: int = 30
    """Per cent of bins without anything, and of the others without limit orders."""
    priced: bool = True
    """Else every tenth bin has no price."""
    fees: tuple[tuple[int, int] | None, tuple[int, int] | None] = (None, None)
    extended: bool = False
    seed: int = 1


def _int(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little", signed=value < 0)


def _pair(terms: Terms, bits: list[int]) -> bytes:
    inside = sum(1 << bit + 512 for bit in bits if -512 <= bit < 512)
    fields: dict[int, int | bytes] = {
        8: _int(terms.base_factor, 2), 10: _int(30, 2), 12: _int(600, 2), 14: _int(5_000, 2),
        16: _int(terms.variable_fee_control, 4), 20: _int(350_000, 4),
        24: _int(terms.active_id - terms.reach, 4), 28: _int(terms.active_id + terms.reach, 4), 32: _int(500, 2),
        34: bytes([terms.power, terms.function, terms.collect]),
        40: _int(terms.volatility[0], 4), 44: _int(terms.volatility[1], 4),
        48: _int(terms.active_id + terms.volatility[2], 4), 56: _int(NOW - terms.age, 8),
        76: _int(terms.active_id, 4), 80: _int(terms.step, 2), 88: KEYS["mint_a"], 120: KEYS["mint_b"],
        584: inside.to_bytes(128, "little"),
    }  # fmt: skip
    return packed(904, fields, "210b3162b565b10d")


def _array(terms: Terms, index: int, random: Random) -> bytes:
    fields: dict[int, int | bytes] = {8: _int(index, 8), 24: KEYS["pool"]}
    for place in range(BINS):
        number, at = index * BINS + place, 56 + 144 * place
        if random.randrange(100) < terms.empty:
            continue
        size = random.choice((1, 3, 1000, terms.scale))
        fields[at] = random.randint(0, size) if number >= terms.active_id else 0
        fields[at + 8] = random.randint(0, size) if number <= terms.active_id else 0
        if terms.priced or random.randrange(10):
            fields[at + 16] = price(1, number).to_bytes(16, "little")
        if random.randrange(100) >= terms.empty:
            fields[at + 112], fields[at + 128] = random.randint(0, size), random.randint(0, size)
            asks_side = number > terms.active_id if number != terms.active_id else random.randrange(2) == 0
            fields[at + 140] = bytes([asks_side])
    return packed(10_136, fields, "5c8e5cdc059446b5")


def forge(terms: Terms) -> Forged:
    """A pool of these terms in the on-chain layout: the array the price stands in, one above, two below."""
    middle, random = terms.active_id // BINS, Random(terms.seed)
    indices = [middle + off for off in (-2, -1, 0, 1)]
    keys = {index: account_key(f"array{index}") for index in indices}
    roles = dict(KEYS)
    held = {KEYS["pool"]: (PROGRAM, _pair(terms, indices))}
    held |= {key: (PROGRAM, _array(terms, index, random)) for index, key in keys.items()}
    for side, fee in zip("ab", terms.fees, strict=True):
        held[KEYS[f"mint_{side}"]] = mint_account(fee)
    if terms.extended:
        above = sum(1 << bit - 512 for bit in indices if bit >= 512)
        below = sum(1 << -bit - 513 for bit in indices if bit < -512)
        fields: dict[int, int | bytes] = {8: KEYS["pool"], 40: above.to_bytes(768, "little")}
        held[KEYS["bitmap_extension"]] = (
            PROGRAM, packed(1576, fields | {808: below.to_bytes(768, "little")}, "506f7c7137ed1205")
        )  # fmt: skip
    else:
        del roles["bitmap_extension"]
    down = [keys[middle], keys[middle - 1], keys[middle - 2]]
    return Forged(roles, held, (1, NOW, 500), (down, [keys[middle], keys[middle + 1]]))
