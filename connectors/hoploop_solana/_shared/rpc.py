"""JSON-RPC 2.0 with checked shapes: reads are retried, sends never are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, overload

import msgspec
import orjson
import tenacity

from hoploop.errors import PermanentError, TransientError
from hoploop.plugin.kinds import Permit
from hoploop_solana._shared.asking import NodeError
from hoploop_solana._shared.wire import Reply, Wire, plain

T = TypeVar("T")

READ_ATTEMPTS = 3
# Node behind, block or slot not there yet, minimum context slot not reached, internal error.
_TRANSIENT = frozenset({-32004, -32005, -32007, -32014, -32016, -32603})


class _Error(msgspec.Struct, frozen=True):
    code: int = 0
    message: str = ""
    data: Any = None


class _Envelope(msgspec.Struct, frozen=True):
    id: int | str | None = None
    result: msgspec.Raw = msgspec.Raw(b"")
    error: _Error | None = None


class JsonRpc:
    """One endpoint. Every answer is decoded into the type the caller names, so a wrong shape never travels on."""

    def __init__(self, wire: Wire, url: str) -> None:
        self._wire = wire
        self._url = url
        self._last_id = 0

    def __repr__(self) -> str:
        return "JsonRpc(…)"

    def at(self, url: str) -> JsonRpc:
        """Another endpoint over the same connection pool."""
        return JsonRpc(self._wire, url)

    @overload
    async def read(self, method: str, params: Sequence[Any], shape: type[T]) -> T: ...
    @overload
    async def read(self, method: str, params: Sequence[Any], shape: Any) -> Any: ...
    async def read(self, method: str, params: Sequence[Any], shape: Any) -> Any:
        """Ask; transient faults are tried again with back-off. TransientError or PermanentError otherwise."""
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(READ_ATTEMPTS),
            wait=_wait,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self._ask(method, params, shape, None)
        raise AssertionError("reraise ends the loop")

    async def send(self, method: str, params: Sequence[Any], shape: type[T], permit: Permit) -> T:
        """Ask once; `permit` is called when the body is about to be written."""
        result: T = await self._ask(method, params, shape, permit)
        return result

    async def _ask(self, method: str, params: Sequence[Any], shape: Any, permit: Permit | None) -> Any:
        self._last_id += 1
        number = self._last_id
        body = orjson.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)})
        return _result(method, number, await self._wire.post(self._url, body, permit), shape)


def _result(method: str, number: int, reply: Reply, shape: Any) -> Any:
    if reply.status == 429:
        raise TransientError("C204", f"{method}: the node asks to slow down", retry_after_s=max(reply.retry_after_s, 1))
    envelope = _envelope(reply.body)
    if envelope is None or (envelope.id != number and envelope.error is None):
        if reply.status >= 500:
            raise TransientError("C201", f"{method}: HTTP {reply.status}")
        if reply.status != 200:
            raise PermanentError("C203", f"{method}: HTTP {reply.status}")
        raise PermanentError("C202", f"{method}: the answer is not JSON-RPC")
    if envelope.error is not None:
        _raise(method, envelope.error)
    try:
        return msgspec.json.decode(bytes(envelope.result), type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise PermanentError("C202", f"{method}: the result has another shape: {plain(str(error))}") from None


def _envelope(body: bytes) -> _Envelope | None:
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _raise(method: str, error: _Error) -> None:
    text = plain(error.message)
    if error.code == 429 or "rate limit" in text.lower():
        raise TransientError("C204", f"{method}: {text}", retry_after_s=1)
    if error.code in _TRANSIENT:
        raise TransientError("C201", f"{method}: {text} ({error.code})")
    raise NodeError(method, error.code, text, error.data)


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    base = error.retry_after_s if isinstance(error, TransientError) else 0.1
    return float(min(base * 2 ** (state.attempt_number - 1), 2))
