"""`python -m hoploop.local.evm`: run the embedded EVM chain by hand until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from pathlib import Path

import click

from hoploop.errors import LocalError
from hoploop.local.artifacts import PackageCache, cache_root
from hoploop.local.evm.addresses import write_world
from hoploop.local.evm.anvil import start_anvil
from hoploop.local.evm.chain import CHAIN_ID, deploy, start
from hoploop.local.evm.packages import ArtifactStore, PackageTable, find_anvil


@click.command()
@click.option("--workdir", type=click.Path(path_type=Path), help="Folder for logs and the socket; a new one if absent.")
@click.option("--chain-id", default=CHAIN_ID, show_default=True)
@click.option("--seed", default=7, show_default=True, help="Seed of the traffic.")
@click.option("--block-ms", default=500, show_default=True, type=click.IntRange(min=20))
@click.option("--traffic/--no-traffic", default=True, show_default=True)
@click.option("--write-world", is_flag=True, help="Only deploy, and write the addresses into the package.")
def main(workdir: Path | None, chain_id: int, seed: int, block_ms: int, traffic: bool, write_world: bool) -> None:
    """Run a local EVM chain with real DEX and lender bytecode."""
    folder = workdir or Path(tempfile.mkdtemp(prefix="hoploop-evm-"))
    folder.mkdir(parents=True, exist_ok=True)
    job = _write_world(folder) if write_world else _serve(folder, chain_id, seed, block_ms, traffic)
    try:
        asyncio.run(job)
    except LocalError as error:
        click.echo(f"{error}\n  fix: {error.hint}", err=True)
        raise SystemExit(error.exit_code) from error


async def _serve(folder: Path, chain_id: int, seed: int, block_ms: int, traffic: bool) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    chain = await start(
        workdir=folder, chain_id=chain_id, seed=seed, block_ms=block_ms, traffic=traffic, progress=click.echo
    )
    try:
        click.echo(f"endpoint {chain.endpoint}\nrelay    {chain.extras['flashbots']}\nlogs     {folder}")
        await ended.wait()
    finally:
        await chain.stop()


async def _write_world(folder: Path) -> None:
    cache, table = PackageCache(cache_root(), click.echo), PackageTable.load()
    store = ArtifactStore(cache, table)
    store.ensure()
    anvil = await start_anvil(find_anvil(cache, table), run=folder, ipc=folder / "anvil.ipc", chain_id=CHAIN_ID)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(anvil.stop)
        click.echo(f"wrote {write_world(await deploy(folder / 'anvil.ipc', store))}")


if __name__ == "__main__":
    main()
