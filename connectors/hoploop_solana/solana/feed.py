"""Account and slot subscriptions over a WebSocket of their own, reconnecting for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from hoploop.errors import TransientError
from hoploop.plugin.kinds import FeedEvent, Gap
from hoploop_solana.solana.frames import Subscriptions

MAX_FRAME = 1 << 20
MAX_TOGETHER = 512
"""Frames looked at as one batch; more than that would keep decisions waiting."""
BACKOFF_MS: Final = (50, 100, 200, 400, 800, 1_600, 3_000)


class SolanaFeed:
    """Doors are 32-byte account keys. Each `stream` has its own socket.

    A `Gap` comes when the socket is lost and again when all subscriptions are confirmed on a new one: state read
    between the two may miss updates, state read after the second does not.
    """

    def __init__(self, url: str, *, silence_ms: int, gather_ms: int, clock_ns: Callable[[], int]) -> None:
        self._url = url
        self._gather_s = gather_ms / 1000
        self._silence_s = silence_ms / 1000
        self._clock_ns = clock_ns
        self.refused = 0
        """Frames that did not decode, over all connections."""

    async def stream(self, doors: Sequence[bytes]) -> AsyncGenerator[FeedEvent, None]:
        """Events until the consumer stops; never ends by itself."""
        failures = 0
        last_slot = 0
        while True:
            session = Subscriptions(doors, last_slot)
            try:
                async with self._socket(session) as socket:
                    yield Gap("subscribed", session.last_slot)
                    while True:
                        frames, at_ns = await self._together(socket)
                        failures = 0
                        for event in session.take(frames, at_ns):
                            yield event
            except (TimeoutError, OSError, WebSocketException, TransientError) as error:
                last_slot = session.last_slot
                yield Gap(f"connection lost ({_why(error)})", last_slot)
            finally:
                self.refused += session.refused
            await asyncio.sleep(BACKOFF_MS[min(failures, len(BACKOFF_MS) - 1)] / 1000)
            failures += 1

    @asynccontextmanager
    async def _socket(self, session: Subscriptions) -> AsyncIterator[ClientConnection]:
        """A connection on which every subscription is confirmed."""
        async with connect(
            self._url, open_timeout=self._silence_s, close_timeout=1, ping_interval=self._silence_s,
            ping_timeout=self._silence_s, max_size=MAX_FRAME, max_queue=MAX_TOGETHER,
            compression=None, proxy=None, user_agent_header=None,
        ) as socket:  # fmt: skip
            for request in session.requests():
                await socket.send(request)
            async with asyncio.timeout(self._silence_s):
                while not session.ready:
                    session.take([await socket.recv()], self._clock_ns())
            yield socket

    async def _together(self, socket: ClientConnection) -> tuple[list[str | bytes], int]:
        """The next frame, when it came, and what follows at once: accounts of one transaction belong together."""
        async with asyncio.timeout(self._silence_s):
            frames = [await socket.recv()]
        at_ns = self._clock_ns()
        with suppress(TimeoutError):
            # With nothing to gather this ends at the first wait: `recv` gives what is buffered without one.
            async with asyncio.timeout(self._gather_s):
                while len(frames) < MAX_TOGETHER:
                    frames.append(await socket.recv())
        return frames, at_ns


def _why(error: Exception) -> str:
    return error.message if isinstance(error, TransientError) else type(error).__name__
