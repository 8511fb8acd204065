"""Ready-made parts of an EVM recipe around the scripted node of `hoploop_evm`."""

from __future__ import annotations

from typing import Any

from hoploop.plugin.connector import ChainScope
from hoploop_evm._shared import testing
from hoploop_evm._shared.testing import EXECUTOR, OWNER, OWNER_KEY, USDC, WETH, Failure, FakeNode, block, word
from hoploop_evm.evm.config import EvmConfig, Fees

__all__ = [
    "EXECUTOR",
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


def config(**changes: Any) -> EvmConfig:
    """A chain item with a timeout short enough for tests."""
    fields: dict[str, Any] = {"timeout": 1500, "silence": 900, **changes}
    return EvmConfig(id="eth", chain_id=31337, executor=EXECUTOR, fees=Fees(gas_price=2 * 10**9), **fields)


def scope() -> ChainScope:
    """Two assets; WETH has the lower address."""
    return testing.scope(config())
