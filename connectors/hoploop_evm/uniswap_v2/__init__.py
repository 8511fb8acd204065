"""Uniswap V2 and its forks with the same storage and `Sync` event."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop_evm.uniswap_v2.config import UniswapV2Config
from hoploop_evm.uniswap_v2.venue import UniswapV2, check

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="uniswap_v2",
    family="evm",
    stability=Stability.BETA,
    title="Uniswap V2 and forks (constant product)",
    offers=(Offer(kind="venue", config=UniswapV2Config, factory=UniswapV2, check=check),),
)
