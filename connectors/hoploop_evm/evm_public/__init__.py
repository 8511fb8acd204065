"""The public mempool of an EVM chain."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop.plugin.lazy import lazily
from hoploop_evm.evm_public.config import EvmPublicConfig

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="evm_public",
    family="evm",
    stability=Stability.BETA,
    title="Public mempool through the chain's node",
    offers=(Offer(kind="route", config=EvmPublicConfig, factory=lazily(__name__, "route:EvmPublic")),),
)
