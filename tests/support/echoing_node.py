"""A node on loopback that repeats, in its answers, the address and the headers it was asked with."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import ClientSession, WSCloseCode, WSMsgType, web

MANNERS = ("error", "busy", "behind", "internal", "data", "result", "status", "page", "redirect", "nearly", "close")
GENESIS = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"
_BLOCK = {"number": "0x10", "hash": f"0x{'11' * 32}", "parentHash": f"0x{'22' * 32}", "timestamp": "0x1"}
_CODES = {"error": -32601, "busy": -32005, "behind": -32004, "internal": -32603, "data": 3}


class EchoingNode:
    """HTTP and WebSocket, whatever the path; `manner` says how it repeats."""

    def __init__(self) -> None:
        self.manner = "error"
        self.port = 0
        self.asked = 0

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = int(runner.addresses[0][1])
        return runner

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        told = f"{request.scheme}://{request.host}{request.raw_path} {request.url} {dict(request.headers)}"
        if self.manner == "status":
            return web.Response(status=403, text=told, reason=request.path[:200])
        if self.manner == "redirect":
            return web.Response(status=302, headers={"Location": str(request.url)})
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(body=self._answer(await request.read(), told), content_type="application/json")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if self.manner == "close":
                await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=told.encode()[:120])
            elif message.type is WSMsgType.TEXT:
                await socket.send_bytes(self._answer(message.data.encode(), told))
        return socket

    def _answer(self, body: bytes, told: str) -> bytes:
        if self.manner in ("page", "close"):
            return f"<html>{told}</html>".encode()
        asked = json.loads(body)
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        known = {
            "eth_chainId": "0x1", "eth_getBlockByNumber": _BLOCK, "web3_clientVersion": told, "getGenesisHash": GENESIS,
            "getVersion": {"solana-core": told}, "getSlot": 16, "getBlockHeight": 16,
        }  # fmt: skip
        if self.manner == "nearly" and asked["method"] in known:
            reply["result"] = known[asked["method"]]
        elif self.manner == "result":
            reply["result"] = told
        else:
            reply["error"] = {"code": _CODES.get(self.manner, -32000), "message": told, "data": {"err": told}}
        return json.dumps(reply).encode()


class EchoingProxy(EchoingNode):
    """In front of a Solana node and its block engine: passes on what comes while its manner is `pass`."""

    def __init__(self, node: str, feed: str, engine: str) -> None:
        super().__init__()
        self.manner = "pass"
        self._node, self._feed, self._engine = node, feed, engine

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.manner != "pass":
            return await super()._serve(request)
        async with ClientSession() as session:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._relay(request, session)
            _, bundles, rest = request.path.partition("/api/v1/")
            url = f"{self._engine}{bundles}{rest}" if bundles else self._node
            kind = {"Content-Type": "application/json"}
            async with session.post(url, data=await request.read(), headers=kind) as got:
                return web.Response(status=got.status, body=await got.read(), content_type="application/json")

    async def _relay(self, request: web.Request, session: ClientSession) -> web.WebSocketResponse:
        here = web.WebSocketResponse()
        await here.prepare(request)
        async with session.ws_connect(self._feed, max_msg_size=0) as there:

            async def back() -> None:
                async for message in there:
                    if self.manner != "pass":
                        break
                    await here.send_str(message.data)
                await here.close()

            async with asyncio.TaskGroup() as group:
                task = group.create_task(back())
                async for message in here:
                    await there.send_str(message.data)
                task.cancel()
        return here


@contextmanager
def echoing_node() -> Iterator[EchoingNode]:
    """A node in a thread of its own."""
    node = EchoingNode()
    with serving(node):
        yield node


@contextmanager
def serving(node: EchoingNode) -> Iterator[None]:
    """While it is entered, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(node.start(), loop).result(30)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
