"""The two ways to a node's notifications: a WebSocket in Python, or a native reader; both speak the same protocol."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect

from hoploop.errors import TransientError
from hoploop.plugin.echo import Echo
from hoploop.plugin.ingest import Ask, Ingesting, Other, Reading, Wakes
from hoploop.plugin.kinds import FeedEvent, Gap, Reorg, Updates, Waiting
from hoploop_solana.solana.frames import Subscriptions

MAX_FRAME = 1 << 20
MAX_PACKED_FRAME = 16 << 20
"""Largest frame of the native reader: every account in base64, with room."""
MAX_TOGETHER = 512
"""Frames looked at as one batch; more than that would keep decisions waiting."""

Following = Callable[[], Awaitable[list[FeedEvent]]]
"""What comes next, together."""


class Source(Protocol):
    """Opens connections."""

    @property
    def compressed(self) -> bool:
        """Whether accounts are asked for as base64+zstd."""
        ...

    def open(self, session: Subscriptions) -> AbstractAsyncContextManager[Following]:
        """A connection on which every subscription is confirmed. Errors of sockets, TimeoutError, TransientError."""
        ...


class PythonSource:
    """Frames are read and decoded in Python."""

    compressed = False

    def __init__(self, url: str, *, silence_ms: int, gather_ms: int, clock_ns: Callable[[], int]) -> None:
        self._url, self._echo = url, Echo(url)
        self._gather_s = gather_ms / 1000
        self._silence_s = silence_ms / 1000
        self._clock_ns = clock_ns

    @asynccontextmanager
    async def open(self, session: Subscriptions) -> AsyncIterator[Following]:
        """Confirmed within the silence that is allowed."""
        async with connect(
            self._url, open_timeout=self._silence_s, close_timeout=1, ping_interval=self._silence_s,
            ping_timeout=self._silence_s, max_size=MAX_FRAME, max_queue=MAX_TOGETHER,
            compression=None, proxy=None, user_agent_header=None,
        ) as socket:  # fmt: skip
            for request in session.requests():
                await socket.send(request)
            async with asyncio.timeout(self._silence_s):
                while not session.ready:
                    session.take([await self._frame(socket)], self._clock_ns())
            yield partial(self._next, session, socket)

    async def _next(self, session: Subscriptions, socket: ClientConnection) -> list[FeedEvent]:
        """The next frame, when it came, and what follows at once: accounts of one transaction belong together."""
        async with asyncio.timeout(self._silence_s):
            frames = [await self._frame(socket)]
        at_ns = self._clock_ns()
        with suppress(TimeoutError):
            # With nothing to gather this ends at the first wait: `recv` gives what is buffered without one.
            async with asyncio.timeout(self._gather_s):
                while len(frames) < MAX_TOGETHER:
                    frames.append(await self._frame(socket))
        return session.take(frames, at_ns)

    async def _frame(self, socket: ClientConnection) -> bytes:
        return self._echo.out_of(await socket.recv(decode=False))


class NativeSource:
    """Account notifications never pass through Python; every other frame does."""

    def __init__(
        self, ingest: Ingesting, url: str, *, silence_ms: int, quiet_us: int, busy_poll: bool, compressed: bool
    ) -> None:
        self.compressed = compressed
        self._ingest, self._url = ingest, url
        self._silence_ms, self._quiet_us, self._busy_poll = silence_ms, quiet_us, busy_poll

    @asynccontextmanager
    async def open(self, session: Subscriptions) -> AsyncIterator[Following]:
        """Confirmed within the silence that is allowed."""
        ask = Ask(
            endpoint=self._url, requests=tuple(session.requests()), whole=session.doors, expects=session.expects(),
            busy_poll=self._busy_poll, quiet_us=self._quiet_us, timeout_ms=self._silence_ms, max_frame=MAX_PACKED_FRAME,
        )  # fmt: skip
        with Wakes(self._ingest, ask) as wakes:
            unread: deque[Other] = deque()
            first = [unread]
            async with asyncio.timeout(self._silence_ms / 1000):
                while not session.ready:
                    unread.extend(await wakes.next(self._silence_ms / 1000))
                    while unread and not session.ready:
                        _taken(session, unread.popleft())
            yield partial(self._next, session, wakes, first)

    async def _next(self, session: Subscriptions, wakes: Wakes, first: list[deque[Other]]) -> list[FeedEvent]:
        """What was left to us, in order with what waits: updates before a gap are given to the market before it."""
        events: list[FeedEvent] = []
        # What came with the last confirmation has been told of already.
        others = first.pop() if first else await wakes.next(self._silence_ms / 1000)
        for other in others:
            for event in _taken(session, other):
                if isinstance(event, Gap):
                    events.append(_waiting(session, wakes.reading, other.mark))
                events.append(event)
        events.append(_waiting(session, wakes.reading, None))
        return events


def _taken(session: Subscriptions, other: Other) -> list[FeedEvent]:
    """TransientError for what might have been an update: its loss must not go unnoticed."""
    if other.what != "other":
        session.refused += 1
        raise TransientError("C202", f"a notification cannot be understood ({other.what})")
    events = session.take([other.frame], other.at_ns)
    if any(isinstance(event, Updates) for event in events):
        raise TransientError("C202", "a notification under a number that was given twice")
    # Which updates of the new fork came already is not known here.
    return [Gap(event.why, event.number) if isinstance(event, Reorg) else event for event in events]


def _waiting(session: Subscriptions, reading: Reading, mark: int | None) -> Waiting:
    return Waiting(session.last_slot, partial(reading.drain, mark=mark))
