"""Raydium CLMM pools made for tests, in the on-chain layout."""

from __future__ import annotations

import msgspec
from venue_kit import Forged, account_key, mint_account, packed

from hoploop.hot.reference.raydium_clmm import PROGRAM, TICKS
from hoploop.hot.reference.raydium_clmm_math import sqrt_price_at

VENUE = "raydium_clmm"
ROLES = ("pool", "config", "mint_a", "mint_b", "observation", "bitmap_extension")
KEYS = {role: account_key(role) for role in ROLES}
NOW = 1_700_000_000
Fields = dict[int, int | bytes]


class Terms(msgspec.Struct, frozen=True):
    """What a forged pool is made of. Places are ticks in units of the spacing, counted from `at`."""

    spacing: int = 10
    at: int = 0
    above: int = 0
    """How far the price is beyond its tick, in 64ths of the way to the next one."""
    positions: tuple[tuple[int, int, int], ...] = ()
    """(lower, upper, liquidity)."""
    orders: tuple[tuple[int, int, int], ...] = ()
    """(place, fresh, partly filled)."""
    fee_rate: int = 2500
    fee_on: int = 0
    dynamic: tuple[int, ...] | None = None
    """Filter and decay period, reduction, control, most, index reference, reference, accumulator, age in seconds."""
    fees: tuple[tuple[int, int] | None, tuple[int, int] | None] = (None, None)
    status: int = 0
    open_time: int = 0
    first_build: bool = False
    extension: bool = True


def forge(terms: Terms) -> Forged:
    """A pool of these terms in the on-chain layout."""
    ticks: dict[int, list[int]] = {}
    for lower, upper, liquidity in terms.positions:
        for place, net in ((lower, liquidity), (upper, -liquidity)):
            tick = ticks.setdefault((terms.at + place) * terms.spacing, [0, 0, 0, 0])
            tick[0], tick[1] = tick[0] + net, tick[1] + liquidity
    for place, fresh, partly in terms.orders:
        tick = ticks.setdefault((terms.at + place) * terms.spacing, [0, 0, 0, 0])
        tick[2], tick[3] = fresh, partly
    arrays, bits = _arrays(terms, ticks)
    held = {KEYS["pool"]: (PROGRAM, _pool(terms, bits))}
    held[KEYS["config"]] = (PROGRAM, packed(117, {47: terms.fee_rate.to_bytes(4, "little")}, "daf42168cbcb2b6f"))
    place = 9 if terms.first_build else 19
    held[KEYS["observation"]] = (PROGRAM, packed(60, {place: KEYS["pool"]}, "7aaec5358109a584"))
    if terms.extension:
        above, below = bits >> 8192 + 512, _blocks(bits & (1 << 8192 - 512) - 1)
        words: Fields = {8: KEYS["pool"], 40: above.to_bytes(1024, "little")[:896], 936: below}
        held[KEYS["bitmap_extension"]] = (PROGRAM, packed(1832, words, "3c9624db61808b99"))
    for side, fee in zip("ab", terms.fees, strict=True):
        held[KEYS[f"mint_{side}"]] = mint_account(fee)
    keys = [account_key(f"array {start}") for start in sorted(arrays)]
    held |= dict(zip(keys, (arrays[start] for start in sorted(arrays)), strict=True))
    return Forged(KEYS, held, clock=(1, NOW, 500), routes=(keys[::-1], keys))


def _pool(terms: Terms, bits: int) -> bytes:
    tick = terms.at * terms.spacing
    low, high = sqrt_price_at(tick), sqrt_price_at(tick + 1)
    price = low + (high - low) * terms.above // 64
    inside = sum(liquidity for lower, upper, liquidity in terms.positions if lower <= 0 < upper)
    fields: Fields = {9: KEYS["config"], 73: KEYS["mint_a"], 105: KEYS["mint_b"], 1080: terms.open_time}
    fields |= {235: terms.spacing.to_bytes(2, "little"), 237: inside.to_bytes(16, "little")}
    fields |= {253: price.to_bytes(16, "little"), 269: tick.to_bytes(4, "little", signed=True)}
    fields |= {389: bytes([terms.status, terms.fee_on]), 904: (bits >> 8192 - 512).to_bytes(4096, "little")[:128]}
    if terms.dynamic is not None:
        *fixed, index, reference, accumulator, age = terms.dynamic
        sizes = (2, 2, 2, 4, 4)
        raw = b"".join(value.to_bytes(size, "little") for value, size in zip(fixed, sizes, strict=True))
        raw += index.to_bytes(4, "little", signed=True)
        raw += b"".join(value.to_bytes(4, "little") for value in (reference, accumulator))
        fields[1096] = raw + (NOW - age).to_bytes(8, "little")
    return packed(1544, fields, "f7ede3f5d7c3de46")


def _arrays(terms: Terms, ticks: dict[int, list[int]]) -> tuple[dict[int, tuple[bytes, bytes]], int]:
    """Tick arrays by start, and their bits counted from array -8192 on."""
    span, bits = TICKS * terms.spacing, 0
    fields: dict[int, Fields] = {}
    for tick, (net, gross, fresh, partly) in ticks.items():
        start = tick // span * span
        base = 44 + (tick - start) // terms.spacing * 168
        array = fields.setdefault(start, {8: KEYS["pool"], 40: start.to_bytes(4, "little", signed=True), 10124: b"\0"})
        array[base] = tick.to_bytes(4, "little", signed=True) + net.to_bytes(16, "little", signed=True)
        array[base + 20] = gross.to_bytes(16, "little")
        array[base + 124], array[base + 132] = fresh, partly
        counted = array[10124]
        assert isinstance(counted, bytes)
        array[10124] = bytes([counted[0] + 1])
        bits |= 1 << tick // span + 8192
    return {start: (PROGRAM, packed(10240, one, "c09b55cd31f9812a")) for start, one in fields.items()}, bits


def _blocks(below: int) -> bytes:
    """The extension keeps the arrays below zero in blocks of 512, the nearest block first."""
    blocks = below.to_bytes(960, "little")
    return b"".join(blocks[at : at + 64] for at in range(896, 0, -64))
