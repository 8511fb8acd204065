"""Starting and stopping the whole chain."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from hoploop.errors import LocalError
from hoploop.local.evm import CHAIN_ID, start, world_addresses
from hoploop.local.evm.rpc import IpcClient
from hoploop.local.evm.traffic.pools import traffic_pools
from hoploop.local.running import RunningChain


async def _start(workdir: Path, *, traffic: bool = False) -> RunningChain:
    return await start(
        workdir=workdir, chain_id=CHAIN_ID, seed=7, block_ms=100, traffic=traffic, progress=lambda _: None
    )


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_traffic_opens_spreads_and_stop_leaves_nothing(tmp_path: Path) -> None:
    chain = await _start(tmp_path, traffic=True)
    path = Path(chain.endpoint.removeprefix("ipc:"))
    try:
        node = await IpcClient.connect(path)
        pools = [pool for pool in traffic_pools(world_addresses()) if pool.tokens == ("weth", "usdc")]
        widest = 0
        for _ in range(100):
            states = await node.batch([("eth_call", (pool.view, "latest")) for pool in pools])
            prices = [pool.price(bytes.fromhex(state[2:])) for pool, state in zip(pools, states, strict=True)]
            levels = [numerator * 10**24 // denominator for numerator, denominator in prices]
            widest = max(widest, (max(levels) - min(levels)) * 10_000 // min(levels))
            if widest > 50:
                break
            await asyncio.sleep(0.1)
        await node.close()
    finally:
        await chain.stop()
        await chain.stop()
    assert widest > 50
    assert [pid for pid in chain.pids if _exists(pid)] == []
    assert list(tmp_path.glob("*.ipc")) == []


async def test_stop_cleans_up_after_a_dead_process(tmp_path: Path) -> None:
    chain = await _start(tmp_path)
    os.kill(chain.pids[0], signal.SIGKILL)
    await chain.stop()
    assert [pid for pid in chain.pids if _exists(pid)] == []


async def test_a_busy_socket_is_refused_and_left_alone(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "chain.ipc"))
        server.listen()
        with pytest.raises(LocalError) as caught:
            await _start(tmp_path)
    assert caught.value.code == "X110"
    assert (tmp_path / "chain.ipc").exists()


async def test_a_deep_folder_still_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    chain = await _start(deep)
    path = Path(chain.endpoint.removeprefix("ipc:"))
    try:
        assert len(os.fsencode(path)) <= 103
        assert (deep / "anvil.log").exists()
    finally:
        await chain.stop()
    assert not path.parent.exists()


async def test_a_missing_anvil_leaves_nothing_running(
    chain: RunningChain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chain.pids, "all packages are here, so that only anvil can be missing"
    monkeypatch.setattr("platform.machine", lambda: "vax")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LocalError) as caught:
        await _start(tmp_path)
    assert caught.value.code == "X105"
    assert list(tmp_path.glob("*.ipc")) == []
