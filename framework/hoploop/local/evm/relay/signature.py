"""The `X-Flashbots-Signature` header: `address:signature` over the text form of the body's hash."""

from __future__ import annotations

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

HEADER = "X-Flashbots-Signature"
_LONGEST = 200
_SIGNATURE_BYTES = 65


def signer_of(header: str, body: bytes) -> str | None:
    """Checksummed address that signed the body, or None when the header is malformed or of someone else.

    What is signed is `personal_sign` of the 66-character hex text of keccak256(body), not of its bytes.
    """
    claimed, separator, signature = header.partition(":")
    if not separator or len(header) > _LONGEST:
        return None
    try:
        proof = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        return None
    if len(proof) != _SIGNATURE_BYTES:
        return None
    message = encode_defunct(text="0x" + keccak(body).hex())
    try:
        found = str(Account.recover_message(message, signature=proof))
    except (ValueError, BadSignature, ValidationError):
        return None
    return found if found.lower() == claimed.lower() else None
