"""For the tests of an EVM connector of your own: a scripted node on loopback, and a chain with two assets."""

from __future__ import annotations

from hoploop_evm._shared.http import Http
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.testing import (
    EXECUTOR,
    OWNER,
    OWNER_KEY,
    USDC,
    WETH,
    Failure,
    FakeNode,
    block,
    scope,
    word,
)

__all__ = [
    "EXECUTOR",
    "OWNER",
    "OWNER_KEY",
    "USDC",
    "WETH",
    "Failure",
    "FakeNode",
    "Http",
    "Rpc",
    "block",
    "scope",
    "word",
]
