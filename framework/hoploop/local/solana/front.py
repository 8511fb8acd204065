"""HTTP and WebSocket door of the local chain: one port, JSON-RPC by POST, the same plus subscriptions by WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import orjson
from aiohttp import WSMsgType, web

from hoploop.local.solana import wire
from hoploop.local.solana.pubsub import Hub
from hoploop.local.solana.wire import Handler

OUTBOX = 20_000
"""Messages a slow subscriber may lag behind before it is dropped, as real servers do."""
_HEARTBEAT_S = 30.0


class Front:
    """The aiohttp application over a set of handlers."""

    def __init__(self, handlers: Mapping[str, Handler], hub: Hub) -> None:
        self._handlers = handlers
        self._hub = hub

    def application(self) -> web.Application:
        """POST and WebSocket on `/`, liveness on `/health`."""
        app = web.Application(client_max_size=wire.MAX_REQUEST_BYTES)
        app.router.add_post("/", self._post)
        app.router.add_get("/", self._socket)
        app.router.add_get("/health", _health)
        return app

    async def _post(self, request: web.Request) -> web.Response:
        reply = wire.answer(await request.read(), self._handlers)
        return json_response(reply)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=wire.MAX_REQUEST_BYTES, heartbeat=_HEARTBEAT_S, compress=False)
        await socket.prepare(request)
        outbox: asyncio.Queue[bytes | None] = asyncio.Queue(OUTBOX + 1)
        subscriber = self._hub.connect(lambda message: _enqueue(outbox, message))
        handlers = {**self._handlers, **subscriber.handlers()}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_drain(socket, outbox))
                async for message in socket:
                    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                        break
                    body = message.data.encode() if message.type is WSMsgType.TEXT else message.data
                    reply = wire.answer(body, handlers)
                    for part in ([reply] if reply is not None else []) + subscriber.late:
                        _enqueue(outbox, part)
                    subscriber.late.clear()
                _end(outbox)
        finally:
            subscriber.close()
        return socket


def json_response(reply: bytes | None, headers: Mapping[str, str] | None = None) -> web.Response:
    """HTTP answer of a JSON-RPC reply; 204 when there is none."""
    if reply is None:
        return web.Response(status=204)
    return web.Response(body=reply, content_type="application/json", headers=headers)


async def _health(_: web.Request) -> web.Response:
    return web.Response(body=orjson.dumps("ok"), content_type="application/json")


def _enqueue(outbox: asyncio.Queue[bytes | None], message: bytes) -> None:
    if outbox.qsize() < OUTBOX:
        outbox.put_nowait(message)
    else:
        _end(outbox)


def _end(outbox: asyncio.Queue[bytes | None]) -> None:
    """Let the writer stop; whatever waits is dropped when the outbox is full."""
    if outbox.full():
        return
    outbox.put_nowait(None)


async def _drain(socket: web.WebSocketResponse, outbox: asyncio.Queue[bytes | None]) -> None:
    """Write what is queued until told to stop or the other side is gone."""
    while (message := await outbox.get()) is not None:
        try:
            await socket.send_str(message.decode())
        except ConnectionError:
            return
    await socket.close()
