"""Hoploop's own flash lender of the embedded Solana chain."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop_solana.hoploop_lend.config import HoploopLendConfig
from hoploop_solana.hoploop_lend.lender import HoploopLend, check

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="hoploop_lend",
    family="solana",
    stability=Stability.BETA,
    title="Hoploop flash lender (embedded chain)",
    offers=(Offer(kind="lender", config=HoploopLendConfig, factory=HoploopLend, check=check),),
)
