"""Bundles through a Jito block engine."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop.plugin.lazy import lazily
from hoploop_solana.jito.config import JitoConfig, check, costs

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="jito",
    family="solana",
    stability=Stability.BETA,
    title="Jito block engine (sendBundle)",
    offers=(Offer(kind="route", config=JitoConfig, factory=lazily(__name__, "route:Jito"), check=check, costs=costs),),
)
