"""An EVM chain: client, feed and composer over IPC or WebSocket."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop.plugin.lazy import lazily
from hoploop_evm.evm.config import EvmConfig, check
from hoploop_evm.evm.costs import costs

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="evm",
    family="evm",
    stability=Stability.BETA,
    title="EVM chain over IPC or WebSocket",
    offers=(
        Offer(
            kind="chain",
            config=EvmConfig,
            factory=lazily(__name__, "chain:EvmChain"),
            check=check,
            costs=costs,
            measure=lazily(__name__, "measure:measure"),
            examiner=lazily(__name__, "examiner:EvmExaminer"),
        ),
    ),
)
