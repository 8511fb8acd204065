"""Public submission through a Solana node's sendTransaction."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop_solana.solana_rpc.config import SolanaRpcConfig
from hoploop_solana.solana_rpc.route import SolanaRpc

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="solana_rpc",
    family="solana",
    stability=Stability.BETA,
    title="Solana node (sendTransaction)",
    offers=(Offer(kind="route", config=SolanaRpcConfig, factory=SolanaRpc),),
)
