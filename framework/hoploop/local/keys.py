"""Deterministic development keys of the embedded chains: worthless outside them, never used elsewhere."""

from __future__ import annotations

import hashlib


def local_seed(name: str) -> bytes:
    """32-byte private key or Ed25519 seed of a named local actor, account or program.

    Names in use: `evm/owner`, `evm/executor`, `evm/relay_identity`, `evm/traffic`, `solana/executor`,
    `solana/traffic`, `solana/program/amm`, `solana/program/lend`, `solana/<account name>`.
    """
    return hashlib.sha256(b"hoploop:local:" + name.encode()).digest()
