"""A reorganisation of the local EVM chain: the market follows it without reading a pool again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from hoploop.errors import LocalError
from hoploop.hot import Market
from hoploop.local.evm import start, world_addresses
from hoploop.local.keys import local_seed
from hoploop.local.running import RunningChain
from hoploop.model.chain import Head
from hoploop.model.money import Asset, Ratio
from hoploop.plugin.connector import ChainContext, ChainScope, Secrets
from hoploop.plugin.kinds import FeedEvent, Gap, Reorg, Updates
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm.evm.chain import EvmChain
from hoploop_evm.evm.config import EvmConfig, Fees
from hoploop_evm.uniswap_v2.config import Pair, UniswapV2Config
from hoploop_evm.uniswap_v2.venue import UniswapV2

pytestmark = pytest.mark.chain

W = world_addresses()
TOKEN0, TOKEN1 = sorted(("weth", "usdc"), key=lambda name: int(W[name], 16))
ASSETS = {
    name: Asset(id=name, chain="eth", address=W[name], symbol=name, decimals=18, wraps_native=name == "weth")
    for name in ("weth", "usdc")
}
CONFIG = EvmConfig(id="eth", chain_id=31337, executor=W["executor"], fees=Fees(gas_price=2 * 10**9), valid_blocks=8)
SCOPE = ChainScope(chain_id="eth", identity="31337", assets=ASSETS, settings=CONFIG, owner=W["executor_eoa"])
VENUES = {
    name: UniswapV2(
        UniswapV2Config(
            id=name, chain="eth", fee=Ratio(fee, 10_000),
            pools=(Pair(name="weth_usdc", address=W[f"{name}.weth_usdc"], token0=TOKEN0, token1=TOKEN1),),
        ),
        SCOPE,
    )
    for name, fee in (("uniswap_v2", 30), ("pancakeswap_v2", 20))
}  # fmt: skip


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[RunningChain]:
    try:
        running = await start(
            workdir=tmp_path, chain_id=31337, seed=1, block_ms=3_600_000, traffic=False, progress=lambda _: None
        )
    except LocalError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no local EVM chain here: {error}")
    yield running
    await running.stop()


class Follower:
    """A market that follows the chain's feed; blocks are mined when a test says so."""

    def __init__(self, chain: EvmChain, rpc: Rpc) -> None:
        self.chain, self.rpc, self.market = chain, rpc, Market()
        self.pools = [pool for venue in VENUES.values() for pool in venue.pools()]
        for name in ("zero", "one"):
            self.market.add_asset(name)
        for pool in self.pools:
            self.market.add_pool(
                pool.id, pool.curve, pool.decoder, 0, 1, pool.fee_num, pool.fee_den, 0, pool.units, pool.doors
            )
        self.market.seal()
        self.stream = chain.feed.stream([door for pool in self.pools for door in pool.doors])
        self.seen: list[FeedEvent] = []

    async def load(self) -> None:
        for number, snapshot in enumerate(await self.read()):
            assert self.market.load(number, snapshot[0], snapshot[1])

    async def read(self) -> list[tuple[int, bytes]]:
        """Number and state of every pool as the node says."""
        found = [await venue.snapshot(self.chain.client, venue.pools()) for venue in VENUES.values()]
        return [(one.seq, one.data) for snapshots in found for one in snapshots]

    async def until_same(self) -> None:
        """Take events until the market has what the node has: a block's logs may come before or after its header.

        The last 32 bits of a pair's word are a time that no quote needs."""
        while [self.market.snapshot(at) for at in range(len(self.pools))] != [
            bytes(4) + data[4:] for _, data in await self.read()
        ]:
            await self._next()

    async def until_head(self, number: int) -> None:
        """Take events up to this head."""
        while True:
            event = await self._next()
            if isinstance(event, Head) and event.number == number:
                return

    async def _next(self) -> FeedEvent:
        async with asyncio.timeout(10):
            event = await anext(self.stream)
        self.seen.append(event)
        if isinstance(event, Updates):
            assert not self.market.on_batch(event.items).refused
        elif isinstance(event, Reorg):
            assert self.market.roll_back(event.number)[1] == []
        return event

    async def mine(self) -> int:
        """One block; its number."""
        await self.rpc.read("evm_mine")
        return int(await self.rpc.read("eth_blockNumber"), 16)

    async def give(self, venue: str, weth: int) -> int:
        """A block in which a pair has this much WETH and notices."""
        pair = VENUES[venue].pools()[0].address
        slot = "0x" + keccak(bytes.fromhex(pair[2:]).rjust(32, b"\0") + (3).to_bytes(32, "big")).hex()
        await self.rpc.read("anvil_setStorageAt", W["weth"], slot, f"0x{weth:064x}")
        sender = (await self.rpc.read("eth_accounts"))[0]
        data = "0x" + keccak(b"sync()")[:4].hex()
        await self.rpc.read("eth_sendTransaction", {"from": sender, "to": pair, "data": data, "gas": "0x30d40"})
        return await self.mine()


@pytest.fixture
async def follower(local: RunningChain) -> AsyncIterator[Follower]:
    secrets = Secrets(lambda name: local_seed(f"evm/{name}"))
    context = ChainContext(scope=SCOPE, endpoint=local.endpoint, secrets=secrets, key="executor", extras=local.extras)
    chain, rpc = EvmChain(CONFIG, context), Rpc(local.endpoint, timeout_ms=5000)
    await chain.client.open()
    made = Follower(chain, rpc)
    assert isinstance(await anext(made.stream), Gap)
    await made.until_head(await made.mine())
    await made.load()
    yield made
    await made.stream.aclose()  # type: ignore[attr-defined]
    rpc.close()
    await chain.close()


async def test_blocks_that_others_replace_are_taken_back_without_a_read(follower: Follower) -> None:
    for weth in (50, 60, 70):
        number = await follower.give("uniswap_v2", weth * 10**18)
        await follower.until_head(number)
        await follower.until_same()
    before = follower.market.snapshot(0)
    await follower.rpc.read("anvil_reorg", 2, [])
    await follower.until_head(number)
    await follower.until_head(await follower.mine())
    assert [event.number for event in follower.seen if isinstance(event, Reorg)] == [number - 2]
    assert not any(isinstance(event, Gap) for event in follower.seen)
    assert follower.market.snapshot(0) != before
    await follower.until_same()


async def test_the_new_branch_is_followed_with_the_numbers_of_the_old_one(follower: Follower) -> None:
    number = await follower.give("uniswap_v2", 50 * 10**18)
    await follower.until_head(number)
    await follower.rpc.read("anvil_reorg", 1, [])
    await follower.until_head(number)
    for venue, weth in (("pancakeswap_v2", 80), ("uniswap_v2", 90)):
        number = await follower.give(venue, weth * 10**18)
        await follower.until_head(number)
        await follower.until_same()
