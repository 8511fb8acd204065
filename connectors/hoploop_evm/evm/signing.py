"""The one holder of the executor's key; nothing prints it."""

from __future__ import annotations

from typing import Any

from eth_hash.auto import keccak

from hoploop.errors import SignerUnavailable
from hoploop.plugin import signing as contract
from hoploop_evm._shared.keys import Key, rlp, rlp_list
from hoploop_evm._shared.words import address_bytes, address_text


class Signer:
    """secp256k1 over unsigned EIP-1559 transactions."""

    def __init__(self, secret: bytes, reference: str, signing: contract.Signing | None = None) -> None:
        """SignerUnavailable, naming `reference`, when `secret` is no private key."""
        self._key: contract.Signer = (
            CoincurveKey(secret, reference) if signing is None else _native(signing, secret, reference)
        )
        self.address = address_text(self._key.public)

    def __repr__(self) -> str:
        return f"Signer({self.address})"

    def sign(self, unsigned: bytes) -> tuple[str, bytes]:
        """(transaction hash as hex, raw bytes); deterministic (RFC 6979), low s."""
        transaction, raw = self._key.sign(unsigned)
        return "0x" + transaction.hex(), raw

    def fill(
        self, templates: contract.Templates, candidate: object, terms: contract.Terms
    ) -> tuple[Any, str, bytes, bytes] | None:
        """(note, transaction hash as hex, raw bytes, calldata) of a candidate; None when there is no template."""
        made = templates.sign(self._key, candidate, terms)
        if made is None:
            return None
        note, transaction, raw, calldata = made
        return note, "0x" + transaction.hex(), raw, calldata


class CoincurveKey:
    """A key held by coincurve, for connectors that are handed no native signing, and the oracle of it."""

    locked = False

    def __init__(self, secret: bytes, reference: str) -> None:
        self._key = Key(secret, reference)
        self.public = address_bytes(self._key.address)

    def __repr__(self) -> str:
        return f"CoincurveKey({self._key.address})"

    def sign(self, unsigned: bytes) -> tuple[bytes, bytes]:
        """(hash, raw bytes): y parity, r and s join the list."""
        raw = b"\x02" + rlp_list(_body(unsigned) + b"".join(map(rlp, self._key.sign(keccak(unsigned)))))
        return keccak(raw), raw


def _body(unsigned: bytes) -> bytes:
    """The list's items: after the type byte and the list's prefix."""
    longer = max(unsigned[1] - 0xF7, 0)
    return unsigned[2 + longer :]


def _native(signing: contract.Signing, secret: bytes, reference: str) -> contract.Signer:
    try:
        return signing.signer("evm", secret)
    except ValueError:
        raise SignerUnavailable("G301", f"{reference}: not a secp256k1 private key") from None
