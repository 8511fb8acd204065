"""What a recipe says of an Aave V3 market as a flash lender."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from hoploop.model.money import Ratio
from hoploop.plugin.connector import OnChainConfig
from hoploop.plugin.fields import AssetId, Share
from hoploop_evm._shared.words import Address


class AaveV3Config(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Aave V3 Pool."""

    pool: Annotated[
        Address, Meta(description="Pool proxy of the market.", examples=["0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2"])
    ]
    assets: Annotated[tuple[AssetId, ...], Meta(min_length=1, description="Assets to borrow.")]
    fee: Annotated[Share, Meta(description="Premium; compared with FLASHLOAN_PREMIUM_TOTAL.")] = Ratio(5, 10_000)
    rounding: Annotated[
        Literal["half_up", "up"],
        Meta(description="How this deployment rounds the premium: half_up up to V3.3, up since."),
    ] = "half_up"
    gas: Annotated[int, Meta(ge=0, le=2**24, description="Planned gas of borrowing and repaying.")] = 135_000
