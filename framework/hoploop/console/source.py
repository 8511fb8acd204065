"""Where a console's frames come from: a running engine, or a file one was recorded into."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec

from hoploop.console.client import Frame, act, read_frame, watch
from hoploop.errors import ControlError

_HEADER = b'{"hoploop_console_recording":1}\n'
_LONGEST_FILE = 256 << 20


class Source(Protocol):
    """What a console attaches to."""

    name: str
    ends: bool
    """Whether the end of the frames is expected; a console goes back to a source that should not have ended."""

    def frames(self) -> AsyncIterator[Frame]:
        """One connection's frames; ControlError when it breaks."""
        ...

    async def act(self, do: str, args: dict[str, Any]) -> dict[str, Any]:
        """An operator's act and the engine's answer; ControlError when refused or unanswered."""
        ...


class Engine:
    """A running engine behind its control socket; with `record`, every frame is also written to that file."""

    ends = False

    def __init__(
        self, path: Path, *, by: str, record: BinaryIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = str(path)
        self._path = path
        self._by = by
        self._clock = clock
        self._record = record
        self._began = clock()
        if record is not None:
            record.write(_HEADER)

    async def frames(self) -> AsyncIterator[Frame]:
        """See `Source`."""
        async for frame in watch(self._path, by=self._by):
            if self._record is not None:
                at_ms = int((self._clock() - self._began) * 1000)
                self._record.write(write_frame(frame, at_ms))
            yield frame

    async def act(self, do: str, args: dict[str, Any]) -> dict[str, Any]:
        """See `Source`."""
        return await act(self._path, do, by=self._by, args=args)


class Recording:
    """A recorded stream at its own pace, or all at once with `pace=False`."""

    ends = True

    def __init__(self, path: Path, *, pace: bool = True) -> None:
        self.name = path.name
        self._pace = pace
        self._frames = _read(path)

    async def frames(self) -> AsyncIterator[Frame]:
        """See `Source`."""
        passed_ms = 0
        for at_ms, frame in self._frames:
            if self._pace and at_ms > passed_ms:
                await asyncio.sleep((at_ms - passed_ms) / 1000)
                passed_ms = at_ms
            yield frame

    async def act(self, do: str, args: dict[str, Any]) -> dict[str, Any]:
        """A recording cannot be acted on."""
        raise ControlError("G201", f"{do}: this is a recording, no engine is attached")


class _At(msgspec.Struct):
    at_ms: int


def write_frame(frame: Frame, at_ms: int) -> bytes:
    """One line of a recording; `at_ms` counts from its begin."""
    line = {"at_ms": at_ms, "status": frame.status, "events": frame.events, "dropped": frame.dropped}
    return msgspec.json.encode(line) + b"\n"


def _read(path: Path) -> list[tuple[int, Frame]]:
    try:
        with path.open("rb") as file:
            raw = file.read(_LONGEST_FILE + 1)
    except OSError as error:
        raise ControlError("G208", f"{path}: {error.strerror}") from None
    if len(raw) > _LONGEST_FILE:
        raise ControlError("G208", f"{path} has over {_LONGEST_FILE >> 20} MiB")
    lines = raw.splitlines()
    if not lines or lines[0] + b"\n" != _HEADER:
        raise ControlError("G208", f"{path} is not a console recording of this version")
    frames = []
    for number, line in enumerate(lines[1:], 2):
        try:
            frames.append((msgspec.json.decode(line, type=_At).at_ms, read_frame(line)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if number == len(lines):  # the recorder was cut off in its last line
                break
            raise ControlError("G208", f"{path}:{number}: {str(error)[:120]}") from None
    return frames
