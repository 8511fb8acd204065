"""Hoploop's own constant-product AMM of the embedded Solana chain."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop_solana.hoploop_amm.config import HoploopAmmConfig
from hoploop_solana.hoploop_amm.venue import HoploopAmm, check

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="hoploop_amm",
    family="solana",
    stability=Stability.BETA,
    title="Hoploop AMM (constant product, embedded chain)",
    offers=(Offer(kind="venue", config=HoploopAmmConfig, factory=HoploopAmm, check=check),),
)
