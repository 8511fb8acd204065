"""What a recipe says of the Balancer V2 Vault as a flash lender."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hoploop.model.money import Ratio
from hoploop.plugin.connector import OnChainConfig
from hoploop.plugin.fields import AssetId, Share
from hoploop_evm._shared.words import Address


class BalancerV2Config(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Vault."""

    vault: Annotated[
        Address, Meta(description="Vault contract.", examples=["0xBA12222222228d8Ba445958a75a0704d566BF2C8"])
    ]
    assets: Annotated[tuple[AssetId, ...], Meta(min_length=1, description="Assets to borrow.")]
    fee: Annotated[Share, Meta(description="Flash-loan fee; compared with the Vault's fee collector.")] = Ratio(0, 1)
    gas: Annotated[int, Meta(ge=0, le=2**24, description="Planned gas of borrowing and repaying.")] = 45_000
