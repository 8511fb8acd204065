"""Aave V3 flash loans."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop_evm.aave_v3.config import AaveV3Config
from hoploop_evm.aave_v3.lender import AaveV3, check

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="aave_v3",
    family="evm",
    stability=Stability.BETA,
    title="Aave V3 flash loans",
    offers=(Offer(kind="lender", config=AaveV3Config, factory=AaveV3, check=check),),
)
