"""Bundles through a Flashbots-style relay."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop.plugin.lazy import lazily
from hoploop_evm.flashbots.config import FlashbotsConfig, check, costs

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="flashbots",
    family="evm",
    stability=Stability.BETA,
    title="Bundles through a Flashbots-style relay",
    offers=(
        Offer(
            kind="route",
            config=FlashbotsConfig,
            factory=lazily(__name__, "route:Flashbots"),
            check=check,
            costs=costs,
        ),
    ),
)
