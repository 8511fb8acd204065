"""Pools of the shared workloads in their on-chain layouts, for `hoploop.hot.VenueState.read`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from peers.measure import rows, workload
from solders.pubkey import Pubkey

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/support"))

from raydium_clmm_kit import Terms
from raydium_clmm_kit import forge as forge_clmm
from venue_kit import Forged, account_key, mint_account, packed

from hoploop.hot.reference.meteora_dlmm import BINS, price
from hoploop.hot.reference.meteora_dlmm import PROGRAM as METEORA_DLMM
from hoploop.hot.reference.whirlpool import FIXED_MAGIC, POOL_MAGIC
from hoploop.hot.reference.whirlpool import PROGRAM as WHIRLPOOL

KEYS = {role: account_key(role) for role in ("pool", "mint_a", "mint_b")}
MINTS = {KEYS[role]: mint_account() for role in ("mint_a", "mint_b")}
SLOTS = 88
ACTIVE, STEP, HELD = 100, 10, 10**9
CLOCK = (1, 0, 1)
CLMM_ASKED = ((0, 10**11, 100_692_261_502), (10, 135 * 10**10, 1_322_281_743_159))
"""Crossings, what goes in, and what `peers/npm/raydium.mjs` answers."""

Fields = dict[int, int | bytes]


def whirlpool() -> tuple[Forged, list[tuple[int, int, int]]]:
    """The pool of `quote_whirlpool_*`, and what goes in and comes out at how many crossings."""
    state = json.loads(workload("orca_case.json"))
    spacing = state["spacing"]
    pool: Fields = {
        41: spacing.to_bytes(2, "little"), 43: spacing.to_bytes(2, "little"), 45: state["fee"].to_bytes(2, "little"),
        49: int(state["L"]).to_bytes(16, "little"), 65: int(state["sqrt"]).to_bytes(16, "little"),
        81: state["cur"].to_bytes(4, "little", signed=True), 101: KEYS["mint_a"], 181: KEYS["mint_b"],
    }  # fmt: skip
    length = SLOTS * spacing
    arrays: dict[int, Fields] = {}
    for tick, net in state["net"]:
        start = tick // length * length
        array = arrays.setdefault(start, {8: start.to_bytes(4, "little", signed=True), 9956: KEYS["pool"]})
        array[12 + (tick - start) // spacing * 113] = b"\1" + int(net).to_bytes(16, "little", signed=True)
    held = {KEYS["pool"]: (WHIRLPOOL, packed(653, pool, POOL_MAGIC.hex())), **MINTS}
    held |= {_tick_array(at): (WHIRLPOOL, packed(9988, array, FIXED_MAGIC.hex())) for at, array in arrays.items()}
    here = state["cur"] // length * length
    down, up = ([_tick_array(here + sign * count * length) for count in range(3)] for sign in (-1, 1))
    asked = [(int(amount), int(out), crossed) for amount, out, crossed in state["cases"]]
    return Forged(KEYS, held, CLOCK, (down, up)), asked


def _tick_array(start: int) -> bytes:
    seeds = [b"tick_array", KEYS["pool"], str(start).encode()]
    return bytes(Pubkey.find_program_address(seeds, Pubkey(WHIRLPOOL))[0])


def dlmm() -> tuple[Forged, list[tuple[int, int, int]]]:
    """The pool of `quote_dlmm_*`: the same amount in every bin of three arrays; asked as for `whirlpool`."""
    indices = (0, 1, 2)
    pair: Fields = {
        8: (10_000).to_bytes(2, "little"), 10: (30).to_bytes(2, "little"), 12: (600).to_bytes(2, "little"),
        14: (5_000).to_bytes(2, "little"), 16: (40_000).to_bytes(4, "little"), 20: (350_000).to_bytes(4, "little"),
        24: (-443_636).to_bytes(4, "little", signed=True), 28: (443_636).to_bytes(4, "little"),
        32: (500).to_bytes(2, "little"), 34: bytes([0, 1, 0]), 48: ACTIVE.to_bytes(4, "little"),
        76: ACTIVE.to_bytes(4, "little"), 80: STEP.to_bytes(2, "little"), 88: KEYS["mint_a"], 120: KEYS["mint_b"],
        584: sum(1 << index + 512 for index in indices).to_bytes(128, "little"),
    }  # fmt: skip
    keys = [account_key(f"array{index}") for index in indices]
    held = {KEYS["pool"]: (METEORA_DLMM, packed(904, pair, "210b3162b565b10d")), **MINTS}
    held |= {keys[index]: (METEORA_DLMM, packed(10_136, _bins(index), "5c8e5cdc059446b5")) for index in indices}
    asked = [(int(amount), int(out), crossed) for crossed, amount, out, _ in json.loads(workload("dlmm_case.json"))]
    middle = ACTIVE // BINS
    return Forged(KEYS, held, CLOCK, (keys[middle::-1], keys[middle:])), asked


def _bins(index: int) -> Fields:
    fields: Fields = {8: index, 24: KEYS["pool"]}
    for place in range(BINS):
        number, at = index * BINS + place, 56 + 144 * place
        fields[at] = HELD if number >= ACTIVE else 0
        fields[at + 8] = HELD if number <= ACTIVE else 0
        fields[at + 16] = price(STEP, number).to_bytes(16, "little")
    return fields


def clmm() -> Forged:
    """The pool of `peers/npm/raydium.mjs`: forty positions around tick 120."""
    positions = tuple((-1 - at, 1 + at, 10**12 + at * 10**10) for at in range(40))
    return forge_clmm(Terms(spacing=60, at=2, positions=positions, fee_rate=3000))


def concentrated_snapshot(state: dict[str, object]) -> bytes:
    """Storage words of a Uniswap V3 pool, as `Market.load` takes them."""
    ticks = state["ticks"]
    assert isinstance(ticks, list)
    words = [int(str(state["sqrt"])) | (int(str(state["tick"])) % 2**24) << 160, int(str(state["liq"]))]
    body = b"".join(word.to_bytes(32, "big") for word in words)
    for tick, gross, net in ticks:
        body += tick.to_bytes(4, "big", signed=True) + (int(gross) | int(net) % 2**128 << 128).to_bytes(32, "big")
    return body


def first_pair() -> tuple[int, int]:
    """Reserves of the pool of `quote_v2`."""
    reserve0, reserve1, *_ = rows("v2_pairs.csv")[0]
    return reserve0, reserve1
