"""The feed on real sockets: reconnecting, silence, and servers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from hoploop.model.chain import Head
from hoploop.plugin.kinds import FeedEvent, Gap, Updates
from hoploop_solana._shared.testing import account_json, at_slot, named_key
from hoploop_solana.solana.feed import SolanaFeed
from hoploop_solana.solana.sources import MAX_FRAME, PythonSource

DOOR = bytes(named_key("door"))
Talk = Callable[[ServerConnection], Awaitable[None]]


async def confirm(socket: ServerConnection) -> None:
    """Answer the slot and the one account subscription with 70 and 71."""
    for _ in range(2):
        call = json.loads(await socket.recv())
        await socket.send(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": 70 + call["id"]}))


def slot(number: int, parent: int) -> str:
    """A slot notification."""
    params = {"subscription": 70, "result": {"slot": number, "parent": parent, "root": 0}}
    return json.dumps({"method": "slotNotification", "params": params})


def account(number: int, data: bytes) -> str:
    """An account notification."""
    params: dict[str, Any] = {"subscription": 71, "result": at_slot(account_json("x", data), number)}
    return json.dumps({"method": "accountNotification", "params": params})


@contextlib.asynccontextmanager
async def stream(
    *talks: Talk, silence_ms: int = 300, gather_ms: int = 0
) -> AsyncIterator[tuple[AsyncIterator[FeedEvent], SolanaFeed]]:
    """A feed on a server whose n-th connection is handled by the n-th talk, the last one for ever."""
    count = 0

    async def handle(socket: ServerConnection) -> None:
        nonlocal count
        talk = talks[min(count, len(talks) - 1)]
        count += 1
        await talk(socket)

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{port}"
        feed = SolanaFeed(PythonSource(url, silence_ms=silence_ms, gather_ms=gather_ms, clock_ns=lambda: 77))
        async with asyncio.timeout(10), contextlib.aclosing(feed.stream([DOOR])) as events:
            yield events, feed


async def take(events: AsyncIterator[FeedEvent], count: int) -> list[FeedEvent]:
    """The next events."""
    return [await anext(events) for _ in range(count)]


async def good(socket: ServerConnection) -> None:
    """A server that works: one slot, one update."""
    await confirm(socket)
    await socket.send(slot(5, 4))
    await socket.send(account(5, b"state"))
    await socket.wait_closed()


async def test_it_reports_a_gap_when_subscribed_then_what_comes() -> None:
    async with stream(good) as (events, _):
        gap, head, updates = await take(events, 3)
    assert gap == Gap("subscribed", 0)
    assert head == Head(number=5, parent="4", seen_ns=77)
    assert isinstance(updates, Updates)
    assert updates.items[0][::2] == (DOOR, b"state")


async def test_frames_of_one_write_come_as_one_batch() -> None:
    async def burst(socket: ServerConnection) -> None:
        await confirm(socket)
        await asyncio.sleep(0.05)
        for number in range(20):
            await socket.send(account(5, bytes([number])))
        await socket.wait_closed()

    async with stream(burst) as (events, _):
        await anext(events)
        batches = 0
        items: list[bytes] = []
        while len(items) < 20:
            event = await anext(events)
            assert isinstance(event, Updates)
            items += [item.data for item in event.items]
            batches += 1
    assert items == [bytes([number]) for number in range(20)]
    assert batches < 20


async def test_gathering_joins_what_a_server_sends_one_by_one() -> None:
    async def one_by_one(socket: ServerConnection) -> None:
        await confirm(socket)
        for number in range(3):
            await socket.send(account(5, bytes([number])))
            await asyncio.sleep(0.005)
        await socket.wait_closed()

    async with stream(one_by_one, gather_ms=50) as (events, _):
        await anext(events)
        updates = await anext(events)
    assert isinstance(updates, Updates)
    assert [item.data for item in updates.items] == [b"\0", b"\1", b"\2"]


async def _dies(socket: ServerConnection) -> None:
    await confirm(socket)
    await socket.send(slot(5, 4))
    await socket.send(slot(6, 5))
    socket.transport.abort()


async def test_a_lost_connection_is_a_gap_and_the_next_one_another() -> None:
    async with stream(_dies, good) as (events, _):
        kinds = [(type(event), getattr(event, "why", "")[:10]) for event in await take(events, 7)]
    assert kinds[:5] == [(Gap, "subscribed"), (Head, ""), (Head, ""), (Gap, "connection"), (Gap, "subscribed")]


async def _rejects(socket: ServerConnection) -> None:
    await socket.recv()
    await socket.send(json.dumps({"id": 0, "error": {"code": -32005, "message": "too many subscriptions"}}))
    await socket.wait_closed()


async def _giant(socket: ServerConnection) -> None:
    await confirm(socket)
    await socket.send("x" * (MAX_FRAME + 1))
    await socket.wait_closed()


async def _silent(socket: ServerConnection) -> None:
    await confirm(socket)
    await asyncio.sleep(0.6)


async def _never_confirms(socket: ServerConnection) -> None:
    await asyncio.sleep(0.6)


@pytest.mark.parametrize("talk", [_rejects, _giant, _silent, _never_confirms])
async def test_a_connection_that_cannot_be_used_is_given_up_for_a_new_one(talk: Talk) -> None:
    async with stream(talk, good) as (events, _):
        seen: list[FeedEvent] = []
        while not (seen and isinstance(seen[-1], Updates)):
            seen.append(await anext(events))
    assert any(isinstance(event, Gap) and event.why.startswith("connection lost") for event in seen)


async def test_a_server_that_speaks_no_websocket_is_tried_again() -> None:
    async def garbage(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x01 hello \r\n\r\n")
        writer.close()

    server = await asyncio.start_server(garbage, "127.0.0.1", 0)
    async with server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        feed = SolanaFeed(PythonSource(url, silence_ms=200, gather_ms=0, clock_ns=lambda: 0))
        async with asyncio.timeout(5), contextlib.aclosing(feed.stream([DOOR])) as events:
            gaps = await take(events, 3)
    assert all(isinstance(gap, Gap) and "connection lost" in gap.why for gap in gaps)


async def test_frames_that_do_not_decode_are_counted() -> None:
    async def noisy(socket: ServerConnection) -> None:
        await confirm(socket)
        await socket.send("{")
        await socket.send(account(5, b"ok"))
        socket.transport.abort()

    async with stream(noisy) as (events, feed):
        while not isinstance(await anext(events), Updates):
            pass
        while not isinstance(await anext(events), Gap):
            pass
        await anext(events)
        assert feed.refused >= 1
