"""`python -m hoploop.local.evm.traffic`: trade on the local world until ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import click

from hoploop.local.evm.addresses import world_addresses
from hoploop.local.evm.rpc import IpcClient
from hoploop.local.evm.traffic.pools import traffic_pools
from hoploop.local.evm.traffic.trader import Trader
from hoploop.local.process import announce


@click.command()
@click.option("--ipc", type=click.Path(path_type=Path), required=True, help="IPC socket of anvil.")
@click.option("--chain-id", type=int, required=True)
@click.option("--seed", type=int, required=True, help="Fixes the sequence of pools and targets.")
@click.option("--ready", type=click.Path(path_type=Path), required=True, help="File written once it trades.")
def main(ipc: Path, chain_id: int, seed: int, ready: Path) -> None:
    """Seeded traffic for the local EVM chain."""
    asyncio.run(trade(ipc, chain_id, seed, ready))


async def trade(ipc: Path, chain_id: int, seed: int, ready: Path) -> None:
    """Approve the routers, then trade until cancelled."""
    at = world_addresses()
    rpc = await IpcClient.connect(ipc)
    trader = Trader(rpc, chain_id=chain_id, pools=traffic_pools(at), random=Random(seed))
    routers = tuple(at[f"{exchange}.router"] for exchange in ("uniswap_v2", "pancakeswap_v2", "uniswap_v3"))
    await trader.prepare((at["weth"], at["usdc"], at["dai"]), routers)
    announce(ready, b"trading")
    await trader.run()


if __name__ == "__main__":
    main()
