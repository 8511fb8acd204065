"""The Solana feed read natively, on real sockets: the same rules as in Python, and nothing missed in silence."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hot_kit import account_door, amm_account, single
from websockets.asyncio.server import ServerConnection, serve

from hoploop.hot import Market
from hoploop.model.chain import Head
from hoploop.plugin.kinds import FeedEvent, Gap, Waiting
from hoploop.runtime.ingest import NativeIngest
from hoploop_solana._shared.testing import account_json, at_slot
from hoploop_solana.solana.feed import SolanaFeed
from hoploop_solana.solana.sources import MAX_PACKED_FRAME, NativeSource

DOOR = account_door(1)
OWNER = "11111111111111111111111111111111"
Talk = Callable[[ServerConnection], Awaitable[None]]


def pool() -> Market:
    """A market of one pool behind the door, loaded long ago."""
    market = single("constant_product", "hoploop_amm", [DOOR], (3, 1000))
    market.load(0, 1, amm_account(1_000, 1_000))
    return market


def reserves(market: Market) -> tuple[Any, Any]:
    state = market.pool_state(0)
    return state["reserve0"], state["reserve1"]


async def confirm(socket: ServerConnection) -> list[Any]:
    """Answer the slot and the one account subscription with 70 and 71; what was asked."""
    asked = []
    for _ in range(2):
        asked.append(json.loads(await socket.recv()))
        await socket.send(json.dumps({"jsonrpc": "2.0", "id": asked[-1]["id"], "result": 70 + asked[-1]["id"]}))
    return asked


def slot(number: int, parent: int) -> str:
    """A slot notification."""
    params = {"subscription": 70, "result": {"slot": number, "parent": parent, "root": 0}}
    return json.dumps({"method": "slotNotification", "params": params})


def account(number: int, reserve: int, *, packed: bool = False) -> str:
    """An account notification."""
    value = account_json(OWNER, amm_account(reserve, 2_000))
    if packed:
        plain = zstandard.ZstdCompressor().compressobj()
        data = plain.compress(amm_account(reserve, 2_000)) + plain.flush()
        value = account_json(OWNER, data)
        value["data"][1] = "base64+zstd"
    params: dict[str, Any] = {"subscription": 71, "result": at_slot(value, number)}
    return json.dumps({"method": "accountNotification", "params": params})


async def quiet(socket: ServerConnection) -> None:
    await socket.wait_closed()


@contextlib.asynccontextmanager
async def stream(*talks: Talk, **options: Any) -> AsyncIterator[tuple[AsyncIterator[FeedEvent], SolanaFeed]]:
    """A feed on a server whose n-th connection is handled by the n-th talk, the last one for ever."""
    count = 0

    async def handle(socket: ServerConnection) -> None:
        nonlocal count
        talk = talks[min(count, len(talks) - 1)]
        count += 1
        await talk(socket)

    chosen: dict[str, Any] = {"silence_ms": 400, "quiet_us": 0, "busy_poll": False, "compressed": False, **options}
    async with serve(handle, "127.0.0.1", 0, compression=None, max_size=None) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        feed = SolanaFeed(NativeSource(NativeIngest(), url, **chosen))
        async with asyncio.timeout(20), contextlib.aclosing(feed.stream([DOOR])) as events:
            yield events, feed


async def told(events: AsyncIterator[FeedEvent], count: int, market: Market | None = None) -> list[FeedEvent]:
    """The next events that are no updates; those go to the market as they come."""
    seen: list[FeedEvent] = []
    while len(seen) < count:
        event = await anext(events)
        if isinstance(event, Waiting):
            if market is not None:
                event.drain(market)
        else:
            seen.append(event)
    return seen


async def changed(events: AsyncIterator[FeedEvent], market: Market) -> list[bytes]:
    """Doors of the next updates."""
    while True:
        event = await anext(events)
        if isinstance(event, Waiting) and (keys := event.drain(market).keys):
            return list(keys)


def threads() -> int:
    """Native readers of this process."""
    return sum(path.read_text().strip() == "hoploop-ingest" for path in Path("/proc/self/task").glob("*/comm"))


@pytest.mark.parametrize("busy_poll", [False, True])
async def test_an_update_reaches_the_market_without_python(busy_poll: bool) -> None:
    async def talk(socket: ServerConnection) -> None:
        await confirm(socket)
        await socket.send(slot(5, 4))
        await socket.send(account(5, 1_234))
        await quiet(socket)

    market = pool()
    async with stream(talk, busy_poll=busy_poll) as (events, _):
        gap, head = await told(events, 2, market)
        while reserves(market) != (1_234, 2_000):
            event = await anext(events)
            assert isinstance(event, Waiting)
            event.drain(market)
    assert (gap, isinstance(head, Head) and head.number) == (Gap("subscribed", 0), 5)
    assert market.pool_state(0)["seq"] == 5 << 20 | 1


async def test_a_notification_right_behind_its_confirmation_is_not_missed() -> None:
    async def talk(socket: ServerConnection) -> None:
        for answer in (0, 1):
            await socket.recv()
            await socket.send(json.dumps({"id": answer, "result": 70 + answer}))
        await socket.send(account(5, 77))
        await quiet(socket)

    market = pool()
    async with stream(talk) as (events, feed):
        assert await changed(events, market) == [DOOR]
        assert feed.refused == 0
    assert reserves(market) == (77, 2_000)


async def test_accounts_may_come_packed() -> None:
    asked: list[Any] = []

    async def talk(socket: ServerConnection) -> None:
        asked.extend(await confirm(socket))
        await socket.send(account(5, 4_321, packed=True))
        await quiet(socket)

    market = pool()
    async with stream(talk, compressed=True) as (events, _):
        await changed(events, market)
    assert asked[1]["params"][1]["encoding"] == "base64+zstd"
    assert reserves(market) == (4_321, 2_000)


async def test_accounts_of_one_transaction_come_together() -> None:
    async def one_by_one(socket: ServerConnection) -> None:
        await confirm(socket)
        await asyncio.sleep(0.05)
        for number in range(3):
            await socket.send(account(5, 10 + number))
            await asyncio.sleep(0.005)
        await quiet(socket)

    market = pool()
    async with stream(one_by_one, quiet_us=50_000) as (events, _):
        await changed(events, market)
    assert reserves(market) == (12, 2_000), "the newest has won"


async def test_what_came_before_a_gap_is_given_before_it() -> None:
    async def skips(socket: ServerConnection) -> None:
        await confirm(socket)
        await asyncio.sleep(0.05)
        for text in (slot(5, 4), account(5, 55), slot(9, 8), account(9, 99)):
            await socket.send(text)
        await quiet(socket)

    market = pool()
    async with stream(skips, quiet_us=20_000) as (events, _):
        found = await told(events, 3, market)
        assert isinstance(found[2], Gap)
        assert "not 5" in found[2].why
        assert reserves(market) in {(1_000, 1_000), (55, 2_000)}, "only what came before it"
        await changed(events, market)
    assert reserves(market) == (99, 2_000)


async def _good(socket: ServerConnection) -> None:
    await confirm(socket)
    await socket.send(slot(5, 4))
    await quiet(socket)


async def _rejects(socket: ServerConnection) -> None:
    await socket.recv()
    await socket.send(json.dumps({"id": 0, "error": {"code": -32005, "message": "too many subscriptions"}}))
    await quiet(socket)


async def _giant(socket: ServerConnection) -> None:
    await confirm(socket)
    await socket.send("x" * (MAX_PACKED_FRAME + 1))
    await quiet(socket)


async def _silent(socket: ServerConnection) -> None:
    await confirm(socket)
    await asyncio.sleep(0.8)


async def _never_confirms(socket: ServerConnection) -> None:
    await asyncio.sleep(0.8)


async def _dies(socket: ServerConnection) -> None:
    await confirm(socket)
    socket.transport.abort()


async def _babbles(socket: ServerConnection) -> None:
    await confirm(socket)
    await socket.send("{")
    await quiet(socket)


async def _lies(socket: ServerConnection) -> None:
    await confirm(socket)
    await socket.send(account(5, 7).replace('"base64"', '"base65"'))
    await quiet(socket)


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (_rejects, "too many subscriptions"),
        (_giant, "size"),
        (_silent, "TimeoutError"),
        (_never_confirms, "TimeoutError"),
        (_dies, "gone"),
        (_babbles, "cannot be understood (json)"),
        (_lies, "cannot be understood (encoding)"),
    ],
)
async def test_a_connection_that_cannot_be_used_is_a_gap_with_its_reason_and_given_up(talk: Talk, why: str) -> None:
    async with stream(talk, _good) as (events, _):
        seen: list[FeedEvent] = []
        while not (seen and isinstance(seen[-1], Head)):
            seen += await told(events, 1)
    lost = [event.why for event in seen if isinstance(event, Gap) and "lost" in event.why]
    assert [why in text for text in lost] == [True]
    assert seen[-2] == Gap("subscribed", 0)


async def test_nobody_there_is_tried_again() -> None:
    feed = SolanaFeed(
        NativeSource(
            NativeIngest(), "ws://127.0.0.1:9", silence_ms=300, quiet_us=0, busy_poll=False, compressed=False
        )
    )
    async with asyncio.timeout(5), contextlib.aclosing(feed.stream([DOOR])) as events:
        gaps = await told(events, 3)
    assert gaps == [Gap("connection lost (unreachable)", 0)] * 3


@pytest.mark.parametrize("busy_poll", [False, True])
async def test_a_stream_that_is_closed_leaves_no_thread_behind(busy_poll: bool) -> None:
    before = threads()
    async with stream(_good, busy_poll=busy_poll) as (events, _):
        await told(events, 2)
        assert threads() == before + busy_poll
    assert threads() == before
