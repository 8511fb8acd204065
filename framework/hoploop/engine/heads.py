"""The newest head of a chain, and a way to wait for the next one."""

from __future__ import annotations

import asyncio

from hoploop.model.chain import Head


class Heads:
    """Written by the street, awaited by everything that follows a transaction."""

    def __init__(self) -> None:
        self._pulse = asyncio.Event()
        self.count = 0
        """Heads seen: take it before a look at the chain, then wait for `after` it, and none is missed."""
        self.number = 0
        self.seen_ns = 0

    def see(self, head: Head) -> None:
        """Take a head and wake all waiters; after a reorganisation the number may fall."""
        self.number, self.seen_ns = head.number, head.seen_ns
        self.count += 1
        pulse, self._pulse = self._pulse, asyncio.Event()
        pulse.set()

    async def after(self, count: int, timeout_s: int = 1) -> None:
        """Return once more than `count` heads were seen, or after `timeout_s` when the chain is silent."""
        if self.count > count:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._pulse.wait()
        except TimeoutError:
            return
