"""A signing key that never shows itself, and the two things it signs: transactions and messages."""

from __future__ import annotations

from collections.abc import Sequence

from coincurve import PrivateKey
from eth_hash.auto import keccak

from hoploop.errors import SignerUnavailable
from hoploop_evm._shared.words import address_text

Rlp = bytes | int | Sequence["Rlp"]


class Key:
    """A secp256k1 key. SignerUnavailable when the bytes are none; the bytes never appear anywhere."""

    def __init__(self, secret: bytes, reference: str) -> None:
        try:
            self._key = PrivateKey(secret)
        except ValueError:
            raise SignerUnavailable("G301", f"{reference}: not a secp256k1 private key") from None
        self.address = address_text(keccak(self._key.public_key.format(compressed=False)[1:])[12:])

    def __repr__(self) -> str:
        return f"Key({self.address})"

    def sign(self, digest: bytes) -> tuple[int, int, int]:
        """(y parity, r, s) over 32 bytes; deterministic (RFC 6979), low s."""
        raw = self._key.sign_recoverable(digest, hasher=None)
        return raw[64], int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:64], "big")

    def sign_text(self, text: str) -> str:
        """EIP-191 `personal_sign` over the text: 65 bytes r, s, v with v 27 or 28, as hex."""
        body = text.encode()
        parity, r, s = self.sign(keccak(b"\x19Ethereum Signed Message:\n%d" % len(body) + body))
        return "0x" + (r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((27 + parity,))).hex()


def rlp(item: Rlp) -> bytes:
    """Recursive-length-prefix encoding of bytes, non-negative integers and lists."""
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8, "big")
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(len(item), 0x80) + item
    return rlp_list(b"".join(rlp(part) for part in item))


def rlp_list(body: bytes) -> bytes:
    """A list whose items are encoded already."""
    return _prefix(len(body), 0xC0) + body


def _prefix(size: int, offset: int) -> bytes:
    if size < 56:
        return bytes((offset + size,))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((offset + 55 + len(length),)) + length
