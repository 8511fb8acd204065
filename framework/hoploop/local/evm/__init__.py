"""The embedded EVM chain: anvil with a deterministic world, a relay with a builder, and traffic."""

from __future__ import annotations

from hoploop.local.evm.addresses import world_addresses
from hoploop.local.evm.chain import CHAIN_ID, start

__all__ = ["CHAIN_ID", "start", "world_addresses"]
