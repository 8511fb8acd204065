"""The chain's public IPC socket: passes everything on to anvil, and can hold new transactions back for a moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

_SEND = b"eth_send"
_CHUNK = 256 * 1024
_LONGEST_MESSAGE = 64 * 1024 * 1024


class Gateway:
    """One upstream connection for each client; bytes pass unchanged and in order.

    While `held`, requests that send a transaction wait here and none is still on its way into the node, so that the
    builder can rearrange the node's pool without losing any.
    """

    def __init__(self, anvil: Path) -> None:
        self._anvil = anvil
        self._open = asyncio.Event()
        self._open.set()
        self._settled = asyncio.Event()
        self._settled.set()
        self._sending: set[tuple[int, Any]] = set()
        """(client, request id) of sends the node has not answered."""

    async def serve(self, path: Path) -> asyncio.Server:
        """Listen on a free path."""
        return await asyncio.start_unix_server(self._client, path, limit=_LONGEST_MESSAGE)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Within, the node takes transactions only from whoever talks to it directly."""
        self._open.clear()
        try:
            await self._settled.wait()
            yield
        finally:
            self._open.set()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        node_reader, node_writer = await asyncio.open_unix_connection(self._anvil, limit=_LONGEST_MESSAGE)
        client = id(writer)
        up = asyncio.ensure_future(self._up(client, reader, node_writer))
        down = asyncio.ensure_future(self._down(client, node_reader, writer))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            down.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            self._forget({key for key in self._sending if key[0] == client})
            for end in (writer, node_writer):
                end.close()
                with contextlib.suppress(OSError):
                    await end.wait_closed()

    async def _up(self, client: int, reader: asyncio.StreamReader, node: asyncio.StreamWriter) -> None:
        buffer = b""
        while chunk := await reader.read(_CHUNK):
            messages, buffer = split_messages(buffer + chunk)
            for message in messages:
                if _SEND in message:
                    await self._open.wait()
                    self._sending |= {(client, number) for number in request_ids(message)}
                    if self._sending:
                        self._settled.clear()
                node.write(message)
            if len(buffer) > _LONGEST_MESSAGE:
                return
            await node.drain()

    async def _down(self, client: int, node: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await node.readline():
            writer.write(line)
            if self._sending:
                self._forget({(client, number) for number in request_ids(line)})
            await writer.drain()

    def _forget(self, answered: set[tuple[int, Any]]) -> None:
        self._sending -= answered
        if not self._sending:
            self._settled.set()


def split_messages(buffer: bytes) -> tuple[list[bytes], bytes]:
    """(whole messages, rest): messages end with a newline, or are whole JSON texts as some clients write them."""
    *messages, rest = buffer.split(b"\n")
    whole = [message + b"\n" for message in messages if message.strip()]
    if rest.rstrip().endswith((b"}", b"]")):
        try:
            orjson.loads(rest)
        except orjson.JSONDecodeError:
            return whole, rest
        return [*whole, rest], b""
    return whole, rest


def request_ids(message: bytes) -> list[Any]:
    """Ids of the requests or answers in a message, one or a batch; none when it cannot be read."""
    try:
        content = orjson.loads(message)
    except orjson.JSONDecodeError:
        return []
    parts = content if isinstance(content, list) else [content]
    ids = [part.get("id") for part in parts if isinstance(part, dict)]
    return [number for number in ids if isinstance(number, int | str)]
