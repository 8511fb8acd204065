"""Hex text and 32-byte words of the EVM, checked: everything that comes from a node passes through here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from eth_hash.auto import keccak

from hoploop.errors import DecodeError, IncompatibleConnector

Address = Annotated[
    str,
    msgspec.Meta(
        pattern="^0x[0-9a-fA-F]{40}$",
        description="Contract or account address, checksummed or lower case; quote it.",
        examples=["0xa080179994BB21c54A64798F214545Be658b8513"],
    ),
]

WORD = 32
MAX_WORD = 2**256 - 1
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*\Z")
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}\Z")


def selector(signature: str) -> bytes:
    """First four bytes of the hash of `name(types)`: what a call's data begins with."""
    return keccak(signature.encode())[:4]


def topic(signature: str) -> bytes:
    """Topic 0 of an event `Name(types)`."""
    return keccak(signature.encode())


def quantity(value: Any, what: str) -> int:
    """A node's `0x…` number; DecodeError names `what`."""
    if isinstance(value, str) and _QUANTITY.match(value):
        return int(value, 16)
    raise DecodeError("C107", f"{what} is not a hex number")


def data(value: Any, what: str, size: int | None = None) -> bytes:
    """A node's `0x…` bytes, of exactly `size` when given; DecodeError names `what`."""
    if isinstance(value, str) and _HEX.match(value):
        raw = bytes.fromhex(value[2:])
        if size is None or len(raw) == size:
            return raw
    raise DecodeError("C107", f"{what} is not hex bytes" + ("" if size is None else f" of length {size}"))


def words(raw: bytes, count: int, what: str) -> list[int]:
    """The first `count` words as unsigned integers; DecodeError when there are fewer."""
    if len(raw) < count * WORD:
        raise DecodeError("C107", f"{what}: {len(raw)} bytes, expected at least {count * WORD}")
    return [int.from_bytes(raw[at : at + WORD], "big") for at in range(0, count * WORD, WORD)]


def uint(value: int) -> bytes:
    """One word; OverflowError for what does not fit."""
    return value.to_bytes(WORD, "big")


def padded(raw: bytes) -> bytes:
    """Left-padded to one word (addresses)."""
    return raw.rjust(WORD, b"\0")


def address_bytes(text: str, field: str = "address") -> bytes:
    """The 20 bytes `text` spells; IncompatibleConnector names `field` otherwise."""
    problems = not_addresses(**{field: text})
    if problems:
        raise IncompatibleConnector("C108", problems[0])
    return bytes.fromhex(text[2:])


def not_addresses(**fields: str) -> list[str]:
    """One problem for each field whose text is not an address: for a connector's pure `check`."""
    return [
        f"{field}: {text!r} is not an address (or its checksum is wrong)"
        for field, text in fields.items()
        if not _is_address(text)
    ]


def address_text(raw: bytes | int) -> str:
    """Checksummed text of 20 bytes or of a word's low 160 bits."""
    if isinstance(raw, int):
        raw = (raw & (2**160 - 1)).to_bytes(20, "big")
    digits = raw.hex()
    # EIP-55: a letter is upper case where the hash of the text has a high nibble.
    nibbles = keccak(digits.encode()).hex()
    return "0x" + "".join(d.upper() if n > "7" else d for d, n in zip(digits, nibbles, strict=False))


def call_data(signature: str, arguments: Sequence[bytes] = ()) -> str:
    """Hex data of a call whose arguments are ready-made words."""
    return "0x" + (selector(signature) + b"".join(arguments)).hex()


def _is_address(text: str) -> bool:
    if re.fullmatch("0x[0-9a-fA-F]{40}", text) is None:
        return False
    digits = text[2:]
    return digits in (digits.lower(), digits.upper()) or address_text(bytes.fromhex(digits)) == text
