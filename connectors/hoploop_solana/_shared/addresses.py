"""Public keys: their text form in configs, derived addresses and the fixed program ids."""

from __future__ import annotations

from typing import Annotated

import msgspec
from solders.pubkey import Pubkey

from hoploop.errors import IncompatibleConnector

Address = Annotated[
    str,
    msgspec.Meta(
        pattern="^[1-9A-HJ-NP-Za-km-z]{32,44}$", examples=["HCgDchdHiLzV1AXFRsobiwYkpZYE4H2ZMpgrMp7e82Mz"]
    ),
]
"""Base58 of 32 bytes; `key` checks what the pattern cannot."""

SYSTEM = Pubkey.from_string("11111111111111111111111111111111")
TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
ASSOCIATED_TOKEN = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
LOOKUP_TABLE = Pubkey.from_string("AddressLookupTab1e1111111111111111111111111")
INSTRUCTIONS_SYSVAR = Pubkey.from_string("Sysvar1nstructions1111111111111111111111111")


def key(text: str, field: str) -> Pubkey:
    """The public key `text` spells; IncompatibleConnector names `field` otherwise."""
    try:
        return Pubkey.from_string(text)
    except ValueError:
        raise IncompatibleConnector("C208", f"{field}: {text!r} is not a public key of 32 bytes") from None


def not_keys(**fields: str) -> list[str]:
    """One problem for each field whose text is not a public key: for a connector's pure `check`."""
    problems = []
    for field, text in fields.items():
        try:
            Pubkey.from_string(text)
        except ValueError:
            problems.append(f"{field}: {text!r} is not a public key of 32 bytes")
    return problems


def token_account(owner: Pubkey, mint: Pubkey) -> Pubkey:
    """The owner's associated token account of an SPL Token mint."""
    return Pubkey.find_program_address([bytes(owner), bytes(TOKEN), bytes(mint)], ASSOCIATED_TOKEN)[0]


def authority(of: Pubkey, program: Pubkey) -> Pubkey:
    """`[b"authority", of]` under `program`: who owns the vaults of a Hoploop pool or reserve."""
    return Pubkey.find_program_address([b"authority", bytes(of)], program)[0]
