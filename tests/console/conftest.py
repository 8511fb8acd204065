"""A recorded stream and an engine that only pretends: what the console tests attach to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hoploop.console.source import Recording
from hoploop.model.status import EngineStatus, GateStatus

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
RECORDING = Path(__file__).parent / "recordings" / "two_chains.jsonl"


class FakeEngine:
    """Speaks the control protocol from the recording's last state; remembers what it was asked."""

    def __init__(self) -> None:
        *_, (_, self.frame) = Recording(RECORDING)._frames
        self.asked: list[dict[str, Any]] = []
        self.gate = "armed"
        self.silent = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()
        self.refuse: dict[str, str] | None = None

    def status(self) -> EngineStatus:
        """The recorded status with the present gate."""
        return msgspec.structs.replace(self.frame.status, gate=GateStatus(state=self.gate, reason="test", by="tester"))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        while line := await reader.readline():
            asked = msgspec.json.decode(line)
            if asked["do"] == "watch":
                await self._send(writer, {"id": asked["id"], "ok": True, "result": self._state()})
                await self._stream(writer)
                return
            self.asked.append(asked)
            await self.answers.wait()
            await self._send(writer, self._act(asked))

    def _state(self) -> dict[str, Any]:
        return {"status": self.status(), "events": self.frame.events}

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        while not self.silent.is_set():
            await self._send(writer, {"delta": {"status": self.status(), "events": [], "dropped": 0}})
            await asyncio.sleep(0.02)
        await asyncio.Event().wait()

    def _act(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.refuse is not None:
            return {"id": asked["id"], "ok": False, "error": self.refuse}
        self.gate = {"kill": "tripped", "pause": "paused", "resume": "armed", "arm": "armed"}.get(
            asked["do"], self.gate
        )
        return {"id": asked["id"], "ok": True, "result": {"state": self.gate, "reason": "test"}}

    @staticmethod
    async def _send(writer: asyncio.StreamWriter, message: object) -> None:
        writer.write(msgspec.json.encode(message) + b"\n")
        await writer.drain()


@asynccontextmanager
async def served(path: Path, handler: Handler) -> AsyncIterator[Path]:
    """A Unix socket answered by `handler`; every connection is closed at the end."""
    busy: set[asyncio.Task[Any]] = set()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        busy.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(client, path)
    try:
        yield path
    finally:
        server.close()
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


@pytest.fixture
def serve() -> Callable[[Path, Handler], Any]:
    """`served`, for tests that bring their own hostile engine."""
    return served


@pytest.fixture
def recording() -> Path:
    """The recorded stream."""
    return RECORDING


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[tuple[FakeEngine, Path]]:
    """A pretended engine and its socket."""
    fake = FakeEngine()
    async with served(tmp_path / "control.sock", fake.serve) as path:
        yield fake, path
