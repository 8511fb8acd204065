"""For the tests of a Solana connector of your own: a scripted node on loopback, and keys that depend on a name."""

from __future__ import annotations

from hoploop_solana._shared.testing import (
    FakeNode,
    RpcFault,
    account_json,
    at_slot,
    named_key,
    named_pair,
    raw_server,
    scope,
    token_account_data,
)

__all__ = [
    "FakeNode",
    "RpcFault",
    "account_json",
    "at_slot",
    "named_key",
    "named_pair",
    "raw_server",
    "scope",
    "token_account_data",
]
