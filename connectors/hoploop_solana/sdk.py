"""What a Solana connector of your own may import: steps, addresses, accounts, sending, the chain to build on."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hoploop.plugin.lazy import lazily
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
from hoploop_solana._shared.steps import Step, readonly, signer, writable
from hoploop_solana.solana.config import SolanaConfig
from hoploop_solana.solana.config import check as check_chain
from hoploop_solana.solana.costs import costs as chain_costs

if TYPE_CHECKING:
    from hoploop_solana._shared.rpc import JsonRpc
    from hoploop_solana._shared.sending import encoded, send_once
    from hoploop_solana._shared.wire import Wire

make_chain = lazily("hoploop_solana.solana", "chain:SolanaChain")
"""`(SolanaConfig, ChainContext) -> Chain`: client, feed and composer of a cluster as the family knows it."""
measure_chain = lazily("hoploop_solana.solana", "measure:measure")
"""`(config, ChainScope, Order) -> Loads`: how large a transaction of the family is."""
make_examiner = lazily("hoploop_solana.solana", "examiner:SolanaExaminer")
"""`(config, ExaminerContext) -> Examiner`: what `hoploop check` asks a chain of the family."""

_LATER = {"JsonRpc": "rpc", "Wire": "wire", "encoded": "sending", "send_once": "sending"}
"""Name -> its module: network code is imported when it is asked for, so that checking a recipe needs none."""

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
    "SolanaConfig",
    "Step",
    "TokenAccount",
    "Wire",
    "chain_costs",
    "check_chain",
    "encoded",
    "key",
    "make_chain",
    "make_examiner",
    "measure_chain",
    "not_keys",
    "read_accounts",
    "readonly",
    "send_once",
    "signer",
    "token_account",
    "token_state",
    "writable",
]


def __getattr__(name: str) -> Any:
    """A name of `_LATER`, at its first use."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"hoploop_solana._shared.{_LATER[name]}"), name)
