"""A native reader of a node's notifications, handed to chain connectors so that they never pass through Python.

The connector says what to subscribe to and reads every frame the reader does not know. Decoded updates wait in native
memory, of a whole state only the newest, until the market takes them (`Waiting`). A connector that is handed none, or
whose endpoint the reader refuses, reads by itself. Both ways give the same updates with the same numbers (tested).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from hoploop.plugin.echo import Echo
from hoploop.plugin.kinds import Drained

CAPACITY = 100_000
"""Most updates that wait at doors where every one counts; past it the connection ends."""


class ReaderLost(ConnectionError):
    """The connection of a reading ended; the text says why in one word."""


class Other(NamedTuple):
    """A frame the reader leaves to the connector."""

    what: str
    """`other`, `removed` (a log of a block that was taken back: what waited is forgotten), or why it is refused."""
    mark: int
    """Updates until this mark came before it."""
    at_ns: int
    """When it was read."""
    frame: bytes


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One connection: what to write once it is open, and what to make of the notifications."""

    endpoint: str
    requests: tuple[str, ...]
    whole: tuple[bytes, ...] = ()
    """Doors whose updates are whole states: the newest wins."""
    every: tuple[bytes, ...] = ()
    """Doors each of whose updates counts."""
    expects: Mapping[int, bytes] = {}
    """Request id -> the door whose subscription its answer names (Solana)."""
    busy_poll: bool = False
    quiet_us: int = 0
    """Updates are told of once the socket was quiet for so long."""
    timeout_ms: int
    max_frame: int


class Reading(Protocol):
    """One connection, from connecting to its loss."""

    @property
    def ended(self) -> str:
        """Why the connection ended, in a word; empty while it lives."""
        ...

    @property
    def newest(self) -> tuple[int, int | None] | None:
        """The block the last log told of and its time, where the node says it."""
        ...

    def fileno(self) -> int:
        """A file that is readable when there is something to look at."""
        ...

    def look(self) -> bool:
        """Make it unreadable: whether updates or frames wait, or the connection ended, since the last look."""
        ...

    def others(self) -> list[Other]:
        """Take the frames that are the connector's matter, in order."""
        ...

    def drain(self, market: Any, mark: int | None = None) -> Drained:
        """Give the native market what waits, or what came before `mark`."""
        ...

    def stop(self) -> None:
        """End the connection and its thread."""
        ...


class Ingesting(Protocol):
    """Makes readings."""

    def refuses(self, endpoint: str) -> str:
        """Why this endpoint cannot be read natively, in a word (`tls`, `scheme`, `url`); empty when it can."""
        ...

    def read(self, ask: Ask) -> Reading:
        """Start to connect; returns at once."""
        ...


class Wakes:
    """A reading on the running event loop: a context manager that ends the reading with itself."""

    def __init__(self, ingest: Ingesting, ask: Ask) -> None:
        self.reading = ingest.read(ask)
        self._echo = Echo(ask.endpoint)
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Wakes:
        self._loop.add_reader(self.reading.fileno(), self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.remove_reader(self.reading.fileno())
        self.reading.stop()

    async def next(self, silence_s: float) -> Sequence[Other]:
        """The frames left to the connector, none when only updates wait. TimeoutError after silence; ReaderLost."""
        if not self.reading.ended:
            async with asyncio.timeout(silence_s):
                await self._woken.wait()
        self._woken.clear()
        others = [other._replace(frame=self._echo.out_of(other.frame)) for other in self.reading.others()]
        if not others and self.reading.ended:
            raise ReaderLost(self.reading.ended)
        return others

    def _look(self) -> None:
        if self.reading.look():
            self._woken.set()
