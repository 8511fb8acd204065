"""The deployed world: every exchange trades, every lender holds money, traffic opens spreads."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from hoploop.local.evm import CHAIN_ID, world_addresses
from hoploop.local.evm.contracts import encode_call
from hoploop.local.evm.rpc import IpcClient
from hoploop.local.evm.traffic.pools import TrafficPool, traffic_pools
from hoploop.local.evm.traffic.trader import Trader

AT = world_addresses()
ROUTERS = tuple(AT[f"{key}.router"] for key in ("uniswap_v2", "pancakeswap_v2", "uniswap_v3"))
PPM = 1_000_000


async def _price(node: IpcClient, pool: TrafficPool) -> tuple[int, int]:
    return pool.price(bytes.fromhex((await node.call("eth_call", pool.view, "latest"))[2:]))


async def _read(node: IpcClient, to: str, signature: str, *args: object) -> int:
    data = "0x" + encode_call(signature, *args).hex()
    return int(await node.call("eth_call", {"to": to, "data": data}, "latest"), 16)


async def _trader(node: IpcClient, pools: tuple[TrafficPool, ...]) -> Trader:
    trader = Trader(node, chain_id=CHAIN_ID, pools=pools, random=Random(3))
    await trader.prepare((AT["weth"], AT["usdc"], AT["dai"]), ROUTERS)
    return trader


async def test_there_is_code_at_every_contract_of_the_world(node: IpcClient) -> None:
    accounts = {"owner", "executor_eoa", "traffic", "coinbase"}
    names = sorted(AT.keys() - accounts)
    codes = await node.batch([("eth_getCode", (AT[name], "latest")) for name in names])
    assert [name for name, code in zip(names, codes, strict=True) if len(code) < 4] == []


@pytest.mark.parametrize("name", [pool.name for pool in traffic_pools(AT)])
async def test_traffic_moves_the_price_of_every_pool(node: IpcClient, name: str) -> None:
    pool = next(pool for pool in traffic_pools(AT) if pool.name == name)
    trader = await _trader(node, (pool,))
    before = await _price(node, pool)
    after = before
    for _ in range(100):
        await trader.step()
        await asyncio.sleep(0.05)
        after = await _price(node, pool)
        if after != before:
            break
    moved = abs(after[0] * before[1] - before[0] * after[1]) * PPM // (before[0] * after[1])
    assert 1_000 < moved < 40_000


async def test_the_fork_charges_twenty_basis_points(node: IpcClient) -> None:
    """The pair's own invariant: 998/1000 of the input passes, a thousandth more output does not."""
    reserves = await node.call("eth_call", {"to": AT["pancakeswap_v2.weth_dai"], "data": "0x0902f1ac"}, "latest")
    weth, dai = int(reserves[2:66], 16), int(reserves[66:130], 16)
    paid = 10**18
    fair = paid * 998 * dai // (weth * 1000 + paid * 998)
    weth9, pair = AT["weth"], AT["pancakeswap_v2.weth_dai"]
    calls = []
    for wanted in (fair, fair + fair // 1000):
        transfer = encode_call("transfer(address,uint256)", pair, paid)
        swap = encode_call("swap(uint256,uint256,address,bytes)", 0, wanted, AT["traffic"], b"")
        calls.append([(weth9, transfer), (pair, swap)])
    statuses = []
    for steps in calls:
        steps_ = [{"from": AT["traffic"], "to": to, "input": "0x" + data.hex()} for to, data in steps]
        blocks = await node.call("eth_simulateV1", {"blockStateCalls": [{"calls": steps_}]}, "latest")
        statuses.append([call["status"] for call in blocks[0]["calls"]])
    assert statuses == [["0x1", "0x1"], ["0x1", "0x0"]]


async def test_the_small_lender_is_free_and_the_large_one_asks_five_basis_points(node: IpcClient) -> None:
    vault = await _read(node, AT["weth"], "balanceOf(address)", AT["balancer_v2.vault"])
    premium = await _read(node, AT["aave_v3.pool"], "FLASHLOAN_PREMIUM_TOTAL()")
    assert (vault, premium) == (10 * 10**18, 5)


async def test_the_executor_belongs_to_the_owner_and_has_own_money(node: IpcClient) -> None:
    assert await _read(node, AT["executor"], "owner()") == int(AT["owner"], 16)
    assert await _read(node, AT["executor"], "executor()") == int(AT["executor_eoa"], 16)
    assert await _read(node, AT["weth"], "balanceOf(address)", AT["executor"]) == 3 * 10**18


async def test_blocks_come_by_themselves_with_rising_time(node: IpcClient) -> None:
    first = await node.call("eth_getBlockByNumber", "latest", False)
    await asyncio.sleep(0.5)
    second = await node.call("eth_getBlockByNumber", "latest", False)
    blocks = int(second["number"], 16) - int(first["number"], 16)
    assert blocks >= 2
    assert int(second["timestamp"], 16) - int(first["timestamp"], 16) >= blocks
