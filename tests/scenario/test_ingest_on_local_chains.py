"""Frames of the local chains, as they come from their sockets, decoded natively and by the Python feeds."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import websockets
from solders.pubkey import Pubkey

from hoploop.errors import LocalError
from hoploop.hot import Ingest
from hoploop.local import evm, solana
from hoploop.local.running import RunningChain
from hoploop.local.solana.names import default_spec
from hoploop.plugin.kinds import Updates
from hoploop_evm.evm.outcome import log_parts
from hoploop_solana.solana.frames import Subscriptions

pytestmark = pytest.mark.chain

ENOUGH = 12
Update = tuple[bytes, int, bytes]


async def _stopping(chain: RunningChain) -> AsyncIterator[RunningChain]:
    try:
        yield chain
    finally:
        await chain.stop()


@pytest.fixture
async def solana_chain(tmp_path: Path) -> AsyncIterator[RunningChain]:
    chain = await solana.start(workdir=tmp_path, seed=1, slot_ms=100, traffic=True, world="", progress=lambda _: None)
    async for running in _stopping(chain):
        yield running


@pytest.fixture
async def evm_chain(tmp_path: Path) -> AsyncIterator[RunningChain]:
    try:
        chain = await evm.start(
            workdir=tmp_path, chain_id=31337, seed=1, block_ms=150, traffic=True, progress=lambda _: None
        )
    except LocalError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no local EVM chain here: {error}")
    async for running in _stopping(chain):
        yield running


async def test_account_notifications_of_the_local_chain(solana_chain: RunningChain) -> None:
    doors = [bytes(Pubkey.from_string(pool.address)) for pool in default_spec().pools]
    feed, ingest = Subscriptions(doors, 0), Ingest([], doors, 1000)
    expected: list[Update] = []
    async with websockets.connect(solana_chain.extras["ws"]) as socket, asyncio.timeout(30):
        for request in feed.requests():
            await socket.send(request)
        while len(expected) < ENOUGH:
            frame = await socket.recv()
            answer = orjson.loads(frame)
            if answer.get("id"):
                ingest.subscribe(answer["result"], doors[answer["id"] - 1])
            told = [event for event in feed.take([frame], 0) if isinstance(event, Updates)]
            assert ingest.push_frame(frame) == ("kept" if told else "other")
            expected += [(item.key, item.seq, item.data) for event in told for item in event.items]
    assert ingest.take() == expected


async def test_logs_of_the_local_chain(evm_chain: RunningChain) -> None:
    frames = await _log_frames(evm_chain.endpoint.removeprefix("ipc:"))
    logs = [orjson.loads(frame)["params"]["result"] for frame in frames]
    expected: list[Update] = []
    for log in logs:
        address, topics, data = log_parts(log)
        seq = int(log["blockNumber"], 16) << 20 | int(log["logIndex"], 16)
        expected.append((address + topics[0], seq, b"".join(topics[1:]) + data))
    ingest = Ingest([], sorted({key for key, _, _ in expected}), 1000)
    assert [ingest.push_frame(frame) for frame in frames] == ["kept"] * len(frames)
    assert ingest.take() == sorted(expected, key=lambda item: item[1])


async def _log_frames(path: str) -> list[bytes]:
    """A few notifications as anvil writes them, one JSON text each."""
    reader, writer = await asyncio.open_unix_connection(path)
    frames: list[bytes] = []
    try:
        writer.write(
            orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["logs", {}]}) + b"\n"
        )
        async with asyncio.timeout(30):
            while len(frames) < ENOUGH:
                frame = await reader.readline()
                if b"eth_subscription" in frame:
                    frames.append(frame)
    finally:
        writer.close()
        await writer.wait_closed()
    return frames
