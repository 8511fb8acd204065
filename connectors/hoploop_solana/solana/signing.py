"""The one holder of the signing key; nothing prints it."""

from __future__ import annotations

from typing import Any

from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from hoploop.errors import SignerUnavailable
from hoploop.plugin import signing as contract


class Signer:
    """Ed25519 over a v0 message with one signer."""

    def __init__(self, secret: bytes, owner: str, signing: contract.Signing | None = None) -> None:
        """`secret` is a 32-byte seed or a 64-byte key pair; SignerUnavailable unless it belongs to `owner`."""
        self._key: contract.Signer = SoldersKey(secret) if signing is None else _native(signing, secret)
        self.owner: Pubkey = Pubkey(self._key.public)
        if str(self.owner) != owner:
            raise SignerUnavailable("C213", f"the key belongs to {self.owner}, the recipe's owner is {owner}")

    def __repr__(self) -> str:
        return f"Signer({self.owner})"

    def sign(self, message: bytes) -> tuple[str, bytes]:
        """(base58 signature, wire bytes)."""
        signature, raw = self._key.sign(message)
        return str(Signature(signature)), raw

    def fill(
        self, templates: contract.Templates, candidate: object, terms: contract.Terms
    ) -> tuple[Any, str, bytes] | None:
        """(note, base58 signature, wire bytes) of a candidate; None when there is no template."""
        made = templates.sign(self._key, candidate, terms)
        if made is None:
            return None
        note, signature, raw, _ = made
        return note, str(Signature(signature)), raw


class SoldersKey:
    """A key held by solders, for connectors that are handed no native signing, and the oracle of it."""

    locked = False

    def __init__(self, secret: bytes) -> None:
        self._pair = _pair(secret)
        self.public = bytes(self._pair.pubkey())

    def __repr__(self) -> str:
        return f"SoldersKey({self.public.hex()})"

    def sign(self, unsigned: bytes) -> tuple[bytes, bytes]:
        """(signature, wire bytes): one signature, then the message."""
        signature = bytes(self._pair.sign_message(unsigned))
        return signature, b"\x01" + signature + unsigned


def _native(signing: contract.Signing, secret: bytes) -> contract.Signer:
    try:
        return signing.signer("solana", secret)
    except ValueError as error:
        raise SignerUnavailable("C213", str(error)) from None


def _pair(secret: bytes) -> Keypair:
    try:
        if len(secret) == 32:
            return Keypair.from_seed(secret)
        if len(secret) == 64:
            return Keypair.from_bytes(secret)
    except ValueError:
        raise SignerUnavailable("C213", "the key's two halves do not belong together") from None
    raise SignerUnavailable("C213", f"a key has 32 or 64 bytes, this one {len(secret)}")
