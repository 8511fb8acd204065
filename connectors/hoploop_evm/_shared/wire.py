"""Frames over a Unix socket or a WebSocket, pushed to a callback: bounded in size, nothing read ahead of need."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Protocol, cast

from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import WebSocketURI, parse_uri

from hoploop.errors import IncompatibleConnector, TransientError

OnFrame = Callable[[bytes], None]
OnLost = Callable[[str], None]
MAX_FRAME = 64 * 1024 * 1024


class Wire(Protocol):
    """An open connection; `send` writes at once and never waits."""

    def send(self, frame: bytes) -> None: ...
    def close(self) -> None: ...


async def connect(endpoint: str, on_frame: OnFrame, on_lost: OnLost, *, timeout_s: float, max_frame: int) -> Wire:
    """Open `ipc:PATH`, `ws://…` or `wss://…`. TransientError when nobody answers; never quotes a URL."""
    try:
        async with asyncio.timeout(timeout_s):
            if endpoint.startswith("ipc:"):
                return await _connect_ipc(endpoint[4:], on_frame, on_lost, max_frame)
            if endpoint.startswith(("ws://", "wss://")):
                return await _connect_websocket(endpoint, on_frame, on_lost, max_frame)
    except (OSError, TimeoutError, WebSocketException) as error:
        raise TransientError("C101", f"cannot connect to the node ({type(error).__name__})") from None
    raise IncompatibleConnector("C109", "an EVM endpoint is ipc:PATH, ws://… or wss://…")


class _Ipc(asyncio.Protocol):
    """One JSON document a line, as geth, reth and anvil speak it."""

    def __init__(self, on_frame: OnFrame, on_lost: OnLost, max_frame: int) -> None:
        self._on_frame, self._on_lost, self._max = on_frame, on_lost, max_frame
        self._rest = bytearray()
        self._why = "the node closed the connection"
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        searched = len(self._rest)
        self._rest += data
        while (end := self._rest.find(b"\n", searched)) >= 0:
            line, searched = bytes(self._rest[:end]), 0
            del self._rest[: end + 1]
            if line:
                self._on_frame(line)
        if len(self._rest) > self._max:
            self._rest.clear()
            self._why = f"a frame is over {self._max} bytes"
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_lost(self._why)

    def send(self, frame: bytes) -> None:
        if self._transport is not None:
            self._transport.write(frame + b"\n")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class _WebSocket(asyncio.Protocol):
    """The Sans-I/O client of `websockets` on a transport of ours, so that frames arrive without a task in between."""

    def __init__(self, uri: WebSocketURI, on_frame: OnFrame, on_lost: OnLost, max_frame: int) -> None:
        self._on_frame, self._on_lost = on_frame, on_lost
        self._protocol = ClientProtocol(uri, max_size=max_frame)
        self._parts = bytearray()
        self._transport: asyncio.Transport | None = None
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._acknowledge_now()
        self._protocol.receive_data(data)
        self._flush()
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._opened()
            elif isinstance(event, Frame):
                self._frame(event)

    def eof_received(self) -> None:
        self._protocol.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        error = self._protocol.parser_exc
        why = "the node closed the connection" if error is None else f"not a usable frame ({type(error).__name__})"
        if not self.open.done():
            self.open.set_exception(ConnectionResetError(why))
        else:
            self._on_lost(why)

    def send(self, frame: bytes) -> None:
        self._protocol.send_text(frame)
        self._flush()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _opened(self) -> None:
        if self.open.done():
            return
        if self._protocol.handshake_exc is not None:
            self.open.set_exception(self._protocol.handshake_exc)
        else:
            self.open.set_result(None)

    def _frame(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        self._parts += frame.data
        if frame.fin:
            whole = bytes(self._parts)
            self._parts.clear()
            self._on_frame(whole)

    def _flush(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()  # the protocol's way to say "half-close now"
        if self._protocol.parser_exc is not None:
            self._transport.abort()

    def _acknowledge_now(self) -> None:
        """Linux: without this, Nagle at the node and the delayed acknowledgement here cost 40 ms a notification."""
        quick = getattr(socket, "TCP_QUICKACK", None)
        sock = None if self._transport is None else self._transport.get_extra_info("socket")
        if quick is not None and sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, quick, 1)


async def _connect_ipc(path: str, on_frame: OnFrame, on_lost: OnLost, max_frame: int) -> Wire:
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_unix_connection(lambda: _Ipc(on_frame, on_lost, max_frame), path)
    return wire


async def _connect_websocket(url: str, on_frame: OnFrame, on_lost: OnLost, max_frame: int) -> Wire:
    uri = parse_uri(url)
    context = ssl.create_default_context() if uri.secure else None
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(
        lambda: _WebSocket(uri, on_frame, on_lost, max_frame),
        uri.host,
        uri.port,
        ssl=context,
        server_hostname=uri.host if context else None,
    )
    try:
        await wire.open
    except BaseException:
        wire.close()
        raise
    return wire
