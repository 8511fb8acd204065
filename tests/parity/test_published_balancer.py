"""Balancer V2 pools quote what their published bytecode answers the Vault, in both versions of each kind of pool.

`HOPLOOP_BYTECODE` is the number of pools a kind; each is asked twenty questions at random balances.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import evm_kit
import msgspec
import pytest
import pytest_asyncio
from bytecode_kit import OWNER, STUB, Chain, anvil, number, outputs
from random_asks import bits

from hoploop.hot import Market
from hoploop.hot.reference import balancer
from hoploop.local.evm.contracts import encode_call

pytestmark = [pytest.mark.chain, pytest.mark.asyncio(loop_scope="module")]

STATES = max(1, int(os.environ.get("HOPLOOP_BYTECODE", "12")) // 2)
QUESTIONS = 20
WAD = 10**18
REQUEST = "(uint8,address,address,uint256,bytes32,uint256,address,address,bytes)"
NOBODY = "0x" + "00" * 20
MOST = 2**112 - 1
DECIMALS = (18, 6, 8, 18, 6)


class World(msgspec.Struct, frozen=True):
    """What pools need: a vault, tokens by address with the scale of their decimals, and factories by name."""

    chain: Chain
    vault: str
    tokens: list[str]
    scale: list[int]
    factories: dict[str, str]

    async def create(self, name: str, *args: Any) -> tuple[str, bytes]:
        """A pool of a factory, and its id."""
        art, factory = self.chain.published(name), self.factories[name]
        (pool,) = await self.chain.deployer.call(art, factory, "create", "pool", "P", *args)
        self.chain.deployer.send(art, factory, "create", "pool", "P", *args)
        await self.chain.deployer.flush()
        (pool_id,) = await self.chain.ask([(str(pool), encode_call("getPoolId()"))])
        assert isinstance(pool_id, bytes)
        return str(pool), pool_id


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world() -> AsyncIterator[World]:
    async with anvil() as chain:
        deployer, get = chain.deployer, chain.published
        authorizer = deployer.deploy(get("Authorizer.json"), OWNER)
        vault = deployer.deploy(get("Vault.json"), authorizer, OWNER, 7_776_000, 2_592_000)
        fees = deployer.deploy(get("ProtocolFeePercentagesProvider"), vault, WAD // 2, WAD // 2)
        factories = {
            name: deployer.deploy(get(name), *arguments)
            for name, arguments in (
                ("20210418-weighted WeightedPoolFactory", (vault,)),
                ("weighted-pool-v3 WeightedPoolFactory", (vault, fees, "", "")),
                ("20210624-stable StablePoolFactory", (vault,)),
                ("composable-stable ComposableStablePoolFactory", (vault, fees, "", "")),
            )
        }
        tokens = await chain.tokens(*DECIMALS)
        answers = await chain.ask([(token, encode_call("decimals()")) for token in tokens])
        yield World(chain, vault, tokens, [10 ** (36 - (number(answer) or 0)) for answer in answers], factories)


def request(exact_in: bool, ends: tuple[str, str], amount: int, pool_id: bytes) -> tuple[Any, ...]:
    return (0 if exact_in else 1, *ends, amount, pool_id, 0, OWNER, OWNER, b"")


def real(answer: Any, exact_in: bool, amount: int, balance_in: int) -> tuple[int, int] | None:
    """(input, output) when pool and Vault accept: the Vault holds 112 bits of a token."""
    other = number(answer)
    if other is None:
        return None
    moved = (amount, other) if exact_in else (other, amount)
    return moved if balance_in + moved[0] <= MOST else None


def assert_same(
    expected: tuple[int, int] | None, market: Market, twin: int | None, exact_in: bool, amount: int
) -> bool:
    """Native and reference say what the contract said; whether it paid."""
    filled = market.fill(0, True, exact_in, amount)
    assert (None if isinstance(filled, str) else filled) == expected
    assert (None if twin is None else (amount, twin) if exact_in else (twin, amount)) == expected
    return expected is not None


def some(rng: Random, balance: int) -> int:
    return max(1, min(MOST, rng.randrange(2 * balance + 1) >> rng.choice((1, 2, 3, 6, 20)))) if balance else 1


@pytest.mark.parametrize(
    ("name", "version"),
    [("20210418-weighted WeightedPoolFactory", 1), ("weighted-pool-v3 WeightedPoolFactory", 2)],
    ids=["2021", "2023"],
)
async def test_weighted_pools(world: World, name: str, version: int) -> None:
    rng, paid = Random(name), 0
    for _ in range(STATES):
        count = rng.choice((2, 2, 3))
        places = sorted(rng.sample(range(len(world.tokens)), count))
        tokens, scale = [world.tokens[at] for at in places], [world.scale[at] for at in places]
        weights = [WAD * rng.choice((10, 20, 25, 33, rng.randrange(2, 40))) // 100 for _ in range(count - 1)]
        weights.append(WAD - sum(weights))
        fee = rng.choice((10**12, 10**14, 3 * 10**15, 10**17))
        providers = ([NOBODY] * count,) if version == 2 else ()
        pool, pool_id = await world.create(name, tokens, weights, *providers, fee, OWNER)
        for _ in range(QUESTIONS):
            at, to = rng.sample(range(count), 2)
            held = (1 + bits(rng, 112), 1 + bits(rng, 112))
            sides = (weights[at], weights[to]), (scale[at], scale[to])
            twin = balancer.Weighted(balances=held, weights=sides[0], scale=sides[1], fee=fee, version=version)
            exact_in = rng.random() < 0.6
            amount = some(rng, held[0] if exact_in else held[1])
            asked = request(exact_in, (tokens[at], tokens[to]), amount, pool_id)
            data = encode_call(f"onSwap({REQUEST},uint256,uint256)", asked, *held)
            (answer,) = await world.chain.ask([(pool, data)], world.vault)
            other = (balancer.weighted_out if exact_in else balancer.weighted_in)(twin, True, amount)
            expected = real(answer, exact_in, amount, held[0])
            paid += assert_same(expected, evm_kit.weighted(twin), other, exact_in, amount)
    assert paid > STATES * QUESTIONS // 4


class Made(msgspec.Struct, frozen=True):
    """A stable pool on chain: its tokens without its own, and where the Vault lists them."""

    address: str
    id: bytes
    tokens: list[str]
    places: list[int]
    own: int | None
    """Where its own token is listed, which newer pools have among theirs."""

    def balances(self, held: tuple[int, ...], own: int) -> list[int]:
        """As the Vault tells them."""
        listed = dict(zip(self.places, held, strict=True))
        return [listed.get(place, own) for place in range(len(held) + (self.own is not None))]


async def stable_pool(world: World, version: int, terms: balancer.Stable, tokens: list[str]) -> Made:
    amp = terms.amp // balancer.AMP_PRECISION
    if version == 2:
        pool, pool_id = await world.create("20210624-stable StablePoolFactory", tokens, amp, terms.fee, OWNER)
        return Made(pool, pool_id, tokens, list(range(len(tokens))), None)
    providers = []
    for number_of, (token, scale) in enumerate(zip(tokens, terms.scale, strict=True)):
        provider = f"0x{0xF000 + number_of:040x}"
        await world.chain.code(provider, "0x" + STUB)
        await world.chain.put(provider, {0: scale * WAD // world.scale[world.tokens.index(token)]})
        providers.append(provider)
    name, each = "composable-stable ComposableStablePoolFactory", len(tokens)
    arguments = (tokens, amp, providers, [0] * each, [False] * each, terms.fee, OWNER)
    pool, pool_id = await world.create(name, *arguments)
    (answer,) = await world.chain.ask([(world.vault, encode_call("getPoolTokens(bytes32)", pool_id))])
    listed = outputs(world.chain.published("Vault.json"), "getPoolTokens", answer)[0]
    places = [listed.index(token.lower()) for token in tokens]
    return Made(pool, pool_id, tokens, places, listed.index(pool.lower()))


def near(rng: Random, size: int, scale: tuple[int, ...]) -> tuple[int, ...]:
    """Balances of about the same worth."""
    return tuple(max(1, min(MOST, size * WAD // one * rng.randrange(1, 40) // rng.randrange(1, 40))) for one in scale)


async def assert_pays(world: World, made: Made, twin: balancer.Stable, rng: Random) -> bool:
    """One question at random; whether the pool paid."""
    (at, to), exact_in = rng.sample(range(len(made.tokens)), 2), rng.random() < 0.6
    amount = some(rng, twin.balances[at] if exact_in else twin.balances[to])
    asked = request(exact_in, (made.tokens[at], made.tokens[to]), amount, made.id)
    places = (made.places[at], made.places[to])
    data = encode_call(
        f"onSwap({REQUEST},uint256[],uint256,uint256)", asked, made.balances(twin.balances, 2**111), *places
    )
    (answer,) = await world.chain.ask([(made.address, data)], world.vault)
    other = (balancer.stable_out if exact_in else balancer.stable_in)(twin, at, to, amount)
    expected = real(answer, exact_in, amount, twin.balances[at])
    return assert_same(expected, evm_kit.balancer_stable(twin, (at, to)), other, exact_in, amount)


@pytest.mark.parametrize("version", [1, 2], ids=["composable", "2021"])
async def test_stable_pools(world: World, version: int) -> None:
    rng, paid = Random(version), 0
    for _ in range(STATES):
        count, size = rng.randrange(2, 6), bits(rng, 96)
        chosen = sorted(rng.sample(range(len(world.tokens)), count))
        tokens = [world.tokens[at] for at in chosen]
        rates = [WAD if version == 2 else WAD * rng.randrange(900, 1300) // 1000 for _ in chosen]
        scale = tuple(world.scale[at] * rate // WAD for at, rate in zip(chosen, rates, strict=True))
        terms = balancer.Stable(
            balances=(0,) * count, scale=scale, amp=rng.randrange(1, 5001) * balancer.AMP_PRECISION,
            fee=rng.choice((10**12, 10**14, 4 * 10**14, 10**17)), version=version,
        )  # fmt: skip
        made = await stable_pool(world, version, terms, tokens)
        for _ in range(QUESTIONS):
            paid += await assert_pays(world, made, msgspec.structs.replace(terms, balances=near(rng, size, scale)), rng)
    assert paid > STATES * QUESTIONS // 4
