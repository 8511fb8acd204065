"""Ready-made parts of an EVM recipe around the scripted node of `hoploop_evm`."""

from __future__ import annotations

from typing import Any

from hoploop.plugin.connector import ChainScope
from hoploop_evm._shared import testing
from hoploop_evm._shared.testing import EXECUTOR, OWNER, OWNER_KEY, USDC, WETH, Failure, FakeNode, block, word
from hoploop_evm.evm.config import EvmConfig, Fees

__all__ = [
    "EXECUTOR",
    "GARBLED_NEWS",
    "OWNER",
    "OWNER_KEY",
    "USDC",
    "WETH",
    "Failure",
    "FakeNode",
    "block",
    "config",
    "scope",
    "word",
]

GARBLED_NEWS: tuple[Any, ...] = (
    "text",
    {"number": "7"},
    {"topics": "x"},
    {"topics": [], "blockNumber": None},
    {"topics": ["0x00"], "blockNumber": "0x1", "address": "0x", "data": "0x"},
)
"""What a node might say instead of a header or a log; every reader of feeds takes it for a gap."""


def config(**changes: Any) -> EvmConfig:
    """A chain item with a timeout short enough for tests."""
    fields: dict[str, Any] = {"timeout": 1500, "silence": 900, **changes}
    return EvmConfig(id="eth", chain_id=31337, executor=EXECUTOR, fees=Fees(gas_price=2 * 10**9), **fields)


def scope() -> ChainScope:
    """Two assets; WETH has the lower address."""
    return testing.scope(config())
