"""What a recipe says of a Hoploop flash lender and its reserves."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from hoploop.plugin.connector import OnChainConfig
from hoploop.plugin.fields import AssetId, Share
from hoploop_solana._shared.addresses import Address


class Reserve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reserve account and the vault it lends from."""

    asset: Annotated[AssetId, Meta(description="Asset id that is lent")]
    reserve: Annotated[
        Address, Meta(description="Reserve account", examples=["HHCTy9RJY1XnRKyTeBhgBpAt42L9JLEtGmqiE2qwWhRZ"])
    ]
    vault: Annotated[
        Address,
        Meta(
            description="Token account the loan comes from", examples=["CuRWAU465zn2QBsXxH9axNKznzSreQioHnoTRG2NM7wX"]
        ),
    ]


class HoploopLendConfig(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reserves of one deployment of the program; all charge the same fee."""

    program: Annotated[
        Address, Meta(description="Program id of the lender", examples=["Ct917mKbgLJgGociwEjah2CJHKzLYxC853yTs4FSn5H8"])
    ]
    fee: Annotated[Share, Meta(description="Fee on the borrowed amount, rounded up")]
    reserves: Annotated[tuple[Reserve, ...], Meta(description="What it lends", min_length=1, max_length=100)]
