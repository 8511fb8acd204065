"""One connection read by a native thread: logs never pass through Python, heads and answers do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson

from hoploop.errors import TransientError
from hoploop.plugin.ingest import Ask, Ingesting, Other, ReaderLost, Wakes
from hoploop.plugin.kinds import Drained, FeedEvent, Gap, Reorg, Waiting
from hoploop_evm._shared.rpc import plain
from hoploop_evm.evm.news import News, subscriptions
from hoploop_evm.evm.view import ChainView

MAX_FRAME = 16 << 20
SYNC = bytes.fromhex("1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1")
"""Topic of `Sync(uint112,uint112)`: it says the pair's whole state, so the newest is enough."""


class Native(NamedTuple):
    """How connections are read natively."""

    ingest: Ingesting
    quiet_us: int
    busy_poll: bool


class NativeSession:
    """The native counterpart of the feed's session in Python, with the same rules."""

    def __init__(self, native: Native, endpoint: str, timeout_ms: int, view: ChainView) -> None:
        self._native, self._endpoint, self._timeout_ms, self._view = native, endpoint, timeout_ms, view
        self._news = News(frozenset(), view)
        self._wakes: Wakes | None = None
        self._told: tuple[int, int | None] | None = None
        self._unread: list[Other] = []

    async def subscribe(self, doors: Sequence[bytes]) -> None:
        """TransientError when the node does not take them."""
        requests = [_request(number, params) for number, params in enumerate(subscriptions(doors))]
        ask = Ask(
            endpoint=self._endpoint, requests=tuple(requests),
            busy_poll=self._native.busy_poll, quiet_us=self._native.quiet_us,
            whole=tuple(door for door in doors if door[20:] == SYNC),
            every=tuple(door for door in doors if door[20:] != SYNC),
            timeout_ms=self._timeout_ms, max_frame=MAX_FRAME,
        )  # fmt: skip
        self._wakes = Wakes(self._native.ingest, ask)
        self._wakes.__enter__()
        missing = set(range(len(requests)))
        try:
            async with asyncio.timeout(self._timeout_ms / 1000):
                while missing:
                    for other in await self._next(self._timeout_ms / 1000):
                        self._answer(other, missing)
        except TimeoutError:
            raise TransientError("C101", "eth_subscribe: no answer") from None

    async def events(self, silence_s: float) -> AsyncIterator[FeedEvent]:
        """TransientError when the connection is lost, silent or sends what cannot be understood."""
        others, self._unread = self._unread, []
        while True:
            for other in others:
                for event in self._read(other):
                    if isinstance(event, Gap):
                        yield self._waiting(other.mark)
                    yield event
            yield self._waiting(None)
            try:
                others = await self._next(silence_s)
            except TimeoutError:
                raise TransientError("C101", f"no news for {silence_s:g} s") from None

    def close(self) -> None:
        """Drop the connection."""
        if self._wakes is not None:
            self._wakes.__exit__()
            self._wakes = None

    async def _next(self, silence_s: float) -> list[Other]:
        assert self._wakes is not None
        try:
            return list(await self._wakes.next(silence_s))
        except ReaderLost as error:
            raise TransientError("C101", f"the connection to the node is lost ({error})") from None

    def _answer(self, other: Other, missing: set[int]) -> None:
        message = _message(other)
        if message.get("method") == "eth_subscription":
            self._unread.append(other)
            return
        if message.get("error") is not None:
            raise TransientError("C103", f"eth_subscribe: {plain(message['error'])}")
        if not isinstance(message.get("result"), str):
            raise TransientError("C102", "eth_subscribe: the answer is no subscription id")
        missing.discard(message.get("id", -1))

    def _read(self, other: Other) -> list[FeedEvent]:
        message = _message(other)
        if message.get("method") != "eth_subscription":
            return []
        params = message.get("params")
        result = params.get("result") if isinstance(params, dict) else None
        if not isinstance(result, dict):
            raise TransientError("C102", "a notice is not an object")
        if other.what == "removed":
            # What waited is forgotten, of other blocks too: every pool must be read again.
            return [Gap("a block was taken back", self._view.head)]
        events = self._news.header(result, other.at_ns)
        # Which logs of the new branch came already is not known here.
        return [Gap(one.why, one.number) if isinstance(one, Reorg) else one for one in events]

    def _waiting(self, mark: int | None) -> Waiting:
        return Waiting(self._view.head, partial(self._drain, mark=mark))

    def _drain(self, market: Any, mark: int | None) -> Drained:
        assert self._wakes is not None
        reading = self._wakes.reading
        drained = reading.drain(market, mark)
        newest = reading.newest
        if newest is not None and newest != self._told:
            self._told = newest
            self._news.heard(*newest)
        return drained


def _message(other: Other) -> dict[str, Any]:
    """TransientError for what might have been a log: its loss must not go unnoticed."""
    if other.what not in ("other", "removed"):
        raise TransientError("C102", f"a notification cannot be understood ({other.what})")
    try:
        message = orjson.loads(other.frame)
    except orjson.JSONDecodeError:
        message = None
    if not isinstance(message, dict):
        raise TransientError("C102", "the node sent something that is not JSON-RPC")
    return message


def _request(number: int, params: list[Any]) -> str:
    return orjson.dumps({"jsonrpc": "2.0", "id": number, "method": "eth_subscribe", "params": params}).decode()
