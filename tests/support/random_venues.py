"""Random pools of the venues made of accounts: forged in every mode and size, recorded ones, and damaged ones."""

from __future__ import annotations

import functools
from collections.abc import Callable
from random import Random

import meteora_damm_v1_kit as damm_v1
import meteora_damm_v2_kit as damm_v2
import meteora_dlmm_kit as dlmm
import msgspec
import phoenix_kit as phoenix
import pump_swap_kit as pump_swap
import raydium_amm_v4_kit as amm_v4
import raydium_clmm_kit as clmm
import raydium_cpmm_kit as cpmm
import whirlpool_kit as whirlpool
from random_asks import TOP, Question, amount, bits, number, transfer_fees
from venue_kit import SHARED, TOKEN, TOKEN_2022, Forged, account_key

from hoploop.hot.reference.pump_swap import USDC, WRAPPED_SOL
from hoploop.hot.reference.raydium_clmm_math import sqrt_price_at
from hoploop.hot.reference.whirlpool_math import MAX_PRICE, MAX_TICK, MIN_PRICE, MIN_TICK, price_at
from hoploop.verify.vectors import files, read_swaps

GOLDEN = SHARED / "golden/solana"
Roll = Callable[[Random], Forged]


def _whirlpool(rng: Random) -> Forged:
    oracle = whirlpool.Oracle(
        reduction=rng.randrange(10_000), control=number(rng, 0, rng.randrange(100_000), wide=16),
        most=rng.randrange(100_000, 2_000_000), group_size=rng.choice((1, 2, 8, 64)),
        updated=rng.choice((0, 29, 30, 599, 600, 3600, 3601)), major=rng.choice((0, 40, 10_000)),
        reference=rng.randrange(110_000), groups_away=rng.randrange(-40, 41), accumulated=rng.randrange(350_001),
        opens=rng.choice((-5, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
    )  # fmt: skip
    positions = [
        (rng.randrange(-200, 200), rng.choice((1, 7, rng.randrange(1, 300), 10**7)), bits(rng, 100))
        for _ in range(rng.randrange(1, 7))
    ]
    if rng.random() < 0.5:
        positions.append((-300, 600, bits(rng, 80)))
    return whirlpool.forge(
        whirlpool.Terms(
            spacing=rng.choice((1, 2, 4, 8, 64, 96, 128, 32_896)), part=rng.randrange(7), positions=tuple(positions),
            tick=rng.choice((rng.randrange(-30_000, 30_000), rng.randrange(MIN_TICK, MAX_TICK), MIN_TICK, 0, -1, 87)),
            fee_rate=number(rng, 0, 3_000, 60_000, wide=16), dynamic=rng.random() < 0.5,
            given=rng.choice((0, 1, 2, 3, 3, 3, 6, 6)), oracle=oracle if rng.random() < 0.4 else None,
            fees=transfer_fees(rng),
        )
    )  # fmt: skip


def _raydium_clmm(rng: Random) -> Forged:
    def places() -> tuple[int, int, int]:
        return rng.randrange(-90, 6), rng.randrange(6, 91), 1 + bits(rng, 90)

    dynamic = (
        rng.randrange(101), rng.randrange(1001), rng.randrange(20_001), rng.randrange(200_001),
        number(rng, rng.randrange(500_001), wide=32), rng.randrange(-500, 501), rng.randrange(100_001),
        rng.randrange(500_001), rng.randrange(1501),
    )  # fmt: skip
    return clmm.forge(
        clmm.Terms(
            spacing=rng.choice((1, 10, 60)), at=rng.randrange(-700, 701) * rng.choice((1, 1, 10)),
            above=rng.randrange(64), positions=tuple(places() for _ in range(rng.randrange(1, 6))),
            orders=tuple(
                (rng.randrange(-70, 71), bits(rng, 40), bits(rng, 40)) for _ in range(rng.choice((0, 0, 1, 4)))
            ),
            fee_rate=rng.choice((0, 100, 2_500, 2_500, 50_000, 999_999, 1_000_000)), fee_on=rng.choice((0, 0, 1, 2, 3)),
            dynamic=dynamic if rng.random() < 0.4 else None, fees=transfer_fees(rng),
            first_build=rng.random() < 0.5, extension=rng.random() < 0.9,
        )
    )  # fmt: skip


def _raydium_cpmm(rng: Random) -> Forged:
    return cpmm.forge(
        cpmm.Terms(
            vaults=(bits(rng, 64), bits(rng, 64)), owed=(bits(rng, 6), bits(rng, 6)),
            trade_rate=number(rng, 0, 100, 2_500, 10_000, 1_000_000), creator_rate=number(rng, 0, 500, 20_000),
            creator_on=rng.randrange(4), creator_enabled=rng.random() < 0.5, fees=transfer_fees(rng),
        )
    )  # fmt: skip


def _raydium_amm_v4(rng: Random) -> Forged:
    fee = (number(rng, 25, 0, 1, 9_999), number(rng, 10_000, 1, 0))
    return amm_v4.forge(
        amm_v4.Terms(
            vaults=(bits(rng, 64), bits(rng, 64)), taken=(bits(rng, 6), bits(rng, 6)),
            fee=fee if rng.random() < 0.3 else (25, 10_000), status=rng.choice((6, 6, 6, 6, 1, 7)),
        )
    )  # fmt: skip


def _meteora_dlmm(rng: Random) -> Forged:
    return dlmm.forge(
        dlmm.Terms(
            active_id=rng.choice((35, 0, 69, -1, -70, 12_345, 35_840, 35_900, -35_840, -35_905)),
            step=rng.choice((1, 10, 25)), base_factor=rng.choice((0, 1, 10_000, 65_535)),
            power=rng.choice((0, 0, 0, 1, 33)), variable_fee_control=rng.choice((0, 40_000, 10**7, 2**32 - 1)),
            volatility=(rng.randrange(350_001), rng.randrange(350_001), rng.randrange(-20, 21)),
            age=rng.choice((-5, 0, 29, 30, 599, 600)), function=rng.choice((0, 1, 2, 2, 2, 3)),
            collect=rng.choice((0, 0, 0, 1, 1, 1, 2)), reach=rng.choice((0, 5, 60, 200, 200, 200)),
            scale=rng.choice((1, 100, 10**6, 10**9, 10**12, 2**63)), empty=rng.choice((0, 30, 90)),
            priced=rng.random() < 0.9, fees=transfer_fees(rng), extended=rng.random() < 0.8,
            seed=rng.randrange(2**32),
        )
    )  # fmt: skip


def _meteora_damm_v1(rng: Random) -> Forged:
    def vault() -> damm_v1.Vault:
        total = 1 + bits(rng, 62)
        supply = rng.randrange(max(1, total // 3), total * 2 + 1)
        return damm_v1.Vault(
            total, number(rng, supply, supply, supply, 0), rng.randrange(supply + 1),
            number(rng, total, total, total, 0), rng.randrange(total // 2 + 1), damm_v1.NOW - rng.randrange(30_000),
            number(rng, 46_296_296, 10**9, 0), rng.choice((1, 1, 1, 1, 1, 1, 0, 2)),
        )  # fmt: skip

    return damm_v1.forge(
        damm_v1.Terms(
            sides=(vault(), vault()), trade_fee=rng.choice(((250, 100_000), (0, 0), (15_000, 100_000), (1, 3))),
            protocol_fee=rng.choice(((20_000, 100_000), (0, 0), (1, 1))),
            amp=None if rng.random() < 0.4 else number(rng, 1, 100, 9_000, wide=14),
            multipliers=rng.choice(((1, 1), (1, 1), (1_000, 1), (1, 10**9))), peg=rng.choice((0, 0, 0, 1, 2, 3)),
            cached=(number(rng, 10**6, 1_100_000, wide=24), rng.choice((damm_v1.CACHED, damm_v1.EXPIRED, 0, TOP))),
            stake=(rng.randrange(10**9, 10**10), rng.randrange(10**9, 10**10)),
        )
    )  # fmt: skip


def _meteora_damm_v2(rng: Random) -> Forged:
    one = damm_v2.ONE
    dynamic = (
        rng.randrange(100_001), rng.randrange(1, 101), rng.randrange(21), rng.randrange(20, 6_001),
        rng.randrange(10_001), damm_v2.NOW - rng.randrange(7_001), rng.randrange(one // 10_000, one // 100),
        rng.randrange(20_000_001),
    )  # fmt: skip
    low, high = rng.choice(((2**40, 2**90), (2**40, 2**90), (2**60, 2**68), (bits(rng, 128), bits(rng, 128))))
    terms = damm_v2.Terms(
        mode=rng.randrange(5), cliff=rng.choice((2_500_000, rng.randrange(100_000, 990_000_000), bits(rng, 64))),
        periods=rng.randrange(201), words=(rng.randrange(1, 1_501), rng.choice((0, 0, 900, 5_000, 9_900))),
        reduction=rng.randrange(501), collect=rng.randrange(3), version=rng.randrange(2), layout=rng.randrange(2),
        prices=(rng.randrange(2**62, 2**65), low, rng.randrange(2**62, 2**66), high),
        liquidity=bits(rng, 128), counted=(bits(rng, 63), bits(rng, 63)), vaults=(bits(rng, 63), bits(rng, 63)),
        shares=(rng.randrange(51), rng.randrange(10_001)), dynamic=dynamic if rng.random() < 0.4 else (),
        fees=transfer_fees(rng),
    )  # fmt: skip
    if rng.random() < 0.25:
        most = rng.randrange(1, 9_901)
        terms = msgspec.structs.replace(
            terms, mode=2, collect=1, cliff=most * 10**4, periods=rng.randrange(1, 9_901), words=(3_600, most),
            reduction=1 + bits(rng, 60),
        )  # fmt: skip
    return damm_v2.forge(terms)


def _phoenix(rng: Random) -> Forged:
    def orders(sign: int) -> tuple[phoenix.Order, ...]:
        held = [
            phoenix.Order(
                1 + bits(rng, 20), bits(rng, 24), rng.choice((0, 0, 0, 99, 100)), rng.choice((0, 0, 0, 999, 1_001))
            )
            for _ in range(rng.randrange(9))
        ]
        return tuple(sorted(held, key=lambda order: sign * order.ticks))

    return phoenix.forged(
        phoenix.Book(
            bids=orders(-1), asks=orders(1), base_lot=rng.choice((1, 1_000, 1_000_000)), quote_lot=rng.choice((1, 100)),
            per_unit=rng.choice((1, 7, 1_000)), tick=rng.choice((1, 3, 1_000)),
            fee_bps=rng.choice((0, 2, 5, rng.randrange(10_000))),
        )
    )  # fmt: skip


def _pump_swap(rng: Random) -> Forged:
    def bps() -> int:
        return number(rng, 0, 2, 20, 93, rng.randrange(200))

    tiers = sorted((bits(rng, 60), bps(), bps(), bps()) for _ in range(rng.randrange(5)))
    return pump_swap.forge(
        pump_swap.Terms(
            base=bits(rng, 64), quote=bits(rng, 64), supply=number(rng, 10**15), coin_creator=rng.choice(
                (bytes(32), account_key("coin creator"))),
            virtual=rng.choice((0, 0, bits(rng, 50), -bits(rng, 40), bits(rng, 127), -bits(rng, 127))),
            quote_mint=rng.choice((WRAPPED_SOL, USDC, account_key("other"))),
            creator=rng.choice((pump_swap.AUTHORITY, account_key("somebody"))), mayhem=rng.random() < 0.2,
            own_creator_fee=number(rng, 0, 0, 77), configurable=rng.random() < 0.7,
            flags=rng.choice((0, 0, 0, 0, 0, 0, 8, 16)), length=rng.choice((211, 243, 244, 245, 261, 270, 300, 300)),
            sol_tiers=tiers, flat=(bps(), bps(), bps()), exotic=rng.choice((None, (0, 0, 0), (7, 8, 9))),
        )
    )  # fmt: skip


ROLLS: dict[str, Roll] = {
    "meteora_damm_v1": _meteora_damm_v1,
    "meteora_damm_v2": _meteora_damm_v2,
    "meteora_dlmm": _meteora_dlmm,
    "phoenix": _phoenix,
    "pump_swap": _pump_swap,
    "raydium_amm_v4": _raydium_amm_v4,
    "raydium_clmm": _raydium_clmm,
    "raydium_cpmm": _raydium_cpmm,
    "whirlpool": _whirlpool,
}
"""Venue -> a forged pool. One line a venue."""
WITHOUT_EXACT_OUT = ("meteora_damm_v1", "pump_swap")
"""In one direction at least."""


def roll(rng: Random, venue: str) -> Forged:
    """A pool of the venue: forged, or recorded where real programs were observed of it; a quarter of them damaged."""
    held = recorded(venue)
    pool = _later(rng, rng.choice(held)) if held and rng.random() < 0.4 else ROLLS[venue](rng)
    return damage(rng, pool) if rng.random() < 0.25 else pool


@functools.cache
def recorded(venue: str) -> tuple[Forged, ...]:
    """The venue's public pools; none where the fetched data is not."""
    found = [read_swaps(path) for path in files(GOLDEN / venue)]
    clocks = [(file.clock.slot, file.clock.unix_timestamp, file.clock.epoch) for file in found]
    return tuple(
        Forged(file.roles, file.accounts, clock, file.routes) for file, clock in zip(found, clocks, strict=True)
    )


def question(rng: Random, venue: str, most: int) -> Question:
    """A swap of `most` bits, mostly without a price limit and of the usual instruction."""
    limit = 0
    if rng.random() < 0.15:
        limit = rng.randrange(1 << 96)
        if venue == "whirlpool":
            limit = rng.choice((price_at(rng.randrange(-60_000, 60_000)), MIN_PRICE - 1, MAX_PRICE + 1))
        elif venue == "raydium_clmm":
            limit = sqrt_price_at(rng.randrange(-8_000, 8_000))
    exact_in = rng.random() < (0.97 if venue in WITHOUT_EXACT_OUT else 0.6)
    variant = rng.randrange(5) if rng.random() < 0.1 else 0
    return Question(rng.random() < 0.5, exact_in, amount(rng, most), limit, variant)


def damage(rng: Random, pool: Forged) -> Forged:
    """The pool with some bytes of an account changed, or an account cut short, gone, or of another owner."""
    if not pool.held:
        return pool
    key = rng.choice(sorted(pool.held))
    owner, data = pool.held[key]
    held, how = dict(pool.held), rng.random()
    if how < 0.03:
        del held[key]
    elif how < 0.06:
        held[key] = (rng.choice((TOKEN, TOKEN_2022, bytes(32))), data)
    elif how < 0.12:
        held[key] = (owner, data[: rng.randrange(len(data) + 1)])
    else:
        changed = bytearray(data)
        for _ in range(rng.randrange(1, 6) if changed else 0):
            near = rng.choice((64, 512, len(changed)))
            changed[rng.randrange(min(near, len(changed)))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        held[key] = (owner, bytes(changed))
    return msgspec.structs.replace(pool, held=held)


def _later(rng: Random, pool: Forged) -> Forged:
    if rng.random() < 0.5:
        return pool
    (slot, now, epoch), later = pool.clock, bits(rng, 20)
    return msgspec.structs.replace(pool, clock=(slot + later * 2, now + later, epoch + rng.randrange(3)))
