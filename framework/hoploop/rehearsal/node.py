"""A JSON-RPC node on loopback that gives recorded answers, or asks a real node and writes its answers down."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any

import aiohttp
import msgspec
import orjson
from aiohttp import web

from hoploop.plugin.echo import Echo
from hoploop.rehearsal.tape import Answer

MAX_FRAME = 64 << 20
MAX_TIMES = 100_000
_TIMEOUT_S = 30
Ask = Callable[[str, Any], Awaitable[Answer]]


class TapedNode:
    """Serves HTTP and WebSocket on one port of 127.0.0.1 while entered; `ask` answers one call."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> TapedNode:
        app = web.Application(client_max_size=MAX_FRAME)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(body=await self._answer(await request.read()), content_type="application/json")
        socket = web.WebSocketResponse(max_msg_size=MAX_FRAME)
        await socket.prepare(request)
        async for message in socket:
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                await socket.send_str((await self._answer(message.data)).decode())
        return socket

    async def _answer(self, body: bytes | str) -> bytes:
        asked = orjson.loads(body)
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": asked.get("id")}
        answer = await self._ask(asked["method"], asked.get("params", []))
        return orjson.dumps(reply | ({"result": answer.result} if answer.error is None else {"error": answer.error}))


class Replay:
    """Answers from a tape: the same question gets its recorded answers in turn, and the last one ever after."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self._left: dict[bytes, list[Answer]] = defaultdict(list)
        for answer in reversed(answers):
            self._left[_key(answer.method, answer.params)] += [answer] * answer.times
        self.missing: list[str] = []
        """Methods asked for that the tape has no answer to."""

    async def ask(self, method: str, params: Any) -> Answer:
        """The recorded answer, or a JSON-RPC error."""
        left = self._left.get(_key(method, params))
        if not left:
            self.missing.append(method)
            return Answer(method=method, params=params, error={"code": -32601, "message": "not on the tape"})
        return left.pop() if len(left) > 1 else left[0]


class Recorder:
    """Passes questions on to a real node, one at a time, and keeps what it answered."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint, self._echo = endpoint, Echo(endpoint)
        self._one = asyncio.Lock()
        self.answers: list[Answer] = []

    async def ask(self, method: str, params: Any) -> Answer:
        """Ask the node. When it cannot be asked: a JSON-RPC error that is not kept, and never quotes a URL."""
        body = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        asking = _ask_ipc if self._endpoint.startswith("ipc:") else _ask_url
        try:
            async with self._one, asyncio.timeout(_TIMEOUT_S):
                reply = orjson.loads(self._echo.out_of(await asking(self._endpoint, body)))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return _none(method, params, f"no answer from the node ({type(error).__name__})")
        if not isinstance(reply, dict):
            return _none(method, params, "the node's answer is not JSON-RPC")
        answer = Answer(method=method, params=params, result=reply.get("result"), error=reply.get("error"))
        self.answers.append(answer)
        return answer


def compressed(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """The same answers, repetitions of one question's answer counted instead of written out."""
    by_key: dict[bytes, list[Answer]] = {}
    for answer in answers:
        known = by_key.setdefault(_key(answer.method, answer.params), [])
        if known and (known[-1].result, known[-1].error) == (answer.result, answer.error):
            known[-1] = msgspec.structs.replace(known[-1], times=min(known[-1].times + 1, MAX_TIMES))
        else:
            known.append(answer)
    return tuple(answer for known in by_key.values() for answer in known)


async def _ask_ipc(endpoint: str, body: bytes) -> bytes:
    """A line, as nodes end their answers with one; ValueError when it is too long."""
    reader, writer = await asyncio.open_unix_connection(endpoint.removeprefix("ipc:"), limit=MAX_FRAME)
    try:
        writer.write(body + b"\n")
        await writer.drain()
        return await reader.readline()
    finally:
        writer.close()


async def _ask_url(endpoint: str, body: bytes) -> bytes:
    async with aiohttp.ClientSession() as session:
        if endpoint.startswith("ws"):
            async with session.ws_connect(endpoint, max_msg_size=MAX_FRAME) as socket:
                await socket.send_str(body.decode())
                message = await socket.receive()
                if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    raise ConnectionResetError
                return message.data if isinstance(message.data, bytes) else str(message.data).encode()
        headers = {"content-type": "application/json"}
        async with session.post(endpoint, data=body, headers=headers) as response:
            return await response.read()


def _none(method: str, params: Any, why: str) -> Answer:
    return Answer(method=method, params=params, error={"code": -32000, "message": why})


def _key(method: str, params: Any) -> bytes:
    return orjson.dumps([method, params], option=orjson.OPT_SORT_KEYS)
