"""Pools of ticks quote what their published bytecode pays, to the unit, on states made by calls and by storage.

`HOPLOOP_BYTECODE` is the number of states a contract; each is asked twenty questions.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

import evm_kit
import pytest
import pytest_asyncio
from bytecode_kit import OWNER, PAYER, PROBER, STUB, Chain, anvil, deltas, mapping
from hot_kit import single_v3, v3_pool, v3_snapshot
from random_asks import bits

from hoploop.hot import Market
from hoploop.hot.reference import concentrated_swaps
from hoploop.hot.reference.concentrated import MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, Pool, sqrt_ratio_at_tick
from hoploop.local.evm.contracts import encode_call

pytestmark = [pytest.mark.chain, pytest.mark.asyncio(loop_scope="module")]

STATES = int(os.environ.get("HOPLOOP_BYTECODE", "12"))
QUESTIONS = 20
SWAP = "swap(address,bool,int256,uint160,bytes)"
FEES = ((500, 10), (3000, 60), (10_000, 200), (100, 1), (65_535, 60), (0, 60))

Question = tuple[bool, bool, int]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chain() -> AsyncIterator[Chain]:
    async with anvil() as running:
        yield running


def swap_data(question: Question) -> bytes:
    side, exact_in, amount = question
    limit = MIN_SQRT_RATIO + 1 if side else MAX_SQRT_RATIO - 1
    return encode_call(SWAP, PROBER, side, amount if exact_in else -amount, limit, b"")


def questions(rng: Random, size: int) -> list[Question]:
    """Of every size around the pool's, and the edges."""

    def amount() -> int:
        if rng.random() < 0.1:
            return rng.choice((1, 2, 2**127, 2**128, 2**200, 2**255 - 1))
        return 1 + (bits(rng, 128) if rng.random() < 0.2 else rng.randrange(2 * size) >> rng.choice((0, 2, 4, 10, 20)))

    return [(rng.random() < 0.5, rng.random() < 0.6, amount()) for _ in range(QUESTIONS)]


def random_pool(rng: Random, fee: int, spacing: int) -> tuple[Pool, dict[int, tuple[int, int]], int]:
    """A pool of some positions around a price; its ticks with gross liquidity; about how much it holds."""
    middle, size = rng.randrange(-100_000, 100_000), 1 << rng.randrange(1, 105)
    positions = [(-(MAX_TICK // spacing) * spacing, MAX_TICK // spacing * spacing, rng.randrange(1, size + 1))]
    for _ in range(rng.randrange(1, 6)):
        low = middle // spacing + rng.randrange(-300, 300)
        positions.append((low * spacing, (low + rng.choice((1, 7, 300))) * spacing, rng.randrange(1, size + 1)))
    price = rng.randrange(sqrt_ratio_at_tick(middle), sqrt_ratio_at_tick(middle + 1))
    positions = positions[rng.choice((0, 0, 0, 1)) :]
    gross: dict[int, tuple[int, int]] = {}
    for low, high, liquidity in positions:
        for tick, sign in ((low, 1), (high, -1)):
            before = gross.get(tick, (0, 0))
            gross[tick] = (before[0] + liquidity, before[1] + sign * liquidity)
    return v3_pool(price, middle, positions, fee, spacing)[1], gross, size // 50 + 1


class Layout(NamedTuple):
    """Where a contract keeps what is written into it; slot 0 holds price and tick in all of them."""

    liquidity: int
    ticks: int
    rows: int
    first: Mapping[int, int]
    """Bits to add to slot 0, and other words."""


UNISWAP = Layout(4, 5, 6, {0: 1 << 200 | 1 << 216 | 1 << 240, 8: 1 << 248})
PANCAKE = Layout(5, 6, 7, {0: 1 << 200 | 1 << 216, 1: 1 << 32, 9: 1 << 248})


def storage(pool: Pool, gross: Mapping[int, tuple[int, int]], layout: Layout) -> dict[int, int]:
    """Words of a pool's storage."""
    words = {**layout.first, layout.liquidity: pool.liquidity}
    words[0] |= pool.sqrt_price_x96 | (pool.tick % 2**24) << 160
    for tick, (held, net) in gross.items():
        at = mapping(layout.ticks, tick)
        words |= {at: held | (net % 2**128) << 128, at + 3: 1 << 248}
        row, place = divmod(tick // pool.tick_spacing, 256)
        words[mapping(layout.rows, row)] = words.get(mapping(layout.rows, row), 0) | 1 << place
    return words


async def assert_pays(
    chain: Chain, address: str, market: Market, pool: Pool, asked: Sequence[Question], *, rows: bool = True
) -> int:
    """Contract, native and reference agree on every question; the number of those that pay."""
    answers = await chain.ask([(address, swap_data(question)) for question in asked], PROBER)
    paid = 0
    for question, answer in zip(asked, answers, strict=True):
        moved = deltas(answer)
        into, out = (0, 1) if question[0] else (1, 0)
        real = None if moved is None else (moved[into], -moved[out])
        native = market.fill(0, *question)
        assert concentrated_swaps.fill(pool, *question, rows=rows) == real, (question, answer, pool)
        assert (None if isinstance(native, str) else native) == real, (question, answer, native, pool)
        paid += real is not None
    return paid


async def assert_random_states(chain: Chain, addresses: Mapping[tuple[int, int], str], layout: Layout) -> None:
    rng, paid = Random(str(layout)), 0
    for number in range(STATES):
        (fee, spacing), address = list(addresses.items())[number % len(addresses)]
        pool, gross, size = random_pool(rng, fee, spacing)
        before = await chain.rpc.call("evm_snapshot")
        await chain.put(address, storage(pool, gross, layout))
        market = single_v3(v3_snapshot(pool.sqrt_price_x96, pool.tick, pool.liquidity, gross), fee, spacing)
        paid += await assert_pays(chain, address, market, pool, questions(rng, size))
        await chain.rpc.call("evm_revert", before)
    assert paid > STATES * QUESTIONS // 2


async def test_uniswap_v3(chain: Chain) -> None:
    factory_art, pool_art = chain.world("UniswapV3Factory"), chain.world("UniswapV3Pool")
    tokens, factory = await chain.tokens(18, 6), chain.deployer.deploy(factory_art)
    addresses = {}
    for fee, spacing in FEES:
        if (fee, spacing) not in ((500, 10), (3000, 60), (10_000, 200)):
            chain.deployer.send(factory_art, factory, "enableFeeAmount", fee, spacing)
        chain.deployer.send(factory_art, factory, "createPool", *tokens, fee)
        (address,) = await chain.deployer.call(factory_art, factory, "getPool", *tokens, fee)
        chain.deployer.send(pool_art, address, "initialize", 2**96)
        addresses[fee, spacing] = address
        for token in tokens:
            await chain.enrich(token, address)
    await chain.deployer.flush()
    await assert_random_states(chain, addresses, UNISWAP)


async def test_pancakeswap_v3(chain: Chain) -> None:
    tokens, addresses = await chain.tokens(18, 6), {}
    for fee, spacing in FEES:
        ends = (int(token, 16) for token in tokens)
        address = await chain.make(chain.published("PancakeV3Pool"), int(OWNER, 16), *ends, fee, spacing)
        addresses[fee, spacing] = address
        for token in tokens:
            await chain.enrich(token, address)
    await assert_random_states(chain, addresses, PANCAKE)


class Fork(NamedTuple):
    """A contract whose pools are moved by real calls."""

    mint: str
    state: str
    spacing: int
    rows: bool
    fees: bool
    """Whether the fee is state."""


V3 = Fork("mint(address,int24,int24,uint128,bytes)", "slot0()", 60, True, False)
ALGEBRA = Fork("mint(address,address,int24,int24,uint128,bytes)", "globalState()", 60, True, True)
INTEGRAL = ALGEBRA._replace(rows=False)


async def move(chain: Chain, rng: Random, address: str, fork: Fork, ticks: dict[int, tuple[int, int]]) -> None:
    """A mint or a swap at random; the mint is put into `ticks`."""
    _, tick, *_ = await state_of(chain, address, fork)
    if rng.random() < 0.4 or not ticks:
        low = tick // fork.spacing + rng.randrange(-200, 200)
        ends, liquidity = [low * fork.spacing, (low + rng.choice((1, 9, 400))) * fork.spacing], 1 + bits(rng, 80)
        owners = [PAYER] * (fork.mint.count("address"))
        await chain.act([(address, encode_call(fork.mint, *owners, *ends, liquidity, b""))])
        for end, sign in zip(ends, (1, -1), strict=True):
            gross, net = ticks.get(end, (0, 0))
            ticks[end] = (gross + liquidity, net + sign * liquidity)
    else:
        side = rng.random() < 0.5
        near = sqrt_ratio_at_tick(tick + rng.randrange(1, 60 * 300) * (-1 if side else 1))
        await chain.act([(address, encode_call(SWAP, PAYER, side, 1 + bits(rng, 90), near, b""))])


async def state_of(chain: Chain, address: str, fork: Fork) -> tuple[int, int, int, int]:
    """Price, tick, fee where it is state, liquidity."""
    scalars, liquidity = await chain.ask([(address, encode_call(fork.state)), (address, encode_call("liquidity()"))])
    assert isinstance(scalars, bytes)
    assert isinstance(liquidity, bytes)
    words = [int.from_bytes(scalars[at : at + 32], "big", signed=True) for at in range(0, 96, 32)]
    return words[0], words[1], words[2], int.from_bytes(liquidity, "big")


async def assert_moved_states(chain: Chain, address: str, fork: Fork, fee: int) -> None:
    rng, paid, ticks = Random(repr(fork)), 0, dict[int, tuple[int, int]]()
    await chain.act([(address, encode_call("initialize(uint160)", sqrt_ratio_at_tick(rng.randrange(-5000, 5000))))])
    for _ in range(STATES):
        await move(chain, rng, address, fork, ticks)
        price, tick, held_fee, liquidity = await state_of(chain, address, fork)
        fee = held_fee if fork.fees else fee
        net = {at: net for at, (_, net) in ticks.items()}
        pool = Pool(
            sqrt_price_x96=price, tick=tick, liquidity=liquidity, fee_pips=fee, tick_spacing=fork.spacing, net=net
        )
        market = native_pool(fork, v3_snapshot(price, tick, liquidity, ticks), fee)
        asked = questions(rng, 1 << rng.randrange(20, 90))
        paid += await assert_pays(chain, address, market, pool, asked, rows=fork.rows)
    assert paid > STATES * QUESTIONS // 2


def native_pool(fork: Fork, snapshot: bytes, fee: int) -> Market:
    if not fork.fees:
        return single_v3(snapshot, fee, fork.spacing)
    curve = "concentrated_dynamic" if fork.rows else "concentrated_linked"
    return evm_kit.dynamic(curve, snapshot, (fee, fee), fork.spacing)


async def payer_of(chain: Chain, tokens: Sequence[str]) -> None:
    await chain.put(PAYER, {number: int(token, 16) for number, token in enumerate(tokens)})


async def test_uniswap_v3_moved_by_mints_and_swaps(chain: Chain) -> None:
    factory_art, tokens = chain.world("UniswapV3Factory"), await chain.tokens(18, 18)
    factory = chain.deployer.deploy(factory_art)
    chain.deployer.send(factory_art, factory, "createPool", *tokens, 3000)
    (address,) = await chain.deployer.call(factory_art, factory, "getPool", *tokens, 3000)
    await payer_of(chain, tokens)
    await assert_moved_states(chain, address, V3, 3000)


async def test_algebra_moved_by_mints_and_swaps(chain: Chain) -> None:
    # The operator that keeps averages answers zeros: the fee stays as it was when the pool began.
    tokens, operator = await chain.tokens(18, 18), "0x" + "0d" * 20
    await chain.code(operator, "0x" + STUB)
    ends = (int(token, 16) for token in tokens)
    address = await chain.make(chain.published("v1-core AlgebraPool"), int(operator, 16), int(OWNER, 16), *ends)
    await payer_of(chain, tokens)
    await assert_moved_states(chain, address, ALGEBRA, 0)


async def test_algebra_integral_moved_by_mints_and_swaps(chain: Chain) -> None:
    # The factory says: no fee for the community, ticks of sixty, a fee of 0.25 %.
    tokens, factory = await chain.tokens(18, 18), "0x" + "0e" * 20
    await chain.code(factory, "0x" + STUB)
    await chain.put(factory, {1: 60, 2: 2500})
    ends = (int(token, 16) for token in tokens)
    address = await chain.make(chain.published("integral-core AlgebraPool"), 0, int(factory, 16), *ends)
    await payer_of(chain, tokens)
    await assert_moved_states(chain, address, INTEGRAL, 0)
