"""What a recipe says of the public mempool."""

from __future__ import annotations

from hoploop.plugin.connector import OnChainConfig


class EvmPublicConfig(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The node the chain itself is read from."""
