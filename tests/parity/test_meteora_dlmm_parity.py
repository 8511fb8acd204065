"""Meteora DLMM: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from venue_kit import Ask, Forged, account_key, answers, asks, assert_same, damaged, mint_account, packed

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


_fees = st.sampled_from([None, None, None, (0, 5), (37, 10**6), (10_000, 5), (9_999, 2**64 - 1)])
_terms = st.builds(
    Terms,
    active_id=st.sampled_from([35, 0, 69, -1, -70, 12_345, 35_840, 35_900, -35_840, -35_905]),
    step=st.sampled_from([1, 10, 25]),
    base_factor=st.sampled_from([0, 1, 10_000, 65_535]),
    power=st.sampled_from([0, 0, 0, 1, 33]),
    variable_fee_control=st.sampled_from([0, 40_000, 10**7, 2**32 - 1]),
    volatility=st.tuples(st.integers(0, 350_000), st.integers(0, 350_000), st.integers(-20, 20)),
    age=st.sampled_from([-5, 0, 29, 30, 599, 600]),
    function=st.sampled_from([0, 1, 2, 2, 2, 3]),
    collect=st.sampled_from([0, 0, 0, 1, 1, 1, 2]),
    reach=st.sampled_from([0, 5, 60, 200, 200]),
    scale=st.sampled_from([1, 100, 10**6, 10**12, 2**63]),
    empty=st.sampled_from([0, 30, 90]),
    priced=st.sampled_from([True, True, True, False]),
    fees=st.tuples(_fees, _fees),
    extended=st.booleans(),
    seed=st.integers(0, 2**32),
)


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


@given(_terms, st.lists(asks((0, 0, 0, 1, 2)), min_size=1, max_size=8))
def test_forged_pools(terms: Terms, asked: list[Ask]) -> None:
    assert_same(VENUE, forge(terms), asked)


@given(damaged(forge(Terms(extended=True))), st.lists(asks(), min_size=1, max_size=3))
def test_damaged_accounts(pool: Forged, asked: list[Ask]) -> None:
    assert_same(VENUE, pool, asked)


@given(st.permutations(range(4)), st.integers(0, 4), asks())
def test_any_order_of_the_route(order: list[int], length: int, ask: Ask) -> None:
    pool = forge(Terms(scale=10**5))
    keys = [account_key(f"array{index}") for index in (-2, -1, 0, 1)]
    route = [keys[at] for at in order][:length]
    assert_same(VENUE, msgspec.structs.replace(pool, routes=(route, route)), [ask])


@given(st.integers(0, 300), st.booleans(), st.sampled_from([0, 1]))
def test_amounts_beside_the_edges_of_bins(seed: int, zero_for_one: bool, collect: int) -> None:
    terms = Terms(scale=50, seed=seed, collect=collect, base_factor=65_535)
    asked = [Ask(zero_for_one, exact_in, amount) for exact_in in (True, False) for amount in range(1, 60)]
    assert_same(VENUE, forge(terms), asked)


@pytest.mark.parametrize("active_id", [-35_905, 35_900])
def test_arrays_beyond_the_pair_need_the_extension(active_id: int) -> None:
    for zero_for_one in (True, False):
        ask = Ask(zero_for_one, False, 1)
        terms = Terms(active_id=active_id, step=1)
        assert _quote(terms, ask) == "empty"
        assert not isinstance(_quote(msgspec.structs.replace(terms, extended=True), ask), str)


def test_without_liquidity_there_is_nothing_to_trade() -> None:
    for zero_for_one in (True, False):
        assert _quote(Terms(empty=100), Ask(zero_for_one, True, 1000)) == "empty"


def test_a_swap_of_nothing_is_refused() -> None:
    assert _quote(Terms(), Ask(True, True, 0)) == "zero"
    assert _quote(Terms(), Ask(True, False, 0)) == "zero"
