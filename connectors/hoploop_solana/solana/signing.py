"""The one holder of the signing key; nothing prints it."""

from __future__ import annotations

from solders.keypair import Keypair
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from hoploop.errors import SignerUnavailable


class Signer:
    """Ed25519 over a v0 message with one signer."""

    def __init__(self, secret: bytes, owner: str) -> None:
        """`secret` is a 32-byte seed or a 64-byte key pair; SignerUnavailable unless it belongs to `owner`."""
        self._pair = _pair(secret)
        self.owner: Pubkey = self._pair.pubkey()
        if str(self.owner) != owner:
            raise SignerUnavailable("C213", f"the key belongs to {self.owner}, the recipe's owner is {owner}")

    def __repr__(self) -> str:
        return f"Signer({self.owner})"

    def sign(self, message: MessageV0) -> tuple[str, bytes]:
        """(base58 signature, wire bytes)."""
        signature = self._pair.sign_message(to_bytes_versioned(message))
        return str(signature), bytes(VersionedTransaction.populate(message, [signature]))


def _pair(secret: bytes) -> Keypair:
    try:
        if len(secret) == 32:
            return Keypair.from_seed(secret)
        if len(secret) == 64:
            return Keypair.from_bytes(secret)
    except ValueError:
        raise SignerUnavailable("C213", "the key's two halves do not belong together") from None
    raise SignerUnavailable("C213", f"a key has 32 or 64 bytes, this one {len(secret)}")
