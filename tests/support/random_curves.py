"""Random EVM pools of every curve, in every size and mode: loaded into a market, beside their twins."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import evm_kit
from hot_kit import account_door, amm_account, single, single_v2, single_v3, slot8, v3_pool
from random_asks import bits

from hoploop.hot import Market
from hoploop.hot.reference import (
    balancer,
    concentrated,
    concentrated_swaps,
    constant_product,
    constant_product_fee_first,
    pairs,
    stableswap,
)

WAD = 10**18

Fill = tuple[int, int] | None
Twin = Callable[[bool, bool, int], Fill]
Made = tuple[Market, Twin, int]
"""A loaded market, its twin `(zero_for_one, exact_in, amount)`, and about how much the pool holds."""
MOST = 2**128 - 1
"""`Market.quote` and `quote_out` answer in 128 bits."""


def amount(rng: Random, size: int) -> int:
    """Log-uniform over 128 bits, or up to twice what the pool holds."""
    if rng.random() < 0.2:
        return bits(rng, 128)
    return rng.randrange(max(1, 2 * size)) >> rng.choice((0, 1, 2, 4, 10, 20))


def near(rng: Random, size: int) -> int:
    return size * rng.randrange(1, 40) // rng.randrange(1, 40)


def both(exact_in: bool, asked: int, other: int | None) -> Fill:
    if other is None:
        return None
    return (asked, other) if exact_in else (other, asked)


def hoploop_amm(rng: Random) -> Made:
    held = (bits(rng, 64), bits(rng, 64))
    fee = rng.choice(((3, 1000), (25, 10_000), (0, 1), (99, 100), (2**32 - 2, 2**32 - 1)))
    market = single("constant_product_fee_first", "hoploop_amm", [account_door(1)], fee)
    market.load(0, 1, amm_account(*held, *fee))

    def twin(zero_for_one: bool, exact_in: bool, asked: int) -> Fill:
        directed = held if zero_for_one else held[::-1]
        return both(True, asked, constant_product_fee_first.quote(*directed, *fee, asked)) if exact_in else None

    return market, twin, held[0]


def uniswap_v2(rng: Random) -> Made:
    reserves = (bits(rng, 112), bits(rng, 112))
    fee = rng.choice(((3, 1000), (25, 10_000), (0, 1), (99, 100)))

    def twin(zero_for_one: bool, exact_in: bool, asked: int) -> Fill:
        ask = constant_product.quote if exact_in else constant_product.quote_out
        return both(exact_in, asked, ask(*(reserves if zero_for_one else reserves[::-1]), *fee, asked))

    return single_v2(reserves[0], reserves[1], fee), twin, reserves[0]


def pair(rng: Random, den: int, most: int, same: bool) -> pairs.Pair:
    scale = (10 ** rng.choice((6, 8, 18)), 10 ** rng.choice((2, 6, 18)))
    size = bits(rng, 59)
    fees = (rng.randrange(most), rng.randrange(most))
    reserves = tuple(min(2**112 - 1, near(rng, size * unit // 1000)) for unit in scale)
    return pairs.Pair(
        reserves=(reserves[0], reserves[1]), scale=scale, fees=(fees[0], fees[0]) if same else fees, den=den
    )


def of_pair(
    rng: Random, den: int, most: int, same: bool, make: Callable[[pairs.Pair], Market],
    ask: Callable[[pairs.Pair, bool, int], int | None],
) -> Made:  # fmt: skip
    held = pair(rng, den, most, same)

    def twin(zero_for_one: bool, exact_in: bool, asked: int) -> Fill:
        if exact_in:
            return both(True, asked, ask(held, zero_for_one, asked))
        if ask is not pairs.directional:
            return None
        fee = (held.fee(zero_for_one), held.den)
        return both(False, asked, constant_product.quote_out(*held.directed(zero_for_one), *fee, asked))

    return make(held), twin, held.reserves[0]


def solidly_volatile(rng: Random) -> Made:
    return of_pair(rng, 10_000, 300, True, lambda held: evm_kit.solidly(held, False), pairs.volatile)


def solidly_stable(rng: Random) -> Made:
    return of_pair(rng, 10_000, 300, True, lambda held: evm_kit.solidly(held, True), pairs.solidly_stable)


def camelot_volatile(rng: Random) -> Made:
    return of_pair(rng, 100_000, 2000, False, lambda held: evm_kit.camelot(held, False), pairs.directional)


def camelot_stable(rng: Random) -> Made:
    return of_pair(rng, 100_000, 2000, False, lambda held: evm_kit.camelot(held, True), pairs.camelot_stable)


def coins(rng: Random, count: int) -> tuple[int, int]:
    first, second = rng.sample(range(count), 2)
    return first, second


def curve(rng: Random) -> Made:
    count, size, precision = rng.randrange(2, 9), bits(rng, 49), rng.choice((1, 100))
    units = [10 ** rng.choice((6, 8, 18)) for _ in range(count)]
    pool = stableswap.Pool(
        balances=tuple(near(rng, size * unit // 1000) for unit in units),
        rates=tuple(10**36 // unit * rng.randrange(950, 1300) // 1000 for unit in units),
        amp=bits(rng, 14) * precision, amp_precision=precision,
        fee=rng.choice((0, 1_500_000, 4_000_000, 10**8)), offpeg=rng.choice((0, 10**10, 2 * 10**10, 5 * 10**10)),
        product=rng.randrange(3), fee_step=rng.randrange(2),
    )  # fmt: skip
    at, to = coins(rng, count)

    def twin(zero_for_one: bool, exact_in: bool, asked: int) -> Fill:
        directed = (at, to) if zero_for_one else (to, at)
        return both(True, asked, stableswap.quote(pool, *directed, asked)) if exact_in else None

    return evm_kit.curve(pool, (at, to)), twin, pool.balances[at]


def balancer_weighted(rng: Random) -> Made:
    weight = rng.choice((10, 20, 33, 50, 80, rng.randrange(1, 100))) * WAD // 100
    pool = balancer.Weighted(
        balances=(bits(rng, 112), bits(rng, 112)),
        weights=(weight, rng.choice((WAD - weight, weight, weight // 2, weight // 4))), version=rng.choice((1, 2)),
        scale=(10 ** rng.choice((18, 28, 30)), 10 ** rng.choice((18, 30))), fee=rng.choice((0, 10**14, 10**16)),
    )  # fmt: skip

    def twin(zero_for_one: bool, exact_in: bool, asked: int) -> Fill:
        ask = balancer.weighted_out if exact_in else balancer.weighted_in
        return both(exact_in, asked, ask(pool, zero_for_one, asked))

    return evm_kit.weighted(pool), twin, pool.balances[0] // 4


def balancer_stable(rng: Random) -> Made:
    count, size = rng.randrange(2, 6), rng.randrange(1 << rng.randrange(4, 100))
    pool = balancer.Stable(
        balances=tuple(near(rng, size) for _ in range(count)), fee=rng.choice((0, 10**14, 4 * 10**14)),
        scale=tuple(WAD * rng.randrange(900, 1300) // 1000 for _ in range(count)),
        amp=rng.randrange(1, 5001) * 1000, version=rng.choice((1, 2)),
    )  # fmt: skip
    at, to = coins(rng, count)

    def twin(zero_for_one: bool, exact_in: bool, asked: int) -> Fill:
        ask = balancer.stable_out if exact_in else balancer.stable_in
        return both(exact_in, asked, ask(pool, *((at, to) if zero_for_one else (to, at)), asked))

    return evm_kit.balancer_stable(pool, (at, to)), twin, pool.balances[at]


def ticked(rng: Random) -> tuple[bytes, concentrated.Pool, int]:
    fee, spacing = rng.choice(
        ((0, 60), (500, 10), (3000, 60), (10_000, 200), (65_535, 60), (2500, 50), (100, rng.choice((1, 60, 60, 60))))
    )
    middle, positions = rng.randrange(-100_000, 100_000), []
    size = 1 << rng.randrange(1, 105)
    if rng.random() < 0.8:
        # To the end of all prices the twin takes long, row by row; few pools are empty there.
        widest = concentrated.MAX_TICK // spacing * spacing
        positions.append((-widest, widest, rng.randrange(1, size + 1)))
    for _ in range(rng.randrange(1, 6)):
        low = middle // spacing + rng.randrange(-300, 300)
        positions.append((low * spacing, (low + rng.choice((1, 7, 300))) * spacing, rng.randrange(1, size + 1)))
    price = rng.randrange(concentrated.sqrt_ratio_at_tick(middle), concentrated.sqrt_ratio_at_tick(middle + 1))
    return *v3_pool(price, middle, positions, fee, spacing), size


def uniswap_v3(rng: Random) -> Made:
    snapshot, pool, size = ticked(rng)

    def twin(zero_for_one: bool, exact_in: bool, asked: int) -> Fill:
        return concentrated_swaps.fill(pool, zero_for_one, exact_in, asked)

    return single_v3(snapshot, pool.fee_pips, pool.tick_spacing), twin, size // 50


def algebra(rng: Random) -> Made:
    snapshot, pool, size = ticked(rng)
    rows = rng.random() < 0.5
    market = evm_kit.dynamic(
        "concentrated_dynamic" if rows else "concentrated_linked", snapshot, (pool.fee_pips,) * 2, pool.tick_spacing
    )

    def twin(zero_for_one: bool, exact_in: bool, asked: int) -> Fill:
        return concentrated_swaps.fill(pool, zero_for_one, exact_in, asked, rows=rows)

    return market, twin, size // 50


CURVES: tuple[Callable[[Random], Made], ...] = (
    hoploop_amm, uniswap_v2, solidly_volatile, solidly_stable, camelot_volatile, camelot_stable, curve,
    balancer_weighted, balancer_stable, uniswap_v3, algebra,
)  # fmt: skip
WITHOUT_EXACT_OUT = (hoploop_amm, solidly_volatile, solidly_stable, camelot_stable, curve)




Layout = tuple[str, str, tuple[int, int], int, bytes]
LAYOUTS: tuple[Layout, ...] = (
    ("constant_product", "uniswap_v2", (3, 1000), 0, slot8(10**21, 10**21)),
    ("constant_product_fee_first", "hoploop_amm", (3, 1000), 0, amm_account(10**15, 10**15)),
    ("concentrated", "uniswap_v3", (3000, 10**6), 60, v3_pool(2**96, 0, [(-600, 600, 10**20)], 3000, 60)[0]),
    ("solidly_volatile", "solidly", (3, 1000), 0, evm_kit.metadata(pairs.Pair(reserves=(10**21, 10**21)), False)),
    ("solidly_stable", "solidly", (3, 1000), 0, evm_kit.metadata(pairs.Pair(reserves=(10**21, 10**21)), True)),
    ("constant_product_directional", "camelot", (0, 100_000), 0,
     evm_kit.camelot_words(pairs.Pair(reserves=(10**21, 10**21), fees=(300, 500)), False)),
    ("camelot_stable", "camelot", (0, 100_000), 0,
     evm_kit.camelot_words(pairs.Pair(reserves=(10**21, 10**21), fees=(300, 500)), True)),
    ("stableswap", "curve", (0, 1), 0,
     evm_kit.curve_words(
         stableswap.Pool(balances=(10**24,) * 3, rates=(WAD,) * 3, amp=2000, amp_precision=1, fee=10**6), (0, 2))),
    ("balancer_weighted", "balancer_v2", (0, 1), 0,
     evm_kit.weighted_words(
         balancer.Weighted(balances=(10**21,) * 2, weights=(WAD // 2,) * 2, scale=(WAD,) * 2, fee=10**15, version=2))),
    ("balancer_stable", "balancer_v2", (0, 1), 0,
     evm_kit.stable_words(
         balancer.Stable(balances=(10**21,) * 3, scale=(WAD,) * 3, amp=50_000, fee=10**15, version=2), (0, 1))),
    ("concentrated_dynamic", "algebra", (0, 1), 60,
     evm_kit.with_fees(v3_pool(2**96, 0, [(-600, 600, 10**20)], 3000, 60)[0], (500, 600))),
    ("concentrated_dynamic", "slipstream", (0, 1), 60,
     evm_kit.with_fees(v3_pool(2**96, 0, [(-600, 600, 10**20)], 3000, 60)[0], (500, 600))),
    ("concentrated_linked", "algebra", (0, 1), 60,
     evm_kit.with_fees(v3_pool(2**96, 0, [(-600, 600, 10**20)], 3000, 60)[0], (500, 600))),
    ("concentrated", "pancake_v3", (25, 10_000), 50, v3_pool(2**96, 0, [(-600, 600, 10**20)], 2500, 50)[0]),
)  # fmt: skip
"""Curve, decoder, fee, tick spacing, and a snapshot that they read."""


def damage(rng: Random, snapshot: bytes) -> bytes:
    """The snapshot with some bytes, or its length, changed."""
    body = bytearray(snapshot)
    for _ in range(rng.randrange(1, 6)):
        body[rng.randrange(len(body))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    if rng.random() < 0.1:
        return bytes(body[: rng.randrange(len(body))])
    return bytes(body) + (rng.randbytes(rng.randrange(80)) if rng.random() < 0.1 else b"")
