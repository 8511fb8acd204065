"""Every decoder as an endless source of damaged inputs, read by the native module across the boundary.

A source asks of what is read, too: whatever bytes were accepted can be quoted. It counts what it did, `read` or
`refused`; anything raised that is no refusal is a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache, partial
from random import Random

import evm_kit
import frames_kit
import random_curves
import random_loans
import random_venues
from hot_kit import SYNC, V3_TOPICS, burn_log, door, mint_log, single, swap_log, sync
from random_asks import TOP, amount
from venue_kit import READERS, Forged, in_market

from hoploop.hot import FlashLoan, HotError, Ingest, Market
from hoploop.hot.reference.concentrated import sqrt_ratio_at_tick

Source = Callable[[Random], Counter[str]]

SIBLINGS = 20
"""Damaged inputs made of one good one."""


def venue(name: str, rng: Random) -> Counter[str]:
    """Accounts of a pool: read whole, and by the market."""
    counts, held = Counter[str](), random_venues.recorded(name)
    pool = rng.choice(held) if held and rng.random() < 0.8 else random_venues.ROLLS[name](rng)
    for _ in range(SIBLINGS):
        damaged = random_venues.damage(rng, random_venues.damage(rng, pool) if rng.random() < 0.2 else pool)
        counts[_read(name, damaged, rng)] += 1
    _market(name, pool, rng)
    counts["read"] += 1
    return counts


def _read(name: str, pool: Forged, rng: Random) -> str:
    state = READERS["native"](name, pool.roles, pool.held, pool.routes, pool.clock)
    if isinstance(state, str):
        return "refused"
    for _ in range(2):
        paid = state.quote(*random_venues.question(rng, name, rng.choice((16, 32, 64))))
        assert isinstance(paid, str) or 0 <= min(paid) <= max(paid) <= TOP
    return "read"


def _market(name: str, pool: Forged, rng: Random) -> None:
    market, damaged = in_market(name, pool), random_venues.damage(rng, pool)
    if market is None:
        return
    updates = [(key, 2, owner + data) for key, (owner, data) in damaged.held.items() if pool.held[key] != (owner, data)]
    market.on_batch(updates)
    _ask(market, rng, 10 ** rng.randrange(18))


def _ask(market: Market, rng: Random, size: int) -> None:
    for side in (True, False):
        market.quote(0, side, random_curves.amount(rng, size))
        market.fill(0, side, rng.random() < 0.5, random_curves.amount(rng, size))


def snapshot(layout: random_curves.Layout, rng: Random) -> Counter[str]:
    """Words of an EVM pool."""
    counts, (curve, decoder, fee, spacing, good) = Counter[str](), layout
    market = evm_kit.loaded(curve, decoder, good, [], fee, spacing)
    for _ in range(SIBLINGS):
        try:
            market.load(0, 2, random_curves.damage(rng, good))
        except HotError:
            counts["refused"] += 1
            continue
        counts["read"] += 1
        _ask(market, rng, 10**21)
    return counts


def logs(rng: Random) -> Counter[str]:
    """Logs of every kind, to pools of every kind."""
    counts = Counter[str]()
    layout = rng.choice([layout for layout in random_curves.LAYOUTS if layout[1] != "hoploop_amm"])
    curve, decoder, fee, spacing, loaded = layout
    market = evm_kit.loaded(curve, decoder, loaded, list(_doors(layout)), fee, spacing)
    tick = rng.randrange(-700, 700)
    good = (
        sync(10**21, 10**20), swap_log(sqrt_ratio_at_tick(tick), 10**20, tick), mint_log(-600, 600, 10**18),
        burn_log(-600, 600, 10**18), evm_kit.numbers(300, 500), evm_kit.numbers(1, 10**18, 0, 10**17),
        evm_kit.numbers(1, 2, 10**18, 10**17), evm_kit.numbers(rng.randrange(1 << 24)),
    )  # fmt: skip
    for number in range(SIBLINGS):
        batch = market.on_batch([(rng.choice(_doors(layout)), 2 + number, random_curves.damage(rng, rng.choice(good)))])
        counts["refused" if batch.refused else "read"] += 1
        if batch.refused:
            market.load(0, 2 + number, loaded)
        _ask(market, rng, 10**20)
    return counts


_TOPICS = (
    SYNC,     evm_kit.SYNC256, evm_kit.CAMELOT_FEES, evm_kit.CAMELOT_STABLE, evm_kit.EXCHANGE, evm_kit.PANCAKE_SWAP,
    evm_kit.ALGEBRA_SWAP, evm_kit.ALGEBRA_FEE, evm_kit.ALGEBRA_FEES,
)  # fmt: skip


@cache
def _doors(layout: random_curves.Layout) -> tuple[bytes, ...]:
    """The doors that its decoder knows."""
    return tuple(key for key in _DOORS if _knows(layout, key))


def _knows(layout: random_curves.Layout, key: bytes) -> bool:
    try:
        single(layout[0], layout[1], [key], layout[2], layout[3])
    except HotError:
        return False
    return True


_DOORS = (evm_kit.vault_door(), *(door(1, topic) for topic in (*V3_TOPICS, *_TOPICS)))


def loan(lender: str, rng: Random) -> Counter[str]:
    """Accounts of a reserve."""
    counts, pool = Counter[str](), random_loans.roll(rng, lender)
    for _ in range(SIBLINGS):
        damaged = random_venues.damage(rng, pool)
        state = FlashLoan.read(lender, damaged.roles, damaged.held, damaged.clock)
        counts["refused" if isinstance(state, str) else "read"] += 1
        if not isinstance(state, str):
            state.price(amount(rng))
            state.repay(amount(rng), amount(rng))
    return counts


def frames(rng: Random) -> Counter[str]:
    """Text of a node."""
    counts, ingest = Counter[str](), Ingest([frames_kit.ACCOUNTS[0]], [frames_kit.ACCOUNTS[1], frames_kit.PAIR], 64)
    for number, key in enumerate(frames_kit.ACCOUNTS, start=71):
        ingest.subscribe(number, key)
    for _ in range(SIBLINGS * 2):
        counts["read" if ingest.push_frame(frames_kit.damage(rng)) in frames_kit.TAKEN else "refused"] += 1
    ingest.gaps()
    ingest.take()
    return counts


MUTANTS: Mapping[str, Source] = {
    **{f"{name} accounts": partial(venue, name) for name in random_venues.ROLLS},
    **{f"{layout[1]} {layout[0]}": partial(snapshot, layout) for layout in random_curves.LAYOUTS},
    **{f"{lender} accounts": partial(loan, lender) for lender in ("klend", "marginfi", "solend")},
    "logs": logs,
    "frames": frames,
}
"""Name -> source."""
