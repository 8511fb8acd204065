"""What a Solana connector of your own may import: steps, addresses, account reading, sending."""

from __future__ import annotations

from hoploop_solana._shared.accounts import Account, Accounts, TokenAccount, read_accounts, token_state
from hoploop_solana._shared.addresses import (
    INSTRUCTIONS_SYSVAR,
    SYSTEM,
    TOKEN,
    Address,
    key,
    not_keys,
    token_account,
)
from hoploop_solana._shared.asking import AtSlot, NodeError
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.sending import encoded, send_once
from hoploop_solana._shared.steps import Step, readonly, signer, writable
from hoploop_solana._shared.wire import Wire

__all__ = [
    "INSTRUCTIONS_SYSVAR",
    "SYSTEM",
    "TOKEN",
    "Account",
    "Accounts",
    "Address",
    "AtSlot",
    "JsonRpc",
    "NodeError",
    "Step",
    "TokenAccount",
    "Wire",
    "encoded",
    "key",
    "not_keys",
    "read_accounts",
    "readonly",
    "send_once",
    "signer",
    "token_account",
    "token_state",
    "writable",
]
