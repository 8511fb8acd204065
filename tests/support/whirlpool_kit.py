"""Orca Whirlpool pools made for tests, in the on-chain layout."""

from __future__ import annotations

import msgspec
from solders.pubkey import Pubkey
from venue_kit import Forged, account_key, mint_account

from hoploop.hot.reference.whirlpool import DYNAMIC_MAGIC, FIXED_MAGIC, ORACLE_MAGIC, POOL_MAGIC, PROGRAM
from hoploop.hot.reference.whirlpool_math import MAX_TICK, MIN_TICK, price_at

VENUE = "whirlpool"
SLOTS = 88
NOW = 1_700_000_000
KEYS = {role: account_key(role) for role in ("pool", "mint_a", "mint_b")}
Fee = tuple[int, int] | None


class Oracle(msgspec.Struct, frozen=True):
    """What a volatile pool's oracle says; times are seconds ago."""

    filtered: int = 30
    decays: int = 600
    reduction: int = 5000
    control: int = 4000
    most: int = 350_000
    group_size: int = 8
    updated: int = 100
    major: int = 5000
    reference: int = 20_000
    groups_away: int = -2
    accumulated: int = 60_000
    opens: int = 0


class Terms(msgspec.Struct, frozen=True):
    """What a forged pool is made of; positions are (lowest slot, slots, liquidity) around the current slot."""

    spacing: int = 8
    tick: int = -1234
    part: int = 1
    fee_rate: int = 3000
    positions: tuple[tuple[int, int, int], ...] = ((-40, 100, 10**12), (-3, 9, 10**13), (2, 300, 10**11))
    dynamic: bool = False
    given: int = 3
    fees: tuple[Fee, Fee] = (None, None)
    oracle: Oracle | None = None


def derived(*seeds: bytes) -> bytes:
    """Where the program keeps an account."""
    return bytes(Pubkey.find_program_address(seeds, Pubkey(PROGRAM))[0])


def forge(terms: Terms) -> Forged:
    """A pool of these terms in the on-chain layout; arrays without a tick do not exist."""
    net, gross = _ticks(terms)
    held = {KEYS["pool"]: (PROGRAM, _pool(terms, sum(n for tick, n in net.items() if tick <= terms.tick)))}
    for side, fee in zip("ab", terms.fees, strict=True):
        held[KEYS[f"mint_{side}"]] = mint_account(fee)
    if terms.oracle is not None:
        held[derived(b"oracle", KEYS["pool"])] = (PROGRAM, _oracle(terms, terms.oracle))
    length = SLOTS * terms.spacing
    here = terms.tick // length * length
    for start in {tick // length * length for tick in net}:
        ticks = {tick: net[tick] for tick in net if start <= tick < start + length}
        held[_array_key(start)] = (PROGRAM, _array(terms, start, ticks, gross))
    routes = (
        [_array_key(here - count * length) for count in range(terms.given)],
        [_array_key(here + count * length) for count in range(terms.given)],
    )
    return Forged(KEYS, held, (1, NOW, 500), routes)


def _ticks(terms: Terms) -> tuple[dict[int, int], dict[int, int]]:
    net: dict[int, int] = {}
    gross: dict[int, int] = {}
    slot = terms.tick // terms.spacing
    lowest, highest = -(-MIN_TICK // terms.spacing), MAX_TICK // terms.spacing
    for low, wide, liquidity in terms.positions:
        ends = (min(max(slot + low, -highest), highest - 1), min(max(slot + low + wide, lowest), highest))
        if ends[0] < ends[1]:
            for end, sign in zip(ends, (1, -1), strict=True):
                tick = end * terms.spacing
                net[tick] = net.get(tick, 0) + sign * liquidity
                gross[tick] = gross.get(tick, 0) + liquidity
    return net, gross


def _pool(terms: Terms, liquidity: int) -> bytes:
    low, high = price_at(terms.tick), price_at(terms.tick + 1)
    price = low + (high - low) * terms.part // 7
    data = bytearray(653)
    data[:8] = POOL_MAGIC
    data[41:43] = terms.spacing.to_bytes(2, "little")
    data[43:45] = (terms.spacing + (1024 if terms.oracle else 0)).to_bytes(2, "little")
    data[45:47] = terms.fee_rate.to_bytes(2, "little")
    data[49:65] = liquidity.to_bytes(16, "little")
    data[65:81] = price.to_bytes(16, "little")
    data[81:85] = terms.tick.to_bytes(4, "little", signed=True)
    data[101:133], data[181:213] = KEYS["mint_a"], KEYS["mint_b"]
    return bytes(data)


def _array_key(start: int) -> bytes:
    return derived(b"tick_array", KEYS["pool"], str(start).encode())


def _array(terms: Terms, start: int, net: dict[int, int], gross: dict[int, int]) -> bytes:
    ticks = [start + slot * terms.spacing for slot in range(SLOTS)]
    full = [
        b"\1" + net[tick].to_bytes(16, "little", signed=True) + gross[tick].to_bytes(16, "little") + bytes(80)
        if tick in net
        else bytes(1 if terms.dynamic else 113)
        for tick in ticks
    ]
    first = start.to_bytes(4, "little", signed=True)
    if not terms.dynamic:
        return FIXED_MAGIC + first + b"".join(full) + KEYS["pool"]
    bitmap = sum(1 << slot for slot, tick in enumerate(ticks) if tick in net)
    return DYNAMIC_MAGIC + first + KEYS["pool"] + bitmap.to_bytes(16, "little") + b"".join(full)


def _oracle(terms: Terms, oracle: Oracle) -> bytes:
    size = min(oracle.group_size, terms.spacing)
    constants = ((oracle.filtered, 2), (oracle.decays, 2), (oracle.reduction, 2), (oracle.control, 4), (oracle.most, 4))
    variables = ((NOW - oracle.updated, 8), (NOW - oracle.major, 8), (oracle.reference, 4))
    return (
        ORACLE_MAGIC
        + KEYS["pool"]
        + (NOW + oracle.opens).to_bytes(8, "little")
        + b"".join(value.to_bytes(length, "little") for value, length in (*constants, (size, 2), (64, 2)))
        + bytes(16)
        + b"".join(value.to_bytes(length, "little") for value, length in variables)
        + (terms.tick // size + oracle.groups_away).to_bytes(4, "little", signed=True)
        + oracle.accumulated.to_bytes(4, "little")
        + bytes(144)
    )
