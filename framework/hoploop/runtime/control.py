"""The control socket: status and operator acts for consoles and commands, one JSON object a line."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, Protocol

import msgspec

from hoploop.errors import ControlError, HoploopError
from hoploop.model.status import EngineStatus
from hoploop.runtime.bus import Bus, Tap
from hoploop.runtime.reload import Request as Change

_LINE = 1 << 20
_PERIOD_S = 0.1
_ACTS = frozenset({"kill", "pause", "resume", "arm"})


class Acts(Protocol):
    """What an operator can ask of an engine."""

    def status(self) -> EngineStatus: ...
    def act(self, do: str, by: str, args: dict[str, Any]) -> dict[str, Any]:
        """kill | pause | resume | arm; ControlError when refused."""
        ...

    def recipe(self) -> dict[str, Any]:
        """Document, generation and fingerprint of what runs."""
        ...

    async def apply(self, request: Change, by: str) -> dict[str, Any]:
        """Go on with a changed recipe; ControlError when refused."""
        ...


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One line from a client."""

    id: int
    do: str
    by: str = "unknown"
    args: dict[str, Any] = {}


class ControlServer:
    """Serves any number of clients. The engine never waits for one: a slow console is skipped, a dead one dropped."""

    def __init__(self, path: Path, acts: Acts, bus: Bus) -> None:
        self._path = path
        self._acts = acts
        self._bus = bus
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._watched: dict[asyncio.StreamWriter, Tap] = {}

    async def open(self) -> None:
        """Listen; the socket is 0600 in a 0700 folder."""
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._client, self._path, limit=_LINE)
        except OSError as error:
            raise ControlError("G206", f"{self._path}: {error}") from error
        finally:
            os.umask(mask)

    async def close(self) -> None:
        """Tell every console how it ended, stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
            for writer, tap in self._watched.items():
                writer.write(_line({"delta": self._delta(tap)}))
            for writer in self._writers:
                writer.close()
            await self._server.wait_closed()
        self._path.unlink(missing_ok=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            async with asyncio.TaskGroup() as group:
                await self._requests(reader, writer, group)
                raise ConnectionResetError  # the client closed: end its watch, if any
        except* (ConnectionError, asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, group: asyncio.TaskGroup
    ) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # longer than the limit: nothing of ours
                return
            if not line:
                return
            await self._answer(line, writer, group)

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter, group: asyncio.TaskGroup) -> None:
        number = 0
        try:
            request = _decode(line)
            number = request.id
            if request.do == "watch":
                tap = self._watched[writer] = self._bus.tap()
                first = {"status": self._acts.status(), "events": list(self._bus.recent)}
                await _send(writer, {"id": number, "ok": True, "result": first})
                group.create_task(self._push(tap, writer))
                return
            await _send(writer, {"id": number, "ok": True, "result": await self._result(request)})
        except HoploopError as error:
            told = {"code": error.code, "message": error.message, "hint": error.hint}
            await _send(writer, {"id": number, "ok": False, "error": told})

    async def _result(self, request: Request) -> object:
        if request.do == "status":
            return self._acts.status()
        if request.do == "recipe":
            return self._acts.recipe()
        if request.do == "apply":
            return await self._acts.apply(_change(request.args), request.by[:64])
        if request.do in _ACTS:
            return self._acts.act(request.do, request.by[:64], request.args)
        raise ControlError("G205", f"unknown request {request.do[:40]!r}")

    async def _push(self, tap: Tap, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await asyncio.sleep(_PERIOD_S)
                await _send(writer, {"delta": self._delta(tap)})
        finally:
            self._watched.pop(writer, None)
            self._bus.untap(tap)

    def _delta(self, tap: Tap) -> dict[str, Any]:
        return {"status": self._acts.status(), "events": tap.drain(), "dropped": tap.dropped}


def _change(args: dict[str, Any]) -> Change:
    try:
        return msgspec.convert(args, Change)
    except msgspec.ValidationError as error:
        raise ControlError("G205", str(error)) from error


def _decode(line: bytes) -> Request:
    try:
        return msgspec.json.decode(line, type=Request)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ControlError("G205", f"not a request: {str(error)[:120]}") from None


async def _send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    writer.write(_line(message))
    await writer.drain()


def _line(message: dict[str, Any]) -> bytes:
    return msgspec.json.encode(message) + b"\n"
