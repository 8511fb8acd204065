"""Requests of a Flashbots-style relay as bytes (Flashbots docs, rpc-endpoint)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from eth_hash.auto import keccak

from hoploop.errors import Rejected, Unreachable
from hoploop_evm._shared.keys import Key
from hoploop_evm._shared.rpc import plain


def request(method: str, params: Mapping[str, Any]) -> bytes:
    """The body, serialized once: its exact bytes are what is signed."""
    return orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": [params]})


def headers(key: Key, body: bytes) -> dict[str, str]:
    """`X-Flashbots-Signature`: EIP-191 over the 66-character hex *text* of the body's hash, not over the hash."""
    signature = key.sign_text("0x" + keccak(body).hex())
    return {"Content-Type": "application/json", "X-Flashbots-Signature": f"{key.address}:{signature}"}


def result(status: int, body: bytes) -> dict[str, Any]:
    """The relay's result object. Rejected when it says no, Unreachable when it says nothing usable."""
    try:
        reply = orjson.loads(body)
    except orjson.JSONDecodeError:
        reply = None
    if not isinstance(reply, dict):
        raise Unreachable("C123", f"the relay's answer (HTTP {status}) is not JSON-RPC")
    error = reply.get("error")
    if error is not None:
        raise Rejected("C121", plain(error.get("message", error) if isinstance(error, dict) else error))
    found = reply.get("result")
    if not isinstance(found, dict):
        raise Unreachable("C123", f"the relay's answer (HTTP {status}) has no result")
    return found
