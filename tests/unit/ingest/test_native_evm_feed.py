"""The EVM feed read natively: the same rules as in Python, and nothing missed in silence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from evm_fakes import GARBLED_NEWS, FakeNode, block, word
from hot_kit import SYNC, door, single_v2, sync

from hoploop.model.chain import Head
from hoploop.plugin.kinds import FeedEvent, Gap, Waiting
from hoploop.runtime.ingest import NativeIngest
from hoploop_evm._shared.words import address_text
from hoploop_evm.evm.feed import EvmFeed
from hoploop_evm.evm.native import Native
from hoploop_evm.evm.view import ChainView

DOOR = door(1)


class Listener:
    """The events of one stream; updates go to a market of one pair as they come."""

    def __init__(self, node: FakeNode, view: ChainView, stream: AsyncIterator[FeedEvent]) -> None:
        self.node, self.view, self._stream = node, view, stream
        self.market = single_v2(1_000, 1_000)
        self.keys: list[bytes] = []

    async def next(self) -> FeedEvent:
        """The next event that is no update, within two seconds."""
        async with asyncio.timeout(2):
            while isinstance(event := await anext(self._stream), Waiting):
                self.keys += event.drain(self.market).keys
            return event

    async def updated(self) -> tuple[Any, Any]:
        """The pair's reserves after the next updates."""
        async with asyncio.timeout(2):
            while not self.keys:
                event = await anext(self._stream)
                assert isinstance(event, Waiting)
                self.keys += event.drain(self.market).keys
        state = self.market.pool_state(0)
        return state["reserve0"], state["reserve1"]

    async def subscribed(self) -> None:
        """Consume the gap every connection begins with."""
        gap = await self.next()
        assert isinstance(gap, Gap)
        assert gap.why.startswith("subscribed")


@pytest.fixture(params=["ipc", "websocket"])
async def listener(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Listener]:
    node, view = FakeNode(), ChainView()
    serving = node.ipc(tmp_path) if request.param == "ipc" else node.websocket()
    async with serving as endpoint:
        feed = EvmFeed(endpoint, view, timeout_ms=300, silence_ms=400, native=Native(NativeIngest(), 0, False))
        async with contextlib.aclosing(feed.stream([DOOR])) as stream:  # type: ignore[type-var]
            yield Listener(node, view, stream)


def log(number: int, index: int, *, topic: bytes = SYNC, data: bytes = sync(5, 6), **extra: Any) -> dict[str, Any]:
    return {
        "address": address_text(DOOR[:20]),
        "topics": ["0x" + topic.hex()],
        "data": "0x" + data.hex(),
        "blockNumber": hex(number),
        "logIndex": hex(index),
        "removed": False,
        **extra,
    }


async def test_a_log_reaches_the_market_without_python(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push(log(7, 3))
    assert await listener.updated() == (5, 6)
    assert listener.keys == [DOOR]
    assert listener.market.pool_state(0)["seq"] == 7 << 20 | 3


async def test_subscriptions_name_exactly_the_doors(listener: Listener) -> None:
    await listener.subscribed()
    logs, heads = (request["params"] for request in listener.node.requests)
    assert logs == ["logs", {"address": [address_text(DOOR[:20])], "topics": [["0x" + SYNC.hex()]]}]
    assert heads == ["newHeads"]


async def test_a_log_tells_of_its_block_before_the_header_does(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push(block(6))
    await listener.next()
    await listener.node.push(log(7, 0, blockTimestamp="0x68"))
    await listener.updated()
    assert (listener.view.head, listener.view.head_time) == (7, 0x68)


async def test_a_branch_that_was_left_does_not_come_back_as_the_head(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push(block(7))
    await listener.next()
    await listener.node.push(log(8, 0))
    await listener.updated()
    await listener.node.push(block(7, branch=1))
    while not isinstance(await listener.next(), Gap):
        pass
    assert isinstance(await listener.next(), Head)
    listener.keys.clear()
    await listener.node.push(log(7, 9))
    await listener.updated()
    assert listener.view.head == 7


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


async def test_a_removed_log_is_a_gap_and_takes_what_waits_with_it(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push(log(7, 3))
    await listener.node.push(log(7, 3, removed=True))
    await asyncio.sleep(0.1)
    gap = await listener.next()
    assert isinstance(gap, Gap)
    assert "taken back" in gap.why
    assert listener.keys == []


async def test_a_lost_connection_is_a_gap_and_a_new_one_too(listener: Listener) -> None:
    await listener.subscribed()
    listener.node.hang_up()
    gap = await listener.next()
    assert isinstance(gap, Gap)
    assert "lost (gone)" in gap.why
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


async def test_logs_of_other_topics_change_nothing(listener: Listener) -> None:
    await listener.subscribed()
    await listener.node.push(log(7, 0, topic=bytes.fromhex(word(9)[2:])))
    await listener.node.push(block(7))
    assert isinstance(await listener.next(), Head)
    assert listener.keys == []


async def test_a_node_that_refuses_the_subscription_is_asked_again(tmp_path: Path) -> None:
    node = FakeNode()
    node.answers["eth_subscribe"] = None
    async with node.ipc(tmp_path) as endpoint:
        native = Native(NativeIngest(), 0, False)
        feed = EvmFeed(endpoint, ChainView(), timeout_ms=300, silence_ms=400, native=native)
        async with contextlib.aclosing(feed.stream([DOOR])) as stream:  # type: ignore[type-var]
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await anext(stream)
    assert node.connections > 1
