"""A Solana cluster: client, feed and composer over JSON-RPC and WebSocket."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop.plugin.lazy import lazily
from hoploop_solana.solana.config import SolanaConfig, check
from hoploop_solana.solana.costs import costs

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="solana",
    family="solana",
    stability=Stability.BETA,
    title="Solana cluster (JSON-RPC and WebSocket)",
    offers=(
        Offer(
            kind="chain",
            config=SolanaConfig,
            factory=lazily(__name__, "chain:SolanaChain"),
            check=check,
            costs=costs,
            measure=lazily(__name__, "measure:measure"),
            examiner=lazily(__name__, "examiner:SolanaExaminer"),
        ),
    ),
)
