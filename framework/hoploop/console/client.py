"""The client side of the control socket: one request, or a stream of what an engine says of itself."""

from __future__ import annotations

import asyncio
import socket as sockets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hoploop.codes import CODES
from hoploop.errors import ControlError
from hoploop.model.events import AnyEvent
from hoploop.model.status import EngineStatus

# The protocol says 1 MiB a request; a burst of events must not cut the console off at the worst moment.
_LONGEST_LINE = 16 << 20
_TIMEOUT_S = 5.0


class Frame(NamedTuple):
    """One state of the engine and the events since the last one; `dropped` counts events that never arrived."""

    status: EngineStatus
    events: tuple[AnyEvent, ...]
    dropped: int = 0


class _Failure(msgspec.Struct):
    code: str
    message: str
    hint: str = ""


class _Answer(msgspec.Struct):
    """Any line an engine sends."""

    id: int = 0
    ok: bool = True
    result: msgspec.Raw = msgspec.Raw(b"{}")
    error: _Failure | None = None
    delta: msgspec.Raw = msgspec.Raw(b"")


class _Update(msgspec.Struct):
    status: EngineStatus
    events: list[msgspec.Raw] = []
    dropped: int = 0


def request(
    path: Path, do: str, *, by: str, args: dict[str, Any] | None = None, timeout_s: float = _TIMEOUT_S
) -> dict[str, Any]:
    """Ask once and wait. ControlError: G201 no engine, G202 no answer, G207 nonsense, else the engine's own."""
    received = b""
    ends = time.monotonic() + timeout_s
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as link:
        link.settimeout(timeout_s)
        try:
            link.connect(str(path))
            link.sendall(_line(do, by, args or {}))
            while not received.endswith(b"\n"):
                link.settimeout(max(ends - time.monotonic(), 0.001))  # also ends an answer that only trickles in
                part = link.recv(1 << 16)
                received += part
                if not part or len(received) > _LONGEST_LINE:
                    raise ControlError("G207", f"{path}: the answer has no end")
        except TimeoutError:
            raise ControlError("G202", f"{path}: no answer in {timeout_s:g} s") from None
        except OSError as error:
            raise _no_engine(path, error) from None
    return _result(received, path)


async def act(path: Path, do: str, *, by: str, args: dict[str, Any], timeout_s: float = _TIMEOUT_S) -> dict[str, Any]:
    """As `request`, on a connection of its own, so that no act waits behind a stream."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await _open(path)
            try:
                writer.write(_line(do, by, args))
                await writer.drain()
                return _result(await _read(reader, path), path)
            finally:
                writer.close()
    except TimeoutError:
        raise ControlError("G202", f"{path}: no answer in {timeout_s:g} s") from None
    except OSError as error:
        raise _no_engine(path, error) from None


async def watch(path: Path, *, by: str, timeout_s: float = _TIMEOUT_S) -> AsyncIterator[Frame]:
    """What the engine says, first its present state. Ends only with a ControlError, also when the engine closes."""
    reader, writer = await _open(path)
    try:
        writer.write(_line("watch", by, {}))
        async with asyncio.timeout(timeout_s):
            first = _decode(await _read(reader, path), path)
        yield _frame(_ok(first, path), path)
        while True:
            answer = _decode(await _read(reader, path), path)
            if bytes(answer.delta):
                yield _frame(answer.delta, path)
    except TimeoutError:
        raise ControlError("G202", f"{path}: no answer in {timeout_s:g} s") from None
    except OSError as error:
        raise _no_engine(path, error) from None
    finally:
        writer.close()


async def _open(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_unix_connection(path, limit=_LONGEST_LINE)
    except OSError as error:
        raise _no_engine(path, error) from None


async def _read(reader: asyncio.StreamReader, path: Path) -> bytes:
    try:
        line = await reader.readline()
    except ValueError:
        raise ControlError("G207", f"{path}: a line is longer than {_LONGEST_LINE} bytes") from None
    if not line.endswith(b"\n"):
        raise ControlError("G201", f"{path}: the engine closed the connection")
    return line


def _line(do: str, by: str, args: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"id": 1, "do": do, "by": by, "args": args}) + b"\n"


def _result(line: bytes, path: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(_ok(_decode(line, path), path), type=dict[str, Any])
    except msgspec.ValidationError as error:
        raise ControlError("G207", f"{path}: {error}") from None


def _decode(line: bytes, path: Path) -> _Answer:
    try:
        return msgspec.json.decode(line, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ControlError("G207", f"{path}: {str(error)[:120]}") from None


def _ok(answer: _Answer, path: Path) -> msgspec.Raw:
    if answer.ok:
        return answer.result
    failure = answer.error or _Failure("G207", "refused without a reason")
    if failure.code not in CODES:
        raise ControlError("G207", f"{path}: [{failure.code[:16]}] {failure.message[:500]}")
    raise ControlError(failure.code, failure.message, hint=failure.hint or None)


def _frame(raw: msgspec.Raw, path: Path) -> Frame:
    try:
        return read_frame(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ControlError("G207", f"{path}: {str(error)[:120]}") from None


def read_frame(raw: bytes | msgspec.Raw) -> Frame:
    """Decode one delta; events a newer engine has and this client does not know are counted as dropped."""
    update = msgspec.json.decode(raw, type=_Update)
    known: list[AnyEvent] = []
    for event in update.events:
        try:
            known.append(msgspec.json.decode(event, type=AnyEvent))
        except msgspec.ValidationError:
            continue
    return Frame(update.status, tuple(known), update.dropped + len(update.events) - len(known))


def _no_engine(path: Path, error: OSError) -> ControlError:
    return ControlError("G201", f"{path}: {error.strerror or error}")
