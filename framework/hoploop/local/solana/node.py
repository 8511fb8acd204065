"""One running local chain inside this process: bank, slot clock, traffic, RPC front and block engine."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from aiohttp import web

from hoploop.errors import LocalError
from hoploop.local.solana import names
from hoploop.local.solana.block_engine import BlockEngine
from hoploop.local.solana.boot import Booted, boot
from hoploop.local.solana.front import Front
from hoploop.local.solana.pubsub import Hub
from hoploop.local.solana.reads import Reads
from hoploop.local.solana.sends import Sends
from hoploop.local.solana.traffic import Traffic

HOST = "127.0.0.1"
_SHUTDOWN_S = 0.2
_MOST_LAG_S = 2.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to run a node. Port 0 takes any free one."""

    seed: int = 7
    slot_ms: int = 200
    traffic: bool = True
    world: str = ""
    rpc_port: int = 0
    engine_port: int = 0


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where a node serves."""

    rpc: str
    ws: str
    jito: str


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a node could not start: a LocalError for the process that asked for it."""

    code: str
    message: str


class Node:
    """The parts of a chain, wired but not yet serving; tests drive it slot by slot."""

    def __init__(
        self, settings: Settings, *, start_unix_s: int, progress: Callable[[str], None] = lambda _: None
    ) -> None:
        booted = boot(settings.world, start_unix_s=start_unix_s, slot_ms=settings.slot_ms, progress=progress)
        self.settings = settings
        self.bank = booted.bank
        self.traffic = _traffic(settings, booted, progress)
        reads = Reads(self.bank)
        sends = Sends(self.bank, reads)
        self.handlers = reads.handlers() | sends.handlers()
        self.hub = Hub(self.bank)
        self.front = Front(self.handlers, self.hub)
        self.engine = BlockEngine(self.bank, reads, sends)

    def step(self) -> None:
        """One slot: time moves, then the traffic trades."""
        self.bank.tick()
        if self.traffic is not None:
            self.traffic.on_slot()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Addresses]:
        """Serve both ports until the block ends; X207 when one cannot be had."""
        async with (
            _site(self.front.application(), self.settings.rpc_port) as rpc,
            _site(self.engine.application(), self.settings.engine_port) as engine,
        ):
            yield Addresses(rpc=f"http://{HOST}:{rpc}", ws=f"ws://{HOST}:{rpc}", jito=f"http://{HOST}:{engine}")

    async def run(self, stop: asyncio.Event) -> None:
        """Advance a slot every `slot_ms` until `stop`; late slots are caught up, a longer sleep is not."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not stop.is_set():
            due = max(due + self.settings.slot_ms / 1_000, loop.time() - _MOST_LAG_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(due - loop.time(), 0))
            self.step()


def _traffic(settings: Settings, booted: Booted, progress: Callable[[str], None]) -> Traffic | None:
    if not settings.traffic:
        return None
    if not booted.pools:
        progress("traffic is off: it knows only the pools of the default world")
        return None
    return Traffic(
        booted.bank,
        booted.pools,
        names.address("program/amm"),
        names.keypair("traffic"),
        seed=settings.seed,
        slot_ms=settings.slot_ms,
    )


@contextlib.asynccontextmanager
async def _site(app: web.Application, port: int) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError as err:
            if err.errno != errno.EADDRINUSE:
                raise
            raise LocalError("X207", f"port {port} of {HOST} is in use") from err
        bound: Any = runner.addresses[0]
        yield int(bound[1])
    finally:
        await runner.cleanup()
