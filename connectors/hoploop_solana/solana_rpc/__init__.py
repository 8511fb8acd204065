"""Public submission through a Solana node's sendTransaction."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop.plugin.lazy import lazily
from hoploop_solana.solana_rpc.config import SolanaRpcConfig

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="solana_rpc",
    family="solana",
    stability=Stability.BETA,
    title="Solana node (sendTransaction)",
    offers=(Offer(kind="route", config=SolanaRpcConfig, factory=lazily(__name__, "route:SolanaRpc")),),
)
