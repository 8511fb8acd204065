"""Account and slot subscriptions over a WebSocket of their own, reconnecting for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from websockets.exceptions import WebSocketException

from hoploop.errors import TransientError
from hoploop.plugin.ingest import ReaderLost
from hoploop.plugin.kinds import FeedEvent, Gap
from hoploop_solana.solana.frames import Subscriptions
from hoploop_solana.solana.sources import Source

BACKOFF_MS: Final = (50, 100, 200, 400, 800, 1_600, 3_000)


class SolanaFeed:
    """Doors are 32-byte account keys. Each `stream` has its own socket.

    A `Gap` comes when the socket is lost and again when all subscriptions are confirmed on a new one: state read
    between the two may miss updates, state read after the second does not.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.refused = 0
        """Frames that did not decode, over all connections."""

    async def stream(self, doors: Sequence[bytes]) -> AsyncGenerator[FeedEvent, None]:
        """Events until the consumer stops; never ends by itself."""
        failures = 0
        last_slot = 0
        while True:
            session = Subscriptions(doors, last_slot, compressed=self._source.compressed)
            try:
                async with self._source.open(session) as following:
                    yield Gap("subscribed", session.last_slot)
                    while True:
                        events = await following()
                        failures = 0
                        for event in events:
                            yield event
            except (TimeoutError, OSError, WebSocketException, TransientError) as error:
                last_slot = session.last_slot
                yield Gap(f"connection lost ({_why(error)})", last_slot)
            finally:
                self.refused += session.refused
            await asyncio.sleep(BACKOFF_MS[min(failures, len(BACKOFF_MS) - 1)] / 1000)
            failures += 1


def _why(error: Exception) -> str:
    if isinstance(error, TransientError):
        return error.message
    return str(error) if isinstance(error, ReaderLost) else type(error).__name__
