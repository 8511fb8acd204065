"""The whole family against real contracts on anvil: read, quote, borrow, swap, send, settle, to the unit."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from eth_hash.auto import keccak

from hoploop.errors import LocalError, PermanentError
from hoploop.local.evm import start, world_addresses
from hoploop.local.keys import local_seed
from hoploop.model.chain import Head, Outcome, SignedTx, Simulation
from hoploop.model.market import Leg, Opportunity
from hoploop.model.money import Asset, Ratio
from hoploop.plugin.connector import ChainContext, ChainScope, RouteContext, Secrets
from hoploop.plugin.kinds import Gap, Order, Updates
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm.aave_v3.config import AaveV3Config
from hoploop_evm.aave_v3.lender import AaveV3
from hoploop_evm.balancer_v2.config import BalancerV2Config
from hoploop_evm.balancer_v2.lender import BalancerV2
from hoploop_evm.evm.chain import EvmChain
from hoploop_evm.evm.config import EvmConfig, Fees
from hoploop_evm.evm_public.config import EvmPublicConfig
from hoploop_evm.evm_public.route import EvmPublic
from hoploop_evm.flashbots.config import FlashbotsConfig
from hoploop_evm.flashbots.route import Flashbots
from hoploop_evm.uniswap_v2.config import Pair, UniswapV2Config
from hoploop_evm.uniswap_v2.venue import UniswapV2
from hoploop_evm.uniswap_v3.config import Pool, UniswapV3Config
from hoploop_evm.uniswap_v3.venue import UniswapV3

pytestmark = [pytest.mark.chain, pytest.mark.asyncio(loop_scope="module")]

W = world_addresses()
SIZE = 10**16
ASSETS = {
    name: Asset(
        id=name, chain="eth", address=W[name], symbol=name.upper(), decimals=decimals, wraps_native=name == "weth"
    )
    for name, decimals in (("weth", 18), ("usdc", 6))
}
TOKEN0, TOKEN1 = sorted(ASSETS, key=lambda name: int(W[name], 16))
CONFIG = EvmConfig(id="eth", chain_id=31337, executor=W["executor"], fees=Fees(gas_price=2 * 10**9), valid_blocks=8)
SCOPE = ChainScope(chain_id="eth", identity="31337", assets=ASSETS, settings=CONFIG, owner=W["executor_eoa"])
SECRETS = Secrets(lambda name: local_seed(f"evm/{name}"))


def v2(venue: str, fee: int) -> UniswapV2:
    pair = Pair(name="weth_usdc", address=W[f"{venue}.weth_usdc"], token0=TOKEN0, token1=TOKEN1)
    return UniswapV2(UniswapV2Config(id=venue, chain="eth", fee=Ratio(fee, 10_000), pools=(pair,)), SCOPE)


def v3(fee: Ratio = Ratio(5, 10_000)) -> UniswapV3:  # noqa: B008 - a frozen value
    pool = Pool(name="a", address=W["uniswap_v3.weth_usdc_5"], token0=TOKEN0, token1=TOKEN1, fee=fee, tick_spacing=10)
    return UniswapV3(UniswapV3Config(id="uniswap_v3", chain="eth", pools=(pool,)), SCOPE)


UNI, CAKE, DEEP = v2("uniswap_v2", 30), v2("pancakeswap_v2", 20), v3()
LENDERS: dict[str, AaveV3 | BalancerV2] = {
    "aave": AaveV3(AaveV3Config(id="aave", chain="eth", pool=W["aave_v3.pool"], assets=("weth", "usdc")), SCOPE),
    "balancer": BalancerV2(
        BalancerV2Config(id="balancer", chain="eth", vault=W["balancer_v2.vault"], assets=("weth",)), SCOPE
    ),
}


class World:
    """The local chain, our connectors on it, and a hand that moves prices."""

    def __init__(self, chain: EvmChain, rpc: Rpc, relay: str) -> None:
        self.chain, self.client, self.rpc = chain, chain.client, rpc
        self.routes: dict[str, Any] = {
            "public": EvmPublic(EvmPublicConfig(id="public", chain="eth"), self._context("")),
            "relay": Flashbots(
                FlashbotsConfig(id="relay", chain="eth", url="embedded", key="relay_identity"), self._context(relay)
            ),
        }

    def _context(self, endpoint: str) -> RouteContext:
        return RouteContext(scope=SCOPE, client=self.client, endpoint=endpoint, secrets=SECRETS)

    async def follow(self) -> None:
        """Keep the head known, as the engine does."""
        async for _ in self.chain.feed.stream([door for pool in UNI.pools() for door in pool.doors]):
            pass

    async def cheapen(self, venue: UniswapV2, weth: int) -> None:
        """Give the venue's pair WETH and let it notice."""
        (pool,) = venue.pools()
        before = await self.reserves(venue)
        async with asyncio.timeout(10):
            while await self.reserves(venue) == before:  # a block mined meanwhile undoes what is written into storage
                await self._donate(pool.address, before["weth"] + weth)

    async def _donate(self, pair: str, balance: int) -> None:
        slot = "0x" + keccak(bytes.fromhex(pair[2:]).rjust(32, b"\0") + (3).to_bytes(32, "big")).hex()  # WETH9
        await self.rpc.read("anvil_setStorageAt", W["weth"], slot, f"0x{balance:064x}")
        sender = (await self.rpc.read("eth_accounts"))[0]
        sync = {"from": sender, "to": pair, "data": "0x" + keccak(b"sync()")[:4].hex()}
        tx_id = await self.rpc.read("eth_sendTransaction", sync)
        for _ in range(200):
            if await self.rpc.read("eth_getTransactionReceipt", tx_id) is not None:
                return
            await asyncio.sleep(0.02)

    async def reserves(self, venue: UniswapV2) -> dict[str, int]:
        (snapshot,) = await venue.snapshot(self.client, venue.pools())
        packed = int.from_bytes(snapshot.data, "big")
        return {TOKEN0: packed % 2**112, TOKEN1: (packed >> 112) % 2**112}

    async def order(self, lender: str | None, amount: int = SIZE) -> Order:
        """WETH -> USDC on Uniswap V2, back on PancakeSwap V2, quoted exactly."""
        mid = quote(await self.reserves(UNI), "weth", "usdc", amount, 9970)
        out = quote(await self.reserves(CAKE), "usdc", "weth", mid, 9980)
        legs = leg(UNI, "weth", "usdc", amount, mid), leg(CAKE, "usdc", "weth", mid, out)
        fee = (amount * 5 + 5000) // 10_000 if lender == "aave" else 0
        steps = (*UNI.swap(legs[0]), *CAKE.swap(legs[1]))
        return self.made(legs, steps, lender, fee, out - amount)

    def made(self, legs: tuple[Leg, ...], steps: Any, lender: str | None, fee: int, gross: int) -> Order:
        amount = legs[0].amount_in
        found = Opportunity(
            cause=1, chain="eth", strategy="s", asset="weth", legs=legs, amount_in=amount, gross=gross, lender=lender,
            flash_fee=fee, units=320_000, network_fee=0, tip=0, net=0, seq=self.client.head_number() << 20 | 0xFFFFF,
            received_ns=0, found_ns=0,
        )  # fmt: skip
        loan = None if lender is None else LENDERS[lender].loan("weth", amount, fee)
        return Order(
            opportunity=found, steps=steps, loan=loan, loan_amount=amount if loan else 0, min_gain=gross - fee, tip=0,
            tip_account="",
        )  # fmt: skip

    def sign(self, order: Order) -> SignedTx:
        return self.chain.composer.sign(self.chain.composer.compose(order))

    async def settle(self, tx: SignedTx) -> Outcome:
        for _ in range(300):
            outcome = await self.client.outcome(tx)
            if outcome is not None:
                return outcome
            await asyncio.sleep(0.05)
        raise TimeoutError(tx.id)


def quote(reserves: dict[str, int], token_in: str, token_out: str, amount: int, keep: int) -> int:
    paid = amount * keep
    return paid * reserves[token_out] // (reserves[token_in] * 10_000 + paid)


def leg(venue: UniswapV2 | UniswapV3, token_in: str, token_out: str, amount_in: int, amount_out: int) -> Leg:
    return Leg(
        pool=venue.pools()[0].id, asset_in=token_in, asset_out=token_out, zero_for_one=token_in == TOKEN0,
        amount_in=amount_in, amount_out=amount_out,
    )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("evm")
    try:
        local = await start(
            workdir=folder, chain_id=31337, seed=1, block_ms=150, traffic=False, progress=lambda _: None
        )
    except LocalError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no local EVM chain here: {error}")
    context = ChainContext(scope=SCOPE, endpoint=local.endpoint, secrets=SECRETS, key="executor", extras=local.extras)
    chain, rpc = EvmChain(CONFIG, context), Rpc(local.endpoint, timeout_ms=5000)
    try:
        world = World(chain, rpc, local.extras["flashbots"])
        await chain.client.open()
        await world.cheapen(CAKE, 200 * 10**18)
        following = asyncio.create_task(world.follow())
        yield world
        following.cancel()
        await asyncio.wait([following])
    finally:
        rpc.close()
        await chain.close()
        await local.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def world(running: World) -> World:
    await running.chain.composer.refresh(running.client)
    return running


async def test_it_opens_on_the_chain_it_expects(world: World) -> None:
    facts = await world.client.open()
    assert facts.identity == "31337"
    assert facts.client.startswith("anvil")


@pytest.mark.parametrize("route", ["public", "relay"])
@pytest.mark.parametrize("lender", [None, "aave", "balancer"])
async def test_what_was_quoted_is_what_is_earned(world: World, lender: str | None, route: str) -> None:
    order = await world.order(lender)
    before = await world.client.balance(W["weth"])
    tx = world.sign(order)
    simulation: Simulation = await world.client.simulate(tx)
    assert simulation.ok, simulation.error
    await world.routes[route].submit(tx, lambda: None)
    outcome = await world.settle(tx)
    assert (outcome.status, outcome.first) == ("landed", True)
    assert outcome.gained == simulation.gained == order.min_gain
    assert outcome.units == simulation.units
    assert outcome.network_fee == simulation.units * 2 * 10**9
    assert await world.client.balance(W["weth"]) == before + order.min_gain


async def test_a_v3_pool_is_paid_in_its_callback(world: World) -> None:
    # The V3 pool charges less than Uniswap V2 at the same price, so it delivers at least this; the rest stays.
    mid = quote(await world.reserves(UNI), "weth", "usdc", SIZE, 9970)
    out = quote(await world.reserves(CAKE), "usdc", "weth", mid, 9980)
    legs = leg(DEEP, "weth", "usdc", SIZE, mid), leg(CAKE, "usdc", "weth", mid, out)
    tx = world.sign(world.made(legs, (*DEEP.swap(legs[0]), *CAKE.swap(legs[1])), "balancer", 0, out - SIZE))
    simulation = await world.client.simulate(tx)
    assert (simulation.ok, simulation.gained) == (True, out - SIZE)
    await world.routes["public"].submit(tx, lambda: None)
    assert (await world.settle(tx)).gained == out - SIZE
    assert await world.client.balance(W["usdc"]) > 0


async def test_a_v3_pool_serves_the_other_direction_too(world: World) -> None:
    mid = quote(await world.reserves(UNI), "weth", "usdc", SIZE, 9970)
    legs = leg(UNI, "weth", "usdc", SIZE, mid), leg(DEEP, "usdc", "weth", mid, 0)
    tx = world.sign(world.made(legs, (*UNI.swap(legs[0]), *DEEP.swap(legs[1])), None, 0, 0))
    simulation = await world.client.simulate(tx)
    world.chain.composer.release(tx)
    balance, wanted = (int(text) for text in simulation.error.removeprefix("Unprofitable(")[:-1].split(", "))
    assert 0 < wanted - balance < SIZE // 100  # both fees, and no more


async def test_a_trade_that_no_longer_pays_fails_simulation_and_frees_its_nonce(world: World) -> None:
    order = await world.order(None)
    greedy = msgspec.structs.replace(order, min_gain=order.min_gain + 1)
    tx = world.sign(greedy)
    simulation = await world.client.simulate(tx)
    assert not simulation.ok
    assert simulation.error.startswith("Unprofitable(")
    world.chain.composer.release(tx)
    again = world.sign(order)
    assert again.nonce == tx.nonce
    world.chain.composer.release(again)


async def test_a_trade_that_is_overtaken_reverts_and_says_so(world: World) -> None:
    order = await world.order("balancer")
    tx = world.sign(order)
    await world.cheapen(UNI, 10 * 10**18)  # USDC got dearer where we buy it
    await world.routes["public"].submit(tx, lambda: None)
    outcome = await world.settle(tx)
    assert (outcome.status, outcome.error) == ("reverted", "reverted: UniswapV2: K")
    assert outcome.first is False
    assert outcome.network_fee > 0


async def test_a_failing_bundle_expires_and_costs_nothing(world: World) -> None:
    order = await world.order("balancer")
    greedy = msgspec.structs.replace(order, min_gain=order.min_gain + 1)
    native = await world.client.balance("")
    tx = world.sign(greedy)
    await world.routes["relay"].submit(tx, lambda: None)
    assert (await world.settle(tx)).status == "expired"
    assert await world.client.balance("") == native


async def test_two_transactions_under_way_take_two_nonces_and_both_land(world: World) -> None:
    first, second = world.sign(await world.order(None, SIZE)), world.sign(await world.order(None, SIZE // 2))
    assert second.nonce == first.nonce + 1
    for tx in (second, first):  # the gap is filled by the one sent later
        await world.routes["public"].submit(tx, lambda: None)
    outcomes = [await world.settle(tx) for tx in (first, second)]
    assert outcomes[0].status == "landed"
    assert outcomes[1].status in ("landed", "reverted")  # the first one moved the same pools


async def test_liquidity_is_read_and_a_wrong_fee_is_found(world: World) -> None:
    for lender in LENDERS.values():
        assert await lender.available(world.client, "weth") > 10**18
    wrong = AaveV3(
        AaveV3Config(id="aave", chain="eth", pool=W["aave_v3.pool"], assets=("weth",), fee=Ratio(9, 10_000)), SCOPE
    )
    with pytest.raises(PermanentError, match="5/10000"):
        await wrong.available(world.client, "weth")


async def test_a_v3_snapshot_is_the_pools_own_state(world: World) -> None:
    (snapshot,) = await DEEP.snapshot(world.client, DEEP.pools())
    slot0 = await world.rpc.read("eth_call", {"to": W["uniswap_v3.weth_usdc_5"], "data": "0x3850c7bd"}, "latest")
    price = int.from_bytes(snapshot.data[:32], "big") % 2**160
    assert price == int(slot0[2:66], 16)
    assert (len(snapshot.data) - 64) % 36 == 0
    assert len(snapshot.data) > 64 + 36


async def test_a_wrong_tier_is_found(world: World) -> None:
    wrong = v3(Ratio(30, 10_000))
    with pytest.raises(PermanentError, match="fee in pips"):
        await wrong.snapshot(world.client, wrong.pools())


async def test_the_feed_brings_heads_and_the_logs_of_a_swap(world: World) -> None:
    doors = [door for venue in (UNI, CAKE, DEEP) for pool in venue.pools() for door in pool.doors]
    stream = world.chain.feed.stream(doors)
    try:
        async with asyncio.timeout(10):
            assert isinstance(await anext(stream), Gap)
            assert isinstance(await anext(stream), Head)
            await world.cheapen(UNI, 10**15)
            while not isinstance(event := await anext(stream), Updates):
                assert isinstance(event, Head)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]
    (update,) = event.items
    reserves = await world.reserves(UNI)
    assert update.key == UNI.pools()[0].doors[0]
    assert update.data == reserves[TOKEN0].to_bytes(32, "big") + reserves[TOKEN1].to_bytes(32, "big")
