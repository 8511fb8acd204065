"""The native readers of sockets: what wiring hands to chain connectors."""

from __future__ import annotations

import structlog

from hoploop.hot import Ingest, Market, Reader
from hoploop.plugin.ingest import CAPACITY, Ask, Other
from hoploop.plugin.kinds import Drained


class NativeReading:
    """One connection, decoded natively: whenever the event loop looks, or by a thread that never sleeps."""

    def __init__(self, ask: Ask) -> None:
        """HotError (a ValueError) for an endpoint that is refused."""
        self._ingest = Ingest(ask.whole, ask.every, CAPACITY)
        for request, door in ask.expects.items():
            self._ingest.expect(request, door)
        self._reader = Reader(
            self._ingest, ask.endpoint, ask.requests, busy_poll=ask.busy_poll, quiet_us=ask.quiet_us,
            timeout_ms=ask.timeout_ms, max_frame=ask.max_frame,
        )  # fmt: skip

    @property
    def ended(self) -> str:
        """Why the connection ended, in a word; empty while it lives."""
        return self._reader.ended

    @property
    def newest(self) -> tuple[int, int | None] | None:
        """The block the last log told of and its time, where the node says it."""
        return self._ingest.newest

    def fileno(self) -> int:
        """A file that is readable when there is something to look at."""
        return self._reader.fileno()

    def look(self) -> bool:
        """Make it unreadable: whether updates or frames wait, or the connection ended, since the last look."""
        return self._reader.look()

    def others(self) -> list[Other]:
        """Take the frames that are the connector's matter, in order."""
        return [Other(*other) for other in self._reader.others()]

    def drain(self, market: Market, mark: int | None = None) -> Drained:
        """Give the market what waits, or what came before `mark`."""
        return Drained(*self._ingest.drain_until(market, mark))

    def stop(self) -> None:
        """End the connection and its thread."""
        self._reader.stop()


class NativeIngest:
    """Makes readings of the native module."""

    def refuses(self, endpoint: str) -> str:
        """Why this endpoint cannot be read natively, in a word; empty when it can."""
        why = Reader.refuses(endpoint)
        if why:
            # The endpoint may hold a key: only the reason is told.
            structlog.get_logger("ingest").warning("read in Python instead", why=why)
        return why

    def read(self, ask: Ask) -> NativeReading:
        """Start to connect; returns at once."""
        return NativeReading(ask)
