"""JSON-RPC to anvil over its IPC socket: sequential calls, pipelined batches, notifications kept aside."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from hoploop.errors import LocalError

Call = tuple[str, Sequence[Any]]

_LONGEST_MESSAGE = 64 * 1024 * 1024
_TIMEOUT_S = 60.0
_KEPT_NOTIFICATIONS = 10_000


class RpcError(LocalError):
    """The node answered with an error object; `data` is its revert data or None."""

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        super().__init__("X111", f"{method}: {str(error.get('message'))[:300]}")
        self.reason = str(error.get("message"))
        self.data = error.get("data")


class IpcClient:
    """One connection. Calls from several tasks are served in turn; anvil ends each message with a newline."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._lock = asyncio.Lock()
        self._next_id = 0
        self.notifications: deque[Any] = deque(maxlen=_KEPT_NOTIFICATIONS)
        """`params.result` of subscription messages seen while reading answers, oldest first."""

    @classmethod
    async def connect(cls, path: Path) -> IpcClient:
        """Open a connection; OSError when nothing listens."""
        return cls(*await asyncio.open_unix_connection(path, limit=_LONGEST_MESSAGE))

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def call(self, method: str, *params: Any) -> Any:
        """The result; RpcError when the node says no, OSError or TimeoutError when it does not answer."""
        answer = (await self.batch([(method, params)]))[0]
        if isinstance(answer, RpcError):
            raise answer
        return answer

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Send all, then read all; errors stand in the list as RpcError instances."""
        async with self._lock, asyncio.timeout(_TIMEOUT_S):
            first = self._next_id
            self._next_id += len(calls)
            for offset, (method, params) in enumerate(calls):
                request = {"jsonrpc": "2.0", "id": first + offset, "method": method, "params": list(params)}
                self._writer.write(orjson.dumps(request) + b"\n")
            await self._writer.drain()
            answers: dict[int, Any] = {}
            while len(answers) < len(calls):
                await self._read_into(answers, range(first, self._next_id))
        return [_result(calls[offset][0], answers[first + offset]) for offset in range(len(calls))]

    async def _read_into(self, answers: dict[int, Any], wanted: range) -> None:
        line = await self._reader.readline()
        if not line:
            raise ConnectionResetError("anvil closed the connection")
        message = orjson.loads(line)
        if "method" in message:
            self.notifications.append(message["params"]["result"])
        elif message["id"] in wanted:  # anything else answers a call that was given up
            answers[message["id"]] = message


def _result(method: str, message: dict[str, Any]) -> Any:
    error = message.get("error")
    return RpcError(method, error) if error else message.get("result")
