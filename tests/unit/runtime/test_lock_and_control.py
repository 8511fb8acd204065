"""One engine a folder; the socket answers, refuses and survives bad clients."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hoploop.errors import ControlError
from hoploop.model.events import OperatorActed
from hoploop.model.status import AttemptCounts, EngineStatus, GateStatus, Latency, Quantiles
from hoploop.runtime.bus import Bus
from hoploop.runtime.clock import SystemClock
from hoploop.runtime.control import ControlServer
from hoploop.runtime.lock import EngineLock, clear_stale_socket
from hoploop.runtime.paths import StatePaths

STATUS = EngineStatus(
    recipe="r",
    fingerprint="f",
    mode="paper",
    version="0",
    pid=1,
    uptime_ms=1,
    in_flight=0,
    chains=(),
    limits=(),
    gate=GateStatus(state="dry", reason="start", by="engine"),
    latency_us=Latency(update_to_candidate=Quantiles(), update_to_signed=Quantiles(), signed_to_sent=Quantiles()),
)


DYING = """
import fcntl, os, sys
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
os.write(lock, b"1")
os._exit(9)
"""


class FakeActs:
    """Remembers acts; refuses `arm`."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []

    def status(self) -> EngineStatus:
        return STATUS

    def act(self, do: str, by: str, args: dict[str, Any]) -> dict[str, Any]:
        if do == "arm":
            raise ControlError("G105", "mode is dry")
        self.done.append((do, by))
        return {"state": "tripped"}


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    paths = StatePaths(tmp_path / "s")
    paths.make()
    return paths


@pytest.fixture
def acts() -> FakeActs:
    return FakeActs()


@pytest.fixture
def bus() -> Bus:
    return Bus(SystemClock(), lambda event: None)


@pytest.fixture
async def server(paths: StatePaths, acts: FakeActs, bus: Bus) -> AsyncIterator[ControlServer]:
    server = ControlServer(paths.socket, acts, bus)
    await server.open()
    yield server
    await server.close()


async def ask(path: Path, line: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(path, limit=1 << 21)
    writer.write(line + b"\n")
    answer = json.loads(await asyncio.wait_for(reader.readline(), 5))
    writer.close()
    await writer.wait_closed()
    assert isinstance(answer, dict)
    return answer


def test_a_second_engine_is_refused_and_told_who_holds_the_folder(paths: StatePaths) -> None:
    with EngineLock(paths), pytest.raises(ControlError, match=str(os.getpid())) as refusal, EngineLock(paths):
        pass
    assert refusal.value.code == "G203"


def test_the_lock_of_a_dead_process_is_taken_over(paths: StatePaths) -> None:
    subprocess.run([sys.executable, "-c", DYING, str(paths.lock)], check=False)
    with EngineLock(paths):
        assert paths.lock.read_text().strip() == str(os.getpid())


def test_the_folder_is_private(paths: StatePaths) -> None:
    assert paths.folder.stat().st_mode & 0o777 == 0o700


def test_a_socket_path_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ControlError) as refusal:
        StatePaths(tmp_path / ("x" * 100)).make()
    assert refusal.value.code == "G204"


def test_a_stale_socket_is_removed_and_a_file_is_not(paths: StatePaths) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(os.fspath(paths.socket))
    clear_stale_socket(paths.socket)
    assert not paths.socket.exists()
    paths.socket.write_text("precious")
    with pytest.raises(ControlError):
        clear_stale_socket(paths.socket)
    assert paths.socket.read_text() == "precious"


async def test_a_live_socket_is_left_alone(server: ControlServer, paths: StatePaths) -> None:
    with pytest.raises(ControlError) as refusal:
        await asyncio.to_thread(clear_stale_socket, paths.socket)
    assert refusal.value.code == "G203"


async def test_status_is_answered_on_a_private_socket(server: ControlServer, paths: StatePaths) -> None:
    assert paths.socket.stat().st_mode & 0o777 == 0o600
    answer = await ask(paths.socket, b'{"id":4,"do":"status"}')
    assert answer["id"] == 4
    assert answer["result"]["recipe"] == "r"


async def test_an_act_reaches_the_engine_with_its_operator(
    server: ControlServer, paths: StatePaths, acts: FakeActs
) -> None:
    answer = await ask(paths.socket, b'{"id":1,"do":"kill","by":"ann"}')
    assert answer["ok"] is True
    assert acts.done == [("kill", "ann")]


async def test_a_refusal_carries_code_and_hint(server: ControlServer, paths: StatePaths) -> None:
    answer = await ask(paths.socket, b'{"id":1,"do":"arm","by":"ann"}')
    assert answer["error"]["code"] == "G105"
    assert answer["error"]["hint"]


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"id":"x","do":1}', b"\xff\xfe", b'{"id":1,"do":"reboot"}'])
async def test_garbage_is_answered_with_an_error(server: ControlServer, paths: StatePaths, line: bytes) -> None:
    assert (await ask(paths.socket, line))["error"]["code"] == "G205"


async def test_a_giant_line_ends_only_its_own_client(server: ControlServer, paths: StatePaths) -> None:
    reader, writer = await asyncio.open_unix_connection(paths.socket)
    writer.write(b"x" * (3 << 20))
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    assert (await ask(paths.socket, b'{"id":1,"do":"status"}'))["ok"] is True


async def test_watch_sends_a_snapshot_then_deltas(server: ControlServer, paths: StatePaths, bus: Bus) -> None:
    reader, writer = await asyncio.open_unix_connection(paths.socket)
    writer.write(b'{"id":1,"do":"watch"}\n')
    first = json.loads(await asyncio.wait_for(reader.readline(), 5))
    assert first["result"]["status"]["recipe"] == "r"
    bus.publish(OperatorActed(act="arm", by="ann"))
    delta = json.loads(await asyncio.wait_for(reader.readline(), 5))["delta"]
    assert [event["act"] for event in delta["events"]] == ["arm"]
    writer.close()


async def test_a_console_is_told_how_it_ended(server: ControlServer, paths: StatePaths, bus: Bus) -> None:
    reader, writer = await asyncio.open_unix_connection(paths.socket)
    writer.write(b'{"id":1,"do":"watch"}\n')
    await asyncio.wait_for(reader.readline(), 5)
    bus.publish(OperatorActed(act="kill", by="ann"))
    await server.close()
    lines = (await asyncio.wait_for(reader.read(), 5)).splitlines()
    assert json.loads(lines[-1])["delta"]["events"][0]["act"] == "kill"
    writer.close()


def test_counts_default_to_zero() -> None:
    assert AttemptCounts() == AttemptCounts(landed=0, reverted=0, lost=0, refused=0, unknown=0)
