"""A scripted EVM node on loopback, so that connectors are tested over real sockets without a chain."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from hoploop.model.money import Asset
from hoploop.plugin.connector import ChainScope

Send = Callable[[Any], Any]

WETH = "0x1111111111111111111111111111111111111111"
USDC = "0x2222222222222222222222222222222222222222"
EXECUTOR = "0x3333333333333333333333333333333333333333"
OWNER_KEY = b"\x07" * 32
OWNER = "0x4a62316623ad457F02cDC5D997deD67a383EC569"
"""The address of `OWNER_KEY`."""


def scope(settings: Any = None) -> ChainScope:
    """A chain `eth` with two assets; WETH has the lower address. `settings` is the chain's own config."""
    weth = Asset(id="weth", chain="eth", address=WETH, symbol="WETH", decimals=18, wraps_native=True)
    usdc = Asset(id="usdc", chain="eth", address=USDC, symbol="USDC", decimals=6)
    return ChainScope(
        chain_id="eth", identity="31337", assets={"weth": weth, "usdc": usdc}, settings=settings, owner=OWNER
    )


def word(value: int) -> str:
    """One ABI word as a node sends it."""
    return f"0x{value:064x}"


def block(number: int, *, branch: int = 0, parent_branch: int | None = None) -> dict[str, str]:
    """A header; `branch` tells forks apart."""
    before = branch if parent_branch is None else parent_branch
    return {
        "number": hex(number),
        "hash": word(number << 8 | branch),
        "parentHash": word((number - 1) << 8 | before),
        "timestamp": hex(1_000_000 + number),
    }


class FakeNode:
    """Answers by method: a value, a function of the params, or an exception to send as an error object.

    `raw` replaces the answer to every request: bytes to send as they are, None to stay silent, "close" to hang up.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"eth_subscribe": "0x1"}
        self.raw: bytes | str | None = b""
        self.scripted_raw = False
        self.requests: list[dict[str, Any]] = []
        self.connections = 0
        self.subscribed = asyncio.Event()
        self._asked = asyncio.Event()
        self._times = 0
        self._pushes: list[Callable[[bytes], Any]] = []
        self._hang_ups: list[Callable[[], Any]] = []

    def misbehave(self, raw: bytes | str | None, times: int = 1_000_000) -> None:
        """Answer the next `times` requests with this."""
        self.raw, self.scripted_raw, self._times = raw, True, times

    async def requested(self, count: int) -> None:
        """Return when that many requests have come in all."""
        while len(self.requests) < count:
            self._asked.clear()
            await self._asked.wait()

    def methods(self) -> list[str]:
        """Methods asked for, in order."""
        return [request["method"] for request in self.requests]

    async def push(self, result: Any) -> None:
        """Send a subscription notice on every connection."""
        notice = {"jsonrpc": "2.0", "method": "eth_subscription", "params": {"subscription": "0x1", "result": result}}
        await self.push_raw(orjson.dumps(notice))

    async def push_raw(self, frame: bytes) -> None:
        """Send bytes nobody asked for on every connection."""
        for push in list(self._pushes):
            await _maybe(push(frame))

    def hang_up(self) -> None:
        """Close every connection."""
        for hang_up in self._hang_ups:
            hang_up()

    @contextlib.asynccontextmanager
    async def ipc(self, folder: Path) -> AsyncIterator[str]:
        """Serve on a Unix socket; the endpoint."""
        path = folder / "node.ipc"
        server = await asyncio.start_unix_server(self._serve_ipc, path, limit=2**27)
        try:
            yield f"ipc:{path}"
        finally:
            server.close()
            self.hang_up()

    @contextlib.asynccontextmanager
    async def websocket(self) -> AsyncIterator[str]:
        """Serve a WebSocket on loopback; the endpoint."""
        async with serve(self._serve_websocket, "127.0.0.1", 0, max_size=None) as server:
            port = server.sockets[0].getsockname()[1]
            yield f"ws://127.0.0.1:{port}"

    @contextlib.asynccontextmanager
    async def http(self) -> AsyncIterator[str]:
        """Serve over HTTP on loopback; the URL."""
        app = web.Application()
        app.router.add_post("/", self._serve_http)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()

    async def _serve_http(self, request: web.Request) -> web.Response:
        asked = orjson.loads(await request.read())
        self.requests.append(asked)
        self._asked.set()
        scripted = self.raw if self.scripted_raw and isinstance(self.raw, bytes) else None
        body = orjson.dumps(await self._reply(asked)) if scripted is None else scripted
        return web.Response(body=body, content_type="application/json")

    async def _serve_ipc(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1

        def send(frame: bytes) -> None:
            if not writer.is_closing():
                writer.write(frame + b"\n")

        self._pushes.append(send)
        self._hang_ups.append(writer.close)
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                if not await self._handle(line, send, writer.close):
                    break
        self._pushes.remove(send)
        self._hang_ups.remove(writer.close)
        writer.close()

    async def _serve_websocket(self, connection: ServerConnection) -> None:
        self.connections += 1

        async def send(frame: bytes) -> None:
            await connection.send(frame.decode("latin-1"))

        self._pushes.append(send)
        self._hang_ups.append(connection.transport.abort)
        try:
            async for message in connection:
                if not await self._handle(message, send, connection.transport.abort):
                    return
        except ConnectionClosed:
            return
        finally:
            self._pushes.remove(send)
            self._hang_ups.remove(connection.transport.abort)

    async def _handle(self, frame: bytes | str, send: Send, hang_up: Callable[[], Any]) -> bool:
        request = orjson.loads(frame)
        self.requests.append(request)
        self._asked.set()
        if self.scripted_raw:
            self._times -= 1
            self.scripted_raw = self._times > 0
            if self.raw == "close":
                hang_up()
                return False
            if isinstance(self.raw, bytes):
                await _maybe(send(self.raw))
            return True
        await _maybe(send(orjson.dumps(await self._reply(request))))
        if request["method"] == "eth_subscribe" and request["params"] == ["newHeads"]:
            self.subscribed.set()
        return True

    async def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        reply = {"jsonrpc": "2.0", "id": request["id"]}
        if request["method"] not in self.answers:
            return reply | {"error": {"code": -32601, "message": "Method not found"}}
        answer = self.answers[request["method"]]
        if callable(answer):
            answer = await _maybe(answer(*request["params"]))
        if isinstance(answer, Failure):
            return reply | {"error": answer.error}
        return reply | {"result": answer}


class Failure:
    """An error object as the answer of a method."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        self.error = {"code": code, "message": message} | ({} if data is None else {"data": data})


async def _maybe(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
