"""Pushes logs and heads of one EVM chain, and says so whenever it may have missed something."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import tenacity

from hoploop.errors import ConnectorError, TransientError
from hoploop.model.chain import Head
from hoploop.model.market import RawUpdate
from hoploop.plugin.kinds import FeedEvent, Gap, Reorg, Updates
from hoploop_evm._shared.node import block_head, block_time
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.words import address_text, quantity
from hoploop_evm.evm.branch import Branch, BranchLost
from hoploop_evm.evm.outcome import log_parts
from hoploop_evm.evm.view import ChainView

ADDRESSES = 500
"""Most addresses in one subscription; more pools take several."""
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
    ) -> None:
        self._endpoint, self._view = endpoint, view
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

    async def _connected(self, doors: Sequence[bytes]) -> _Session:
        """Connect and subscribe, with back-off, for as long as it takes."""
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(ConnectorError),
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=5),
        )
        return await retrying(self._open, doors)

    async def _open(self, doors: Sequence[bytes]) -> _Session:
        session = _Session(self._endpoint, frozenset(doors), self._timeout_ms, self._mono_ns, self._view)
        try:
            await session.subscribe(doors)
        except BaseException:
            session.close()
            raise
        return session


class _Session:
    """One connection from its subscriptions to its loss."""

    def __init__(
        self, endpoint: str, doors: frozenset[bytes], timeout_ms: int, mono_ns: Callable[[], int], view: ChainView
    ) -> None:
        self._rpc = Rpc(endpoint, timeout_ms=timeout_ms, on_notice=self._notice, on_lost=self._lost)
        self._doors, self._mono_ns, self._view = doors, mono_ns, view
        self._backlog: deque[dict[str, Any]] = deque()
        self._news = asyncio.Event()
        self._broken: str | None = None
        self._head: Head | None = None
        self._branch = Branch()

    async def subscribe(self, doors: Sequence[bytes]) -> None:
        """TransientError or PermanentError when the node does not take them."""
        addresses = sorted({address_text(door[:20]) for door in doors})
        topics = sorted({"0x" + door[20:].hex() for door in doors})
        for at in range(0, len(addresses), ADDRESSES):
            await self._subscribe("logs", {"address": addresses[at : at + ADDRESSES], "topics": [topics]})
        await self._subscribe("newHeads")

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

    async def _subscribe(self, *params: Any) -> None:
        if not isinstance(await self._rpc.read("eth_subscribe", *params), str):
            raise TransientError("C102", "eth_subscribe: the answer is no subscription id")

    def _drained(self) -> list[FeedEvent]:
        """Everything that has arrived, logs that arrived together in one `Updates`."""
        at_ns = self._mono_ns()
        events: list[FeedEvent] = []
        logs: list[RawUpdate] = []
        while self._backlog:
            result = self._backlog.popleft()
            if "topics" in result:
                news, update = self._log(result)
                if news is not None:
                    _flush(logs, events, at_ns)
                    events.append(news)
                if update is not None:
                    logs.append(update)
            else:
                _flush(logs, events, at_ns)
                events += self._header(result, at_ns)
        _flush(logs, events, at_ns)
        return events

    def _log(self, log: dict[str, Any]) -> tuple[Gap | Reorg | None, RawUpdate | None]:
        number = quantity(log.get("blockNumber"), "a log's block")
        told = log.get("blockHash")
        block_hash = told if isinstance(told, str) else None
        if log.get("removed"):
            return _reorg("a block was taken back", self._branch.removed(number, block_hash)), None
        news: Gap | Reorg | None
        try:
            news = _reorg("another block took its place", self._branch.log(number, block_hash))
        except BranchLost as lost:
            news = Gap(str(lost), number)
        if number > self._view.head:
            # Logs may come before their header, and what is built on them belongs to the block after theirs.
            self._view.saw(number, self._time_of(log, number))
        address, topics, data = log_parts(log)
        key = address + topics[0] if topics else b""
        if key not in self._doors:
            return news, None
        seq = number << 20 | quantity(log.get("logIndex"), "a log's index")
        return news, RawUpdate(key, seq, b"".join(topics[1:]) + data)

    def _time_of(self, log: dict[str, Any], number: int) -> int:
        """The block's time where the node tells it with a log, else the least it can be."""
        told = log.get("blockTimestamp")
        if told is None:
            return self._view.head_time + (number - self._view.head)
        return quantity(told, "a log's block time")

    def _header(self, header: dict[str, Any], at_ns: int) -> list[FeedEvent]:
        bare = block_head(header)
        self._view.saw(bare.number, block_time(header))
        head = Head(number=bare.number, hash=bare.hash, parent=bare.parent, seen_ns=at_ns)
        before, self._head = self._head, head
        if before is not None and before.hash == head.hash:
            return []
        try:
            news = _reorg("the chain was reorganised", self._branch.header(head.number, head.hash, head.parent))
        except BranchLost as lost:
            return [Gap(str(lost), head.number), head]
        return [head] if news is None else [news, head]

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


def _reorg(why: str, number: int | None) -> Reorg | None:
    return None if number is None else Reorg(why, number)


def _flush(logs: list[RawUpdate], events: list[FeedEvent], at_ns: int) -> None:
    if logs:
        events.append(Updates(at_ns, logs[-1].seq >> 20, tuple(logs)))
        logs.clear()
