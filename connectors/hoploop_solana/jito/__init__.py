"""Bundles through a Jito block engine."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop_solana.jito.config import JitoConfig
from hoploop_solana.jito.route import Jito, check

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="jito",
    family="solana",
    stability=Stability.BETA,
    title="Jito block engine (sendBundle)",
    offers=(Offer(kind="route", config=JitoConfig, factory=Jito, check=check),),
)
