"""JSON-RPC 2.0 with a node: ids matched, answers bounded and timed, reads retried, sends never."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import tenacity

from hoploop.errors import PermanentError, TransientError
from hoploop.model.text import visible
from hoploop.plugin.echo import Echo
from hoploop.plugin.kinds import Permit
from hoploop_evm._shared.asking import Call, NodeError
from hoploop_evm._shared.wire import MAX_FRAME, Wire, connect

OnNotice = Callable[[dict[str, Any]], None]

READ_ATTEMPTS = 4
WINDOW = 256
"""Most calls under way at once in `many`."""
_BUSY = frozenset({-32005, -32016, 429})  # limit exceeded
_GONE = frozenset({-32001, -32000})  # resource not found, or the catch-all: worth one more look only by text
_BEHIND = ("header not found", "block not found", "unknown block", "missing trie node", "timeout", "too many requests")


class Rpc:
    """One connection to one node; opened at the first call and again after it was lost."""

    def __init__(
        self,
        endpoint: str,
        *,
        timeout_ms: int,
        max_frame: int = MAX_FRAME,
        on_notice: OnNotice | None = None,
        on_lost: Callable[[str], None] | None = None,
    ) -> None:
        self._endpoint, self._echo = endpoint, Echo(endpoint)
        self._timeout_s = timeout_ms / 1000
        self._max_frame = max_frame
        self._on_notice, self._tell_lost = on_notice, on_lost
        self._wire: Wire | None = None
        self._generation = 0
        self._opening = asyncio.Lock()
        self._last_id = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._closed = False

    def __repr__(self) -> str:
        return "Rpc(…)"

    async def read(self, method: str, *params: Any) -> Any:
        """Ask; transient faults are tried again with back-off. TransientError, PermanentError or NodeError."""
        return (await self.many([(method, list(params))]))[0]

    async def many(self, calls: Sequence[Call]) -> list[Any]:
        """Ask many things at once, answers in order; the whole set is tried again after a transient fault."""
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(READ_ATTEMPTS),
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=2),
            reraise=True,
        )
        return await retrying(self._many_once, calls)

    async def send(self, method: str, *params: Any, permit: Permit) -> Any:
        """Ask once, never again; `permit` is called in the line before the bytes are written."""
        wire = await self._connected()
        number, future = self._register()
        frame = _frame(number, method, list(params))
        try:
            permit()
            wire.send(frame)
            return await self._answer(method, future)
        finally:
            self._waiting.pop(number, None)

    def close(self) -> None:
        """Drop the connection; pending calls fail."""
        self._closed = True
        if self._wire is not None:
            self._wire.close()

    async def _many_once(self, calls: Sequence[Call]) -> list[Any]:
        answers: list[Any] = []
        for start in range(0, len(calls), WINDOW):
            answers += await self._window(calls[start : start + WINDOW])
        return answers

    async def _window(self, calls: Sequence[Call]) -> list[Any]:
        wire = await self._connected()
        posted = [(method, params, *self._register()) for method, params in calls]
        try:
            for method, params, number, _ in posted:
                wire.send(_frame(number, method, params))
            return [await self._answer(method, future) for method, _, _, future in posted]
        finally:
            for _, _, number, future in posted:
                self._waiting.pop(number, None)
                if future.done() and not future.cancelled():
                    future.exception()  # seen: another call of the window already told the caller

    async def _answer(self, method: str, future: asyncio.Future[Any]) -> Any:
        try:
            async with asyncio.timeout(self._timeout_s):
                reply = await asyncio.shield(future)
        except TimeoutError:
            raise TransientError("C101", f"{method}: no answer within {self._timeout_s:g} s") from None
        if "error" in reply and reply["error"] is not None:
            raise _node_error(method, reply["error"])
        if "result" not in reply:
            raise PermanentError("C102", f"{method}: neither result nor error")
        return reply["result"]

    async def _connected(self) -> Wire:
        async with self._opening:
            if self._closed:
                raise PermanentError("C101", "the connection is closed")
            if self._wire is None:
                self._generation += 1
                self._wire = await connect(
                    self._endpoint,
                    functools.partial(self._frame, self._generation),
                    functools.partial(self._lost, self._generation),
                    timeout_s=self._timeout_s,
                    max_frame=self._max_frame,
                )
            return self._wire

    def _register(self) -> tuple[int, asyncio.Future[Any]]:
        self._last_id += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._last_id] = future
        return self._last_id, future

    def _frame(self, generation: int, frame: bytes) -> None:
        if generation != self._generation:
            return  # rest of a connection that was given up
        try:
            message = orjson.loads(self._echo.out_of(frame))
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict):
            self._fail("the node sent something that is not JSON-RPC")
            return
        if message.get("method") == "eth_subscription" and self._on_notice is not None:
            self._on_notice(message)
            return
        number = message.get("id")
        future = self._waiting.pop(number, None) if isinstance(number, int) else None
        if future is not None and not future.done():
            future.set_result(message)

    def _fail(self, why: str) -> None:
        """Garbage on the wire: whatever comes after it cannot be trusted, so start over."""
        wire = self._wire
        self._lost(self._generation, why, TransientError("C102", why))
        if wire is not None:
            wire.close()

    def _lost(self, generation: int, why: str, error: TransientError | None = None) -> None:
        if generation != self._generation:
            return
        self._generation += 1
        self._wire = None
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(error or TransientError("C101", why))
        if self._tell_lost is not None:
            self._tell_lost(why)


def plain(text: Any) -> str:
    """A node's words for messages and logs: one line of at most 300 characters."""
    return visible(str(text)[:300])


def _frame(number: int, method: str, params: list[Any]) -> bytes:
    return orjson.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def _node_error(method: str, error: Any) -> Exception:
    if not isinstance(error, dict):
        return PermanentError("C102", f"{method}: the error is not an object")
    code = error.get("code")
    code = code if isinstance(code, int) else 0
    text = plain(error.get("message", ""))
    if code in _BUSY:
        return TransientError("C104", f"{method}: {text}", retry_after_s=1.0)
    if code in _GONE and any(words in text.lower() for words in _BEHIND):
        return TransientError("C101", f"{method}: {text}")
    return NodeError(method, code, text, error.get("data"))
