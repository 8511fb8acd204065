"""Runs a local Solana chain by hand or for `start`: `python -m hoploop.local.solana --world DIR`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import click
import msgspec

from hoploop.errors import LocalError
from hoploop.local.solana.node import Failure, Node, Settings
from hoploop.local.solana.world import write_default

_PORT = click.IntRange(0, 65_535)


@click.command()
@click.option("--world", default="", help="Folder with programs/<id>.so and accounts/*.json[.gz] to load instead.")
@click.option("--seed", default=7, show_default=True, help="Seed of the traffic.")
@click.option("--slot-ms", default=200, show_default=True, type=click.IntRange(20, 60_000), help="Slot length.")
@click.option("--traffic/--no-traffic", default=True, show_default=True, help="Trade against the pools.")
@click.option("--port", default=8899, show_default=True, type=_PORT, help="RPC and WebSocket; 0: any.")
@click.option("--engine-port", default=8898, show_default=True, type=_PORT, help="Block engine; 0: any.")
@click.option("--ready", type=click.Path(path_type=Path), help="Write the addresses to this file once serving.")
@click.option("--write-world", is_flag=True, help="Regenerate world.json from the names and exit.")
def main(
    world: str,
    seed: int,
    slot_ms: int,
    traffic: bool,
    port: int,
    engine_port: int,
    ready: Path | None,
    write_world: bool,
) -> None:
    """Serve a local Solana chain on loopback until interrupted."""
    if write_world:
        write_default()
        return
    settings = Settings(
        seed=seed, slot_ms=slot_ms, traffic=traffic, world=world, rpc_port=port, engine_port=engine_port
    )
    try:
        asyncio.run(_serve(settings, ready))
    except LocalError as err:
        if ready is not None:
            _write(ready, msgspec.json.encode(Failure(code=err.code, message=err.message)))
        click.echo(f"{err}\nhint: {err.hint}", err=True)
        sys.exit(err.exit_code)


async def _serve(settings: Settings, ready: Path | None) -> None:
    node = Node(settings, start_unix_s=int(time.time()), progress=lambda line: click.echo(line))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with node.serving() as addresses:
        text = msgspec.json.encode(addresses)
        click.echo(text.decode())
        if ready is not None:
            _write(ready, text)
        await node.run(stop)


def _write(path: Path, content: bytes) -> None:
    """By rename, so that a reader sees all of it or nothing."""
    scratch = path.with_name(path.name + ".tmp")
    scratch.write_bytes(content)
    os.replace(scratch, path)


if __name__ == "__main__":
    main()
