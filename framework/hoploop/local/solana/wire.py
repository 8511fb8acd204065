"""JSON-RPC 2.0 of the local front: envelopes, batches, errors and typed access to hostile parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from solders.pubkey import Pubkey
from solders.signature import Signature

MAX_REQUEST_BYTES = 512 * 1024
MAX_BATCH = 100
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
PREFLIGHT_FAILED = -32002
SIGNATURE_FAILED = -32003
VERSION_UNSUPPORTED = -32015
MIN_CONTEXT_SLOT = -32016
NO_LONG_SCAN = -32010

Handler = Callable[["Params"], Any]
"""Handles one call; returns the JSON result or raises RpcError."""


class RpcError(Exception):
    """Becomes the `error` object of a reply. Preflight failures must carry `data`: clients parse it unasked."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Params:
    """Positional parameters of a call; every accessor checks the type and raises RpcError."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values

    def text(self, index: int) -> str:
        """A string that must be there."""
        value = self._values[index] if index < len(self._values) else None
        if not isinstance(value, str):
            raise RpcError(INVALID_PARAMS, f"Invalid params: parameter {index} must be a string")
        return value

    def whole(self, index: int, *, most: int) -> int:
        """An integer in 0..most that must be there."""
        value = self._values[index] if index < len(self._values) else None
        return _whole(value, f"parameter {index}", most)

    def key(self, index: int) -> Pubkey:
        """An address."""
        return parse_key(self.text(index))

    def signature(self, index: int) -> str:
        """A transaction signature in canonical text."""
        return parse_signature(self.text(index))

    def list(self, index: int, *, most: int, optional: bool = False) -> list[Any]:
        """A list of at most `most` entries."""
        value = self._values[index] if index < len(self._values) else None
        if value is None and optional:
            return []
        if not isinstance(value, list):
            raise RpcError(INVALID_PARAMS, f"Invalid params: parameter {index} must be a list")
        if len(value) > most:
            raise RpcError(INVALID_PARAMS, f"Too many inputs provided; max {most}")
        return value

    def any(self, index: int) -> Any:
        """Whatever is there; None when nothing is."""
        return self._values[index] if index < len(self._values) else None

    def options(self, index: int) -> Options:
        """The config object, empty when absent."""
        value = self._values[index] if index < len(self._values) else None
        if value is None:
            return Options({})
        if not isinstance(value, dict):
            raise RpcError(INVALID_PARAMS, f"Invalid params: parameter {index} must be an object")
        return Options(value)


class Options:
    """A config object with checked fields."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str, default: str) -> str:
        """A string field."""
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise RpcError(INVALID_PARAMS, f"Invalid params: {name} must be a string")
        return value

    def flag(self, name: str) -> bool:
        """A boolean field, false when absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise RpcError(INVALID_PARAMS, f"Invalid params: {name} must be true or false")
        return bool(value)

    def whole(self, name: str, *, most: int) -> int | None:
        """An integer field in 0..most; None when absent."""
        value = self._values.get(name)
        return None if value is None else _whole(value, name, most)

    def list(self, name: str, *, most: int) -> list[Any]:
        """A list field, empty when absent."""
        return Params([self._values.get(name)]).list(0, most=most, optional=True)

    def inner(self, name: str) -> Options | None:
        """An object field; None when absent."""
        value = self._values.get(name)
        return None if value is None else Params([value]).options(0)


def parse_key(text: Any) -> Pubkey:
    """Address from text; RpcError when it is none."""
    if not isinstance(text, str) or not 32 <= len(text) <= 44:
        raise RpcError(INVALID_PARAMS, "Invalid param: WrongSize")
    try:
        return Pubkey.from_string(text)
    except ValueError as err:
        raise RpcError(INVALID_PARAMS, f"Invalid param: {err}") from err


def parse_signature(text: Any) -> str:
    """Canonical signature text; RpcError when it is none."""
    if not isinstance(text, str) or not 64 <= len(text) <= 88:
        raise RpcError(INVALID_PARAMS, "Invalid param: WrongSize")
    try:
        return str(Signature.from_string(text))
    except ValueError as err:
        raise RpcError(INVALID_PARAMS, f"Invalid param: {err}") from err


def answer(body: bytes, handlers: Mapping[str, Handler]) -> bytes | None:
    """Reply to one request or batch; None when there is nothing to say (only notifications)."""
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError:
        return orjson.dumps(_failure(None, RpcError(PARSE_ERROR, "Parse error")))
    if not isinstance(request, list):
        reply = answer_one(request, handlers)
        return None if reply is None else orjson.dumps(reply)
    if not 0 < len(request) <= MAX_BATCH:
        return orjson.dumps(_failure(None, RpcError(INVALID_REQUEST, f"a batch holds 1 to {MAX_BATCH} requests")))
    replies = [reply for one in request if (reply := answer_one(one, handlers)) is not None]
    return orjson.dumps(replies) if replies else None


def answer_one(request: Any, handlers: Mapping[str, Handler]) -> dict[str, Any] | None:
    """Reply object of one decoded request; None for a notification."""
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return _failure(None, RpcError(INVALID_REQUEST, "Invalid request"))
    ident = request.get("id")
    if not isinstance(ident, str | int | None) or isinstance(ident, bool):
        return _failure(None, RpcError(INVALID_REQUEST, "Invalid request"))
    values = request.get("params")
    handler = handlers.get(request["method"])
    try:
        if handler is None:
            raise RpcError(METHOD_NOT_FOUND, "Method not found")
        if not isinstance(values, list | None):
            raise RpcError(INVALID_PARAMS, "Invalid params: expected a list")
        result = handler(Params(values or []))
    except RpcError as err:
        return _failure(ident, err)
    return None if "id" not in request else {"jsonrpc": "2.0", "result": result, "id": ident}


def _whole(value: Any, what: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise RpcError(INVALID_PARAMS, f"Invalid params: {what} must be an integer from 0 to {most}")
    return value


def _failure(ident: Any, err: RpcError) -> dict[str, Any]:
    error: dict[str, Any] = {"code": err.code, "message": err.message}
    if err.data is not None:
        error["data"] = err.data
    return {"jsonrpc": "2.0", "error": error, "id": ident}
