"""`python -m hoploop.local.evm.relay`: serve the relay and mine a block every so many milliseconds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import structlog
import uvloop
from aiohttp import web

from hoploop.local.evm.relay.builder import Builder
from hoploop.local.evm.relay.bundles import BundlePool
from hoploop.local.evm.relay.gateway import Gateway
from hoploop.local.evm.relay.server import Relay
from hoploop.local.evm.rpc import IpcClient, RpcError
from hoploop.local.process import announce


@click.command()
@click.option("--anvil", type=click.Path(path_type=Path), required=True, help="IPC socket of anvil.")
@click.option("--ipc", type=click.Path(path_type=Path), required=True, help="IPC socket to serve to everyone else.")
@click.option("--block-ms", type=click.IntRange(min=20), required=True, help="Time between blocks.")
@click.option("--ready", type=click.Path(path_type=Path), required=True, help="File that gets the relay's URL.")
def main(anvil: Path, ipc: Path, block_ms: int, ready: Path) -> None:
    """Relay, block builder and public socket in front of a local anvil."""
    uvloop.run(serve(anvil, ipc, block_ms, ready))


async def serve(anvil: Path, ipc: Path, block_ms: int, ready: Path) -> None:
    """Run until cancelled, or until anvil is gone (OSError)."""
    pool = BundlePool()
    relay_rpc, builder_rpc = await IpcClient.connect(anvil), await IpcClient.connect(anvil)
    gateway = Gateway(anvil)
    server = await gateway.serve(ipc)
    runner = web.AppRunner(Relay(relay_rpc, pool).application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    announce(ready, f"http://127.0.0.1:{runner.addresses[0][1]}".encode())
    try:
        await mine(Builder(builder_rpc, pool, gateway), block_ms)
    finally:
        server.close()
        await runner.cleanup()


async def mine(builder: Builder, block_ms: int) -> None:
    """Build a block every block time; a late block does not hurry the next one, a refused step does not end it all."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + block_ms / 1000, loop.time())
        await asyncio.sleep(due - loop.time())
        try:
            await builder.build()
        except RpcError as error:
            structlog.get_logger("builder").error("no block", reason=error.reason)


if __name__ == "__main__":
    main()
