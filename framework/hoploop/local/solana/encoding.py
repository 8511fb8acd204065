"""Bytes <-> the text forms of Solana's JSON-RPC: base58, base64, base64+zstd, and accounts."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import zstandard
from solders.account import Account

from hoploop.local.solana.wire import INVALID_PARAMS, RpcError

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MAX_BASE58_BYTES = 128
RENT_EPOCH = 2**64 - 1


def account_json(account: Account | None, encoding: str, data_slice: tuple[int, int] | None = None) -> Any:
    """An account as getAccountInfo gives it; None stays null."""
    if account is None:
        return None
    data = bytes(account.data)
    part = data if data_slice is None else data[data_slice[0] : data_slice[0] + data_slice[1]]
    return {
        "lamports": account.lamports,
        "data": encode(part, encoding),
        "owner": str(account.owner),
        "executable": account.executable,
        "rentEpoch": RENT_EPOCH,
        "space": len(data),
    }


def encode(data: bytes, encoding: str) -> Any:
    """Data in an account encoding; RpcError for one that is not offered or too large a base58."""
    if encoding == "base64":
        return [base64.b64encode(data).decode(), "base64"]
    if encoding == "base64+zstd":
        return [base64.b64encode(zstandard.compress(data)).decode(), "base64+zstd"]
    if encoding in ("base58", "binary"):
        if len(data) > _MAX_BASE58_BYTES:
            raise RpcError(-32600, "Encoded binary (base 58) data should be less than 128 bytes, use Base64 encoding")
        return [base58(data), "base58"] if encoding == "base58" else base58(data)
    raise RpcError(INVALID_PARAMS, f"encoding {encoding!r:.40} is not offered here; use base64 or base64+zstd")


def decode_transaction(text: str, encoding: str, max_bytes: int) -> bytes:
    """Wire transaction from base58 or base64; RpcError with the cause."""
    if len(text) > max_bytes * 2:  # base58 needs 1.37 characters a byte, base64 1.34
        raise RpcError(INVALID_PARAMS, f"{encoding} encoded transaction too large: {len(text)} characters")
    if encoding == "base58":
        return from_base58(text)
    if encoding == "base64":
        return from_base64(text)
    raise RpcError(INVALID_PARAMS, f"unsupported encoding: {encoding!r:.40}. Supported encodings: base58, base64")


def from_base64(text: str) -> bytes:
    """Strict base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as err:
        raise RpcError(INVALID_PARAMS, f"invalid base64 encoding: {err}") from err


def base58(data: bytes) -> str:
    """Bitcoin-alphabet base58."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def from_base58(text: str) -> bytes:
    """Inverse of `base58`; the caller bounds the length, the work is quadratic."""
    number = 0
    for char in text:
        digit = _ALPHABET.find(char)
        if digit < 0:
            raise RpcError(INVALID_PARAMS, "invalid base58 encoding: InvalidCharacter")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
