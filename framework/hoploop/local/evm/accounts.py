"""Addresses of the named local actors of the EVM chain."""

from __future__ import annotations

from eth_account import Account

from hoploop.local.keys import local_seed

COINBASE = "0xc01Ba5E00000000000000000000000000000C0de"
"""Where the fees of local blocks go."""


def address_of(actor: str) -> str:
    """Checksummed address of `evm/<actor>`."""
    return str(Account.from_key(local_seed(f"evm/{actor}")).address)
