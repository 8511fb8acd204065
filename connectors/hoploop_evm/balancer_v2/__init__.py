"""Balancer V2 Vault flash loans."""

from __future__ import annotations

from hoploop.plugin.connector import Connector, Offer, Stability
from hoploop_evm.balancer_v2.config import BalancerV2Config
from hoploop_evm.balancer_v2.lender import BalancerV2, check

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    key="balancer_v2",
    family="evm",
    stability=Stability.BETA,
    title="Balancer V2 Vault flash loans",
    offers=(Offer(kind="lender", config=BalancerV2Config, factory=BalancerV2, check=check),),
)
