"""Orca Whirlpool: native and reference answer the same, unit for unit, on forged and damaged pools."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey
from venue_kit import Ask, Forged, account_key, amounts, answers, assert_same, damaged, mint_account

from hoploop.hot.reference.whirlpool import DYNAMIC_MAGIC, FIXED_MAGIC, ORACLE_MAGIC, POOL_MAGIC, PROGRAM
from hoploop.hot.reference.whirlpool_math import MAX_PRICE, MAX_TICK, MIN_PRICE, MIN_TICK, price_at

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


_spacings = st.sampled_from([1, 2, 4, 8, 64, 96, 128, 32_896])
_ends = st.sampled_from([MIN_TICK, MIN_TICK + 5, -1, 0, 87, 88 * 8 - 1, 443_000, MAX_TICK - 1])
_liquidity = st.one_of(st.integers(0, 5000), st.integers(0, 2**60), st.integers(0, 2**100))
_slots = st.one_of(st.integers(-5, 5), st.integers(-200, 200), st.just(-(10**6)))
_position = st.tuples(_slots, st.one_of(st.integers(1, 10), st.integers(1, 300), st.just(10**7)), _liquidity)
_fee = st.none() | st.tuples(st.integers(0, 10_000), st.one_of(st.integers(0, 5000), st.integers(0, 2**64 - 1)))
_oracles = st.builds(
    Oracle,
    reduction=st.integers(0, 9999),
    control=st.one_of(st.just(0), st.integers(1, 99_999)),
    most=st.integers(100_000, 2_000_000),
    group_size=st.sampled_from([1, 2, 8, 64]),
    updated=st.sampled_from([0, 29, 30, 599, 600, 3600, 3601]),
    major=st.sampled_from([0, 40, 10_000]),
    reference=st.integers(0, 110_000),
    groups_away=st.integers(-40, 40),
    accumulated=st.integers(0, 350_000),
    opens=st.sampled_from([-5, 0, 0, 0, 0, 0, 0, 0, 1]),
)
_terms = st.builds(
    Terms,
    spacing=_spacings,
    tick=st.one_of(_ends, st.integers(-30_000, 30_000), st.integers(MIN_TICK, MAX_TICK - 1)),
    part=st.integers(0, 6),
    fee_rate=st.one_of(st.sampled_from([0, 3000, 60_000]), st.integers(0, 65_535)),
    positions=st.lists(_position, min_size=1, max_size=6).map(tuple),
    dynamic=st.booleans(),
    given=st.sampled_from([0, 1, 2, 3, 3, 3, 6, 6]),
    fees=st.just((None, None)) | st.tuples(_fee, _fee),
    oracle=st.none() | _oracles,
)


@st.composite
def _asks(draw: st.DrawFn, terms: Terms) -> Ask:
    near = draw(st.integers(-300 * terms.spacing, 300 * terms.spacing))
    towards, anywhere = st.just(price_at(terms.tick + near)), st.integers(MIN_PRICE - 1, MAX_PRICE + 1)
    limit = draw(st.one_of(st.just(0), st.just(0), st.just(0), towards, towards, anywhere))
    variant = draw(st.sampled_from([0] * 14 + [1, 9]))
    return Ask(draw(st.booleans()), draw(st.booleans()), draw(amounts), limit, variant)


@settings(max_examples=200)
@given(st.data(), _terms)
def test_forged_pools(data: st.DataObject, terms: Terms) -> None:
    assert_same(VENUE, forge(terms), [data.draw(_asks(terms)) for _ in range(6)])


_volatile = Terms(dynamic=True, fees=((50, 5000), None), oracle=Oracle())


@given(damaged(forge(_volatile)) | damaged(forge(Terms())), _asks(_volatile))
def test_damaged_accounts(pool: Forged, ask: Ask) -> None:
    assert_same(VENUE, pool, [ask])


def _quote(terms: Terms, ask: Ask) -> tuple[int, int] | str:
    (given_,) = answers(VENUE, forge(terms), [ask])
    assert given_["native"] == given_["reference"]
    return given_["native"]


def test_a_swap_that_is_worth_no_output_takes_its_input() -> None:
    assert _quote(Terms(tick=-200_000), Ask(True, True, 5)) == (5, 0)


def test_arrays_that_do_not_exist_are_walked_through_as_empty() -> None:
    within = Terms(positions=((-1, 2, 10**12), (-150, 20, 10**13)))
    assert _quote(within, Ask(True, False, 10**10)) == _quote(
        msgspec.structs.replace(within, given=6), Ask(True, False, 10**10)
    )
    assert isinstance(_quote(msgspec.structs.replace(within, given=1), Ask(True, False, 10**10)), str)


def test_an_input_beyond_the_arrays_is_refused_but_with_a_limit_only_what_fits_is_taken() -> None:
    terms = Terms()
    assert _quote(terms, Ask(True, True, 10**18)) == "partial_fill"
    taken = _quote(terms, Ask(True, True, 10**18, price_limit=price_at(terms.tick - 30)))
    assert not isinstance(taken, str)
    assert 0 < taken[0] < 10**18


@pytest.mark.parametrize("limit", [price_at(-1000), MIN_PRICE - 1, MAX_PRICE + 1])
def test_limits_behind_the_price_or_beyond_all_prices_are_refused(limit: int) -> None:
    assert isinstance(_quote(Terms(), Ask(True, True, 1000, price_limit=limit)), str)


def test_volatility_makes_the_same_swap_dearer() -> None:
    calm, wild = Terms(), Terms(oracle=Oracle(control=90_000, updated=0))
    ask = Ask(True, True, 10**9)
    few, many = (_quote(terms, ask) for terms in (wild, calm))
    assert not isinstance(few, str)
    assert not isinstance(many, str)
    assert few[1] < many[1]


def test_a_pool_of_volatility_without_its_oracle_is_refused() -> None:
    pool = forge(Terms(oracle=Oracle()))
    held = {key: account for key, account in pool.held.items() if account[1][:8] != ORACLE_MAGIC}
    (given_,) = answers(VENUE, msgspec.structs.replace(pool, held=held), [Ask(True, True, 1000)])
    assert given_ == {"native": "empty", "reference": "empty"}


def test_a_pool_that_does_not_trade_yet_is_refused() -> None:
    assert _quote(Terms(oracle=Oracle(opens=1)), Ask(True, True, 1000)) == "disabled"


def test_the_first_swap_instruction_knows_no_newer_token() -> None:
    assert _quote(Terms(fees=((0, 0), None)), Ask(True, True, 1000, variant=1)) == "owner"
    assert _quote(Terms(), Ask(True, True, 1000, variant=1)) == _quote(Terms(), Ask(True, True, 1000))
