"""The feed: what it pushes, and that it never stays silent about what it may have missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from evm_fakes import GARBLED_NEWS, FakeNode, block, word

from hoploop.model.chain import Head
from hoploop.plugin.kinds import FeedEvent, Gap, Reorg, Updates
from hoploop_evm._shared.words import address_text
from hoploop_evm.evm import feed as feed_module
from hoploop_evm.evm import news as news_module
from hoploop_evm.evm.feed import EvmFeed
from hoploop_evm.evm.view import ChainView

POOL, TOPIC = b"\x0a" * 20, b"\x0b" * 32
DOOR = POOL + TOPIC


class Listener:
    """Collects the events of one stream."""

    def __init__(self, node: FakeNode, view: ChainView, stream: AsyncIterator[FeedEvent]) -> None:
        self.node, self.view, self._stream = node, view, stream

    async def next(self) -> FeedEvent:
        """The next event, within a second."""
        async with asyncio.timeout(1):
            return await anext(self._stream)

    async def subscribed(self) -> None:
        """Consume the gap every connection begins with."""
        gap = await self.next()
        assert isinstance(gap, Gap)
        assert gap.why.startswith("subscribed")


@pytest.fixture
async def listener(tmp_path: Path) -> AsyncIterator[Listener]:
    node, view = FakeNode(), ChainView()
    async with node.ipc(tmp_path) as endpoint:
        feed = EvmFeed(endpoint, view, timeout_ms=300, silence_ms=400, mono_ns=lambda: 42)
        stream = feed.stream([DOOR])
        yield Listener(node, view, stream)
        await stream.aclose()  # type: ignore[attr-defined]


def log(number: int, index: int, *, address: bytes = POOL, topic: bytes = TOPIC, **extra: Any) -> dict[str, Any]:
    return {
        "address": address_text(address),
        "topics": ["0x" + topic.hex(), word(5)],
        "data": word(6),
        "blockNumber": hex(number),
        "logIndex": hex(index),
        **extra,
    }


async def test_logs_and_heads_arrive_in_order(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push(log(7, 3))
    await listener.node.push(block(7))
    updates, head = await listener.next(), await listener.next()
    assert isinstance(updates, Updates)
    assert (updates.at_ns, updates.number) == (42, 7)
    assert updates.items == ((DOOR, 7 << 20 | 3, (5).to_bytes(32, "big") + (6).to_bytes(32, "big")),)
    assert isinstance(head, Head)
    assert (head.number, head.seen_ns) == (7, 42)
    assert (listener.view.head, listener.view.head_time) == (7, 1_000_007)


async def test_both_subscriptions_name_exactly_the_doors(listener: Listener) -> None:
    await listener.subscribed()
    logs, heads = (request["params"] for request in listener.node.requests)
    assert logs == ["logs", {"address": [address_text(POOL)], "topics": [["0x" + TOPIC.hex()]]}]
    assert heads == ["newHeads"]


async def test_many_addresses_take_several_subscriptions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news_module, "ADDRESSES", 2)
    node = FakeNode()
    async with node.ipc(tmp_path) as endpoint:
        stream = EvmFeed(endpoint, ChainView(), timeout_ms=300, silence_ms=400).stream(
            [bytes((at,)) * 20 + TOPIC for at in range(1, 6)]
        )
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
    assert len(node.requests) == 4


async def test_logs_of_unwatched_pools_are_dropped(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push(log(7, 0, topic=b"\x0c" * 32))
    await listener.node.push(block(7))
    assert isinstance(await listener.next(), Head)


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (block(9), "missed"),
        (block(8, branch=1, parent_branch=1), "reorganised"),
        (block(7, branch=1), "reorganised"),
        (block(6, branch=1), "reorganised"),
    ],
)
async def test_a_break_in_the_chain_is_a_gap(listener: Listener, second: dict[str, str], why: str) -> None:
    await listener.subscribed()
    await listener.node.push(block(7))
    await listener.node.push(second)
    assert isinstance(await listener.next(), Head)
    gap, head = await listener.next(), await listener.next()
    assert isinstance(gap, Gap)
    assert why in gap.why
    assert isinstance(head, Head)
    assert hex(head.number) == second["number"]


async def test_a_block_that_takes_the_place_of_another_takes_back_what_came_after_their_parent(
    listener: Listener,
) -> None:
    await listener.subscribed()
    for header in (block(7), block(8), block(9), block(8, branch=1, parent_branch=0)):
        await listener.node.push(header)
    events = [await listener.next() for _ in range(5)]
    assert [type(event) for event in events] == [Head, Head, Head, Reorg, Head]
    assert (events[3].number, events[4].number) == (7, 8)


async def test_a_log_of_another_block_tells_of_a_reorganisation_before_its_header_does(listener: Listener) -> None:
    await listener.subscribed()
    old, new = block(8)["hash"], block(8, branch=1)["hash"]
    for news in (
        block(7), log(8, 0, blockHash=old), block(8), log(8, 0, blockHash=new), log(8, 1, blockHash=new),
        block(8, branch=1, parent_branch=0),
    ):  # fmt: skip
        await listener.node.push(news)
    seen: list[FeedEvent] = []
    while len([event for event in seen if isinstance(event, Head)]) < 3:
        seen.append(await listener.next())
    told = [event for event in seen if isinstance(event, Reorg)]
    assert [reorg.number for reorg in told] == [7]
    before, after = seen[: seen.index(told[0])], seen[seen.index(told[0]) :]
    for events, count in ((before, 1), (after, 2)):
        assert sum(len(event.items) for event in events if isinstance(event, Updates)) == count


async def test_the_same_head_twice_is_no_news(listener: Listener) -> None:
    await listener.subscribed()
    for header in (block(7), block(7), block(8)):
        await listener.node.push(header)
    numbers = [(await listener.next()).number for _ in range(2)]
    assert numbers == [7, 8]


async def test_removed_logs_take_their_blocks_back_once(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push(log(8, 3, removed=True))
    await listener.node.push(log(8, 2, removed=True))
    await listener.node.push(log(7, 3, removed=True))
    await listener.node.push(log(7, 1))
    events = [await listener.next() for _ in range(3)]
    assert [(type(event), event.number) for event in events] == [(Reorg, 7), (Reorg, 6), (Updates, 7)]


async def test_a_lost_connection_is_a_gap_and_a_new_one_too(listener: Listener) -> None:
    await listener.subscribed()
    listener.node.hang_up()
    gap = await listener.next()
    assert isinstance(gap, Gap)
    assert "closed" in gap.why
    await listener.subscribed()
    assert listener.node.connections == 2


async def test_silence_is_a_gap(listener: Listener) -> None:
    await listener.subscribed()
    gap = await listener.next()
    assert isinstance(gap, Gap)
    assert "no news" in gap.why


@pytest.mark.parametrize("notice", GARBLED_NEWS)
async def test_garbage_news_are_a_gap(listener: Listener, notice: Any) -> None:
    await listener.subscribed()
    await listener.node.push(notice)
    assert isinstance(await listener.next(), Gap)
    await listener.subscribed()


async def test_garbage_bytes_are_a_gap(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push_raw(b"\x00\x01garbage")
    assert isinstance(await listener.next(), Gap)


async def test_a_reader_that_is_too_slow_starts_over(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "BACKLOG", 2)
    await listener.subscribed()
    for index in range(4):
        await listener.node.push(log(7, index))
    await asyncio.sleep(0.05)
    seen = [await listener.next(), await listener.next()]
    assert isinstance(seen[0], Updates)
    assert isinstance(seen[1], Gap)
    assert "faster" in seen[1].why


async def test_it_waits_for_a_node_that_is_not_there_yet(tmp_path: Path) -> None:
    node, view = FakeNode(), ChainView()
    stream = EvmFeed(f"ipc:{tmp_path / 'node.ipc'}", view, timeout_ms=100, silence_ms=400).stream([DOOR])

    async def first() -> FeedEvent:
        return await anext(stream)

    async with asyncio.TaskGroup() as group:
        gap = group.create_task(first())
        await asyncio.sleep(0.1)
        async with node.ipc(tmp_path), asyncio.timeout(3):
            assert isinstance(await gap, Gap)
            await stream.aclose()  # type: ignore[attr-defined]
