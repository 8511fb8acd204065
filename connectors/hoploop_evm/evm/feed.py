"""Pushes logs and heads of one EVM chain, and says so whenever it may have missed something."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

import tenacity

from hoploop.errors import ConnectorError, TransientError
from hoploop.model.chain import Head
from hoploop.model.market import RawUpdate
from hoploop.plugin.kinds import FeedEvent, Gap, Updates
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm.evm.native import Native, NativeSession
from hoploop_evm.evm.news import News, subscriptions
from hoploop_evm.evm.view import ChainView

BACKLOG = 100_000
"""Most notices kept while the reader is busy; past it the connection starts over."""
PAUSE_MS, PAUSE_MAX_MS = 25, 5_000
"""Pause before the next connection, doubled for each one that brought no block."""


class EvmFeed:
    """`newHeads` and `logs` on a connection of its own, so that answers to calls never stand in front of news.

    Blocks that others replace are a `Reorg` as long as the block before them is known, else a `Gap`.
    """

    def __init__(
        self,
        endpoint: str,
        view: ChainView,
        *,
        timeout_ms: int,
        silence_ms: int,
        mono_ns: Callable[[], int] = time.monotonic_ns,
        native: Native | None = None,
    ) -> None:
        """With `native` logs never pass through Python; the endpoint must be one it takes."""
        self._endpoint, self._view = endpoint, view
        self._native = native
        self._timeout_ms, self._silence_s = timeout_ms, silence_ms / 1000
        self._mono_ns = mono_ns

    async def stream(self, doors: Sequence[bytes]) -> AsyncIterator[FeedEvent]:
        """Never ends by itself. Every connection begins with a `Gap`: state read before it may be older."""
        failures = 0
        while True:
            session = await self._connected(doors)
            try:
                yield Gap("subscribed: read the state again", self._view.head)
                async for event in session.events(self._silence_s):
                    if isinstance(event, Head):
                        failures = 0
                    yield event
            except ConnectorError as error:
                failures += 1
                yield Gap(error.message, self._view.head)
            finally:
                session.close()
            await asyncio.sleep(min(PAUSE_MS << min(failures, 16), PAUSE_MAX_MS) / 1000)

    async def _connected(self, doors: Sequence[bytes]) -> Session:
        """Connect and subscribe, with back-off, for as long as it takes."""
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(ConnectorError),
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=5),
        )
        return await retrying(self._open, doors)

    async def _open(self, doors: Sequence[bytes]) -> Session:
        session: Session
        if self._native is not None:
            session = NativeSession(self._native, self._endpoint, self._timeout_ms, self._view)
        else:
            session = _Session(self._endpoint, frozenset(doors), self._timeout_ms, self._mono_ns, self._view)
        try:
            await session.subscribe(doors)
        except BaseException:
            session.close()
            raise
        return session


class Session(Protocol):
    """One connection."""

    async def subscribe(self, doors: Sequence[bytes]) -> None: ...
    def events(self, silence_s: float) -> AsyncIterator[FeedEvent]: ...
    def close(self) -> None: ...


class _Session(News):
    """One connection in Python, from its subscriptions to its loss."""

    def __init__(
        self, endpoint: str, doors: frozenset[bytes], timeout_ms: int, mono_ns: Callable[[], int], view: ChainView
    ) -> None:
        super().__init__(doors, view)
        self._rpc = Rpc(endpoint, timeout_ms=timeout_ms, on_notice=self._notice, on_lost=self._lost)
        self._mono_ns = mono_ns
        self._backlog: deque[dict[str, Any]] = deque()
        self._news = asyncio.Event()
        self._broken: str | None = None

    async def subscribe(self, doors: Sequence[bytes]) -> None:
        """TransientError or PermanentError when the node does not take them."""
        for params in subscriptions(doors):
            if not isinstance(await self._rpc.read("eth_subscribe", *params), str):
                raise TransientError("C102", "eth_subscribe: the answer is no subscription id")

    async def events(self, silence_s: float) -> AsyncIterator[FeedEvent]:
        """TransientError when the connection is lost, silent or sends what cannot be understood."""
        while True:
            try:
                async with asyncio.timeout(silence_s):
                    await self._news.wait()
            except TimeoutError:
                raise TransientError("C101", f"no news for {silence_s:g} s") from None
            self._news.clear()
            for event in self._drained():
                yield event
            if self._broken is not None:
                raise TransientError("C101", self._broken)

    def close(self) -> None:
        """Drop the connection."""
        self._rpc.close()

    def _drained(self) -> list[FeedEvent]:
        """Everything that has arrived, logs that arrived together in one `Updates`."""
        at_ns = self._mono_ns()
        events: list[FeedEvent] = []
        logs: list[RawUpdate] = []
        while self._backlog:
            result = self._backlog.popleft()
            if "topics" in result:
                news, update = self.log(result)
                if news is not None:
                    _flush(logs, events, at_ns)
                    events.append(news)
                if update is not None:
                    logs.append(update)
            else:
                _flush(logs, events, at_ns)
                events += self.header(result, at_ns)
        _flush(logs, events, at_ns)
        return events

    def _notice(self, message: dict[str, Any]) -> None:
        params = message.get("params")
        result = params.get("result") if isinstance(params, dict) else None
        if not isinstance(result, dict):
            self._lost("a notice is not an object")
        elif len(self._backlog) >= BACKLOG:
            self._lost("news arrive faster than they are read")
        else:
            self._backlog.append(result)
            self._news.set()

    def _lost(self, why: str) -> None:
        self._broken = self._broken or why
        self._news.set()


def _flush(logs: list[RawUpdate], events: list[FeedEvent], at_ns: int) -> None:
    if logs:
        events.append(Updates(at_ns, logs[-1].seq >> 20, tuple(logs)))
        logs.clear()
