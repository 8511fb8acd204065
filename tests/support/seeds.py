"""Writes the seeds of the fuzz targets, in the shapes that `hot/fuzz/bodies` reads: `python tests/support/seeds.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import evm_kit
import frames_kit
import meteora_dlmm_kit as dlmm
import phoenix_kit as phoenix
import raydium_clmm_kit as clmm
import whirlpool_kit as whirlpool
from flash_fees_kit import ONE, klend, marginfi, solend
from hot_kit import burn_log, mint_log, swap_log, sync
from meteora_damm_v1_kit import Terms as DammV1
from meteora_damm_v1_kit import forge as damm_v1
from meteora_damm_v2_kit import ONE as PRICE
from meteora_damm_v2_kit import Terms as DammV2
from meteora_damm_v2_kit import forge as damm_v2
from pump_swap_kit import Terms as PumpSwap
from pump_swap_kit import forge as pump_swap
from random_curves import LAYOUTS
from raydium_amm_v4_kit import Terms as AmmV4
from raydium_amm_v4_kit import forge as amm_v4
from raydium_cpmm_kit import Terms as Cpmm
from raydium_cpmm_kit import forge as cpmm
from signing_kit import solana_message, unsigned_1559
from solders.pubkey import Pubkey
from venue_kit import Forged

from hoploop.hot import VenueState

SEEDS = Path(__file__).parents[2] / "hot/fuzz/seeds"
KINDS = (
    "constant_product uniswap_v2", "constant_product_fee_first hoploop_amm", "constant_product_directional camelot",
    "camelot_stable camelot", "solidly_volatile solidly", "solidly_stable solidly", "stableswap curve",
    "balancer_weighted balancer_v2", "balancer_stable balancer_v2", "concentrated uniswap_v3",
    "concentrated pancake_v3", "concentrated_dynamic slipstream", "concentrated_dynamic algebra",
    "concentrated_linked algebra",
)  # fmt: skip
"""As `hot/fuzz/bodies/evm.rs` numbers them."""
EVENTS = ("account", "sync", "swap", "mint", "burn", "initialize", "wide swap", "wide burn", "fee", "fees", "exchange")
ASKS = bytes([3, *(40).to_bytes(8, "little"), 2, *(10**9).to_bytes(8, "little"), 1, *(10**6).to_bytes(8, "little")])

AMOUNT = bytes([0, *(10**15).to_bytes(16, "little")])


def main() -> None:
    """Write all of them."""
    for make in (venues, loans, evm, frames, transactions):
        target = make.__name__
        (SEEDS / target).mkdir(parents=True, exist_ok=True)
        for name, data in make():
            (SEEDS / target / name).write_bytes(data)


def venues() -> Iterator[tuple[str, bytes]]:
    """A pool of every venue, and of some of their modes."""
    dynamic = (50_000, 1, 10, 5000, 5000, 1_700_000_900, PRICE // 10_000, 140_000)
    pools = {
        "whirlpool": whirlpool.forge(whirlpool.Terms()),
        "whirlpool volatile": whirlpool.forge(
            whirlpool.Terms(dynamic=True, fees=((50, 5000), None), oracle=whirlpool.Oracle())
        ),
        "raydium_clmm": clmm.forge(clmm.Terms(positions=((-80, 80, 10**12), (-3, 4, 10**13)))),
        "raydium_clmm dynamic": clmm.forge(
            clmm.Terms(
                positions=((-80, 80, 10**12),), orders=((-2, 500, 400), (5, 0, 7000)), fees=((100, 2**40), None),
                dynamic=(30, 600, 5000, 20_000, 300_000, 2, 0, 40_000, 300),
            )
        ),
        "raydium_cpmm": cpmm(Cpmm(creator_enabled=True, creator_rate=500, fees=((50, 5000), None))),
        "raydium_amm_v4": amm_v4(AmmV4()),
        "meteora_dlmm": dlmm.forge(dlmm.Terms(extended=True, empty=90)),
        "meteora_damm_v1": damm_v1(DammV1()),
        "meteora_damm_v1 stable": damm_v1(DammV1(amp=100, peg=1)),
        "meteora_damm_v2": damm_v2(DammV2(dynamic=dynamic, fees=((50, 5000), (100, 10**9)))),
        "meteora_damm_v2 limiter": damm_v2(
            DammV2(mode=2, collect=1, cliff=10**7, periods=100, words=(3600, 5000), reduction=10**9)
        ),
        "phoenix": phoenix.forged(
            phoenix.Book(bids=(phoenix.Order(149_900, 2_000),), asks=(phoenix.Order(150_000, 2_000),))
        ),
        "pump_swap": pump_swap(PumpSwap()),
    }  # fmt: skip
    for name, pool in pools.items():
        yield name.replace(" ", "_"), forged(VenueState.keys().index(name.split()[0]), pool)


def loans() -> Iterator[tuple[str, bytes]]:
    """A reserve of every lender."""
    reserves = (klend(2**50, 10**9), solend(10**15, 10**9, 20), marginfi(ONE // 10_000, 10**9, ONE + 7, 0, 2**64 - 1))
    for number, (name, pool) in enumerate(zip(("klend", "solend", "marginfi"), reserves, strict=True)):
        yield name, forged(number, pool)


def evm() -> Iterator[tuple[str, bytes]]:
    """A pool of every curve and decoder, with updates it may meet."""
    updates = (
        ("sync", sync(10**21, 10**20)), ("swap", swap_log(2**96, 10**20, 0)), ("mint", mint_log(-600, 600, 10**18)),
        ("burn", burn_log(-600, 600, 10**17)), ("fees", evm_kit.numbers(300, 500)),
        ("exchange", evm_kit.numbers(1, 0, 10**18, 1, 10**17)),
    )  # fmt: skip
    for curve, decoder, fee, _, words in LAYOUTS:
        pool = bytes([KINDS.index(f"{curve} {decoder}"), min(fee[0], 3)]) + len(words).to_bytes(2, "little") + words
        for name, update in updates:
            log = bytes([EVENTS.index(name)]) + len(update).to_bytes(2, "little") + update
            yield f"{curve}-{decoder}-{name}", pool + AMOUNT + log + AMOUNT


def frames() -> Iterator[tuple[str, bytes]]:
    """A notification of either chain."""
    yield "account", frames_kit.account().encode()
    yield "log", frames_kit.log().encode()
    yield "removed", frames_kit.log(removed=True).encode()


def transactions() -> Iterator[tuple[str, bytes]]:
    """An unsigned transaction of either chain."""
    slots = b"".join(
        number.to_bytes(size, "little") for number, size in ((1, 1), (1, 2), (8, 2), (0, 1), (0, 2), (1, 2))
    )
    yield "solana", bytes([0]) + slots + bytes(48) + solana_message(Pubkey(b"\5" * 32), [b"a", bytes(20)])
    slots = b"".join(
        number.to_bytes(size, "little") for number, size in ((7, 1), (4, 2), (32, 2), (4, 1), (0, 2), (0, 2))
    )
    yield "evm", bytes([1]) + slots + bytes(48) + unsigned_1559(1, 2, 3, 4, 5, b"\6" * 20, bytes(68), 7)


def forged(which: int, pool: Forged) -> bytes:
    """A pool as `bodies/pools.rs` reads it."""
    named = [
        *pool.roles.values(),
        *pool.routes[0],
        *pool.routes[1],
        *pool.held,
        *(one for one, _ in pool.held.values()),
    ]
    keys = list(dict.fromkeys(named))
    out = bytes([which, len(keys)]) + b"".join(keys) + bytes([len(pool.roles)])
    for role, key in pool.roles.items():
        out += bytes([len(role)]) + role.encode() + bytes([keys.index(key)])
    for route in pool.routes:
        out += bytes([len(route), *(keys.index(key) for key in route)])
    out += b"".join(number.to_bytes(8, "little") for number in pool.clock) + bytes([len(pool.held)])
    for key, (owner, data) in pool.held.items():
        out += bytes([keys.index(key), keys.index(owner)]) + sparse(data)
    return out + ASKS


def sparse(data: bytes) -> bytes:
    """Its length, and its stretches that are not zero."""
    found = list(stretches(data))
    out, end = len(data).to_bytes(2, "little") + len(found).to_bytes(2, "little"), 0
    for at, part in found:
        out, end = out + (at - end).to_bytes(2, "little") + bytes([len(part)]) + part, at + len(part)
    return out


def stretches(data: bytes) -> Iterable[tuple[int, bytes]]:
    """Where they begin and what they are, with short gaps inside; 255 bytes at most."""
    at = 0
    while at < len(data):
        if not data[at]:
            at += 1
            continue
        part = data[at : at + 255]
        gap = part.find(bytes(8))
        part = (part if gap < 0 else part[:gap]).rstrip(b"\0")
        yield at, part
        at += len(part)


if __name__ == "__main__":
    main()
