"""Uniswap V3 and forks with the same storage and events."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop_evm.uniswap_v3.config import UniswapV3Config
from hoploop_evm.uniswap_v3.venue import UniswapV3, check

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="uniswap_v3",
    family="evm",
    stability=Stability.BETA,
    title="Uniswap V3 (concentrated liquidity)",
    offers=(Offer(kind="venue", config=UniswapV3Config, factory=UniswapV3, check=check),),
)
