"""Raydium CLMM: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from venue_kit import Ask, Forged, account_key, amounts, answers, assert_same, damaged, mint_account, packed

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


_liquidity = st.one_of(st.integers(1, 10_000), st.integers(1, 2**50), st.integers(1, 2**90))
_positions = st.lists(st.tuples(st.integers(-90, 5), st.integers(6, 90), _liquidity), max_size=5).map(tuple)
_order = st.one_of(st.integers(0, 1000), st.integers(0, 2**40))
_orders = st.lists(st.tuples(st.integers(-70, 70), _order, _order), max_size=4).map(tuple)
_dynamic = st.tuples(
    st.integers(0, 100),
    st.integers(0, 1000),
    st.integers(0, 20_000),
    st.integers(0, 200_000),
    st.one_of(st.integers(0, 500_000), st.integers(0, 2**32 - 1)),
    st.integers(-500, 500),
    st.integers(0, 100_000),
    st.integers(0, 500_000),
    st.integers(0, 1500),
)
_fees = st.none() | st.tuples(st.integers(0, 10_000), st.one_of(st.integers(0, 5000), st.integers(0, 2**64 - 1)))
_terms = st.builds(
    Terms,
    spacing=st.sampled_from([1, 10, 60]),
    at=st.one_of(st.integers(-700, 700), st.integers(-7000, 7000)),
    above=st.integers(0, 63),
    positions=_positions,
    orders=_orders,
    fee_rate=st.sampled_from([0, 100, 2500, 50_000, 999_999, 1_000_000]),
    fee_on=st.integers(0, 3),
    dynamic=st.none() | _dynamic,
    fees=st.tuples(_fees, _fees),
    first_build=st.booleans(),
    extension=st.booleans(),
)
_limits = st.one_of(st.just(0), st.integers(-2000, 2000).map(sqrt_price_at), st.integers(2**60, 2**68))
_asks = st.builds(Ask, st.booleans(), st.booleans(), amounts, _limits, st.sampled_from((0, 0, 1, 3)))
_full = Terms(
    positions=((-80, 80, 10**12), (-3, 4, 10**13)),
    orders=((-2, 500, 400), (5, 0, 7000)),
    dynamic=(30, 600, 5000, 20_000, 300_000, 2, 0, 40_000, 300),
    fees=((100, 2**40), None),
)


def quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    """One answer, which native and reference share."""
    (one,) = answers(VENUE, forge(terms), [ask])
    assert one["native"] == one["reference"]
    return one["native"]


@given(_terms, st.lists(_asks, min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


@given(damaged(forge(_full)), _asks)
def test_damaged_accounts(pool: Forged, ask: Ask) -> None:
    assert_same(VENUE, pool, [ask])


def test_a_swap_through_positions_orders_and_groups_is_paid() -> None:
    assert isinstance(quote(_full, Ask(True, True, 10**9)), tuple)
    assert isinstance(quote(_full, Ask(False, False, 10**9)), tuple)


def test_orders_are_filled_at_their_tick() -> None:
    pool = Terms(orders=((-1, 5_000_000, 0),))
    # 997,500 after the fee of 0.25 %, at 1.0001^-10 = 0.99900055.
    assert quote(pool, Ask(True, True, 1_000_000)) == (1_000_000, 996_503)


def test_orders_that_run_out_leave_the_rest_to_the_price_limit() -> None:
    pool = Terms(orders=((-1, 100, 300),))
    assert quote(pool, Ask(True, True, 1_000)) == "empty"
    # 400 / 0.99900055 rounds up to 401, its fee 401 * 2500 / 997500 to 2.
    limit = sqrt_price_at(-10)
    assert quote(pool, Ask(True, True, 1_000, limit)) == (403, 400)


def test_a_fee_on_the_output_is_taken_from_what_orders_give() -> None:
    pool = Terms(orders=((-1, 5_000_000, 0),), fee_on=2)
    # 1,000,000 * 0.99900055 = 999,000; fee 2,498 after rounding up.
    assert quote(pool, Ask(True, True, 1_000_000)) == (1_000_000, 996_502)
    assert quote(pool, Ask(False, True, 1_000)) == "empty"


def test_orders_of_a_tick_come_before_its_liquidity_is_crossed() -> None:
    plain = Terms(positions=((-1, 1, 10**9), (-5, -1, 10**9)))
    ordered = msgspec.structs.replace(plain, orders=((-1, 10**6, 0),))
    limit = sqrt_price_at(-10)
    without, beyond = quote(plain, Ask(True, True, 10**7, limit)), quote(ordered, Ask(True, True, 10**7, limit))
    assert not isinstance(without, str)
    assert not isinstance(beyond, str)
    assert beyond[1] - without[1] == 10**6
    # 10^6 / 0.99900055 = 1,001,000.45, and the fee of it on top: 2,508.8.
    assert beyond[0] - without[0] == 1_001_001 + 2_509


def test_the_dynamic_fee_rises_with_each_group_of_ticks() -> None:
    liquidity = 10**12
    pool = Terms(positions=((-500, 500, liquidity),), dynamic=(30, 600, 5000, 50_000, 300_000, 0, 0, 0, 10_000))
    edge, amount = sqrt_price_at(-10), 10**9
    # Group 0 costs 0.25 %: the accumulator is 0. Its lower edge is the tick 0 that the price is at.
    # Group -1: 50,000 * (10,000 * 10)^2 / 1e13 = 50 more.
    first = -(-liquidity * (2**64 - edge) // edge)
    fee = -(-first * 2550 // (10**6 - 2550))
    out = liquidity * (2**64 - edge) // 2**64
    # Group -2: 50,000 * (20,000 * 10)^2 / 1e13 = 200 more.
    rest = (amount - first - fee) * (10**6 - 2700) // 10**6
    price = -(-liquidity * 2**64 * edge // (liquidity * 2**64 + rest * edge))
    out += liquidity * (edge - price) // 2**64
    assert sqrt_price_at(-20) < price < edge
    assert quote(pool, Ask(True, True, amount)) == (amount, out)


def test_transfer_fees_are_inverted_by_the_first_build_only() -> None:
    pool = Terms(positions=((-50, 50, 10**12),), fees=((100, 2**60), None), first_build=True)
    old, new = quote(pool, Ask(True, True, 101)), quote(pool, Ask(True, True, 101, variant=3))
    assert (old[0], new[0]) == (100, 101)


def test_a_swap_without_a_limit_is_filled_whole_or_not_at_all() -> None:
    # The lowest tick is one unit of price beyond where a swap without a limit must stop.
    pool = Terms(spacing=1, positions=((-1, 1, 10**9),), orders=((-443_636, 1, 0),))
    assert quote(pool, Ask(True, False, 10**9)) == "partial_fill"


def test_the_plain_instruction_moves_only_tokens_of_the_older_program() -> None:
    positions = ((-50, 50, 10**12),)
    plain = Terms(positions=positions)
    assert quote(plain, Ask(True, True, 1000, variant=1)) == quote(plain, Ask(True, True, 1000))
    assert quote(Terms(positions=positions, fees=((0, 0), None)), Ask(True, True, 1000, variant=1)) == "owner"


@pytest.mark.parametrize("terms", [Terms(status=16), Terms(open_time=NOW)])
def test_pools_that_do_not_trade_are_refused(terms: Terms) -> None:
    open_pool = msgspec.structs.replace(terms, positions=((-50, 50, 10**12),))
    assert quote(open_pool, Ask(True, True, 1000)) == "disabled"


def test_ticks_outside_the_pools_own_bitmap_need_the_extension() -> None:
    far = Terms(spacing=1, at=-31_000, positions=((-50, 50, 10**12),))
    assert isinstance(quote(far, Ask(True, True, 10**6)), tuple)
    assert quote(msgspec.structs.replace(far, extension=False), Ask(True, True, 10**6)) == "empty"
