"""What a recipe says of a Uniswap V3 deployment."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from hoploop.plugin.connector import OnChainConfig
from hoploop.plugin.fields import AssetId, Share
from hoploop_evm._shared.words import Address


class Pool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pool contract."""

    name: Annotated[
        str,
        Meta(
            pattern="^[a-z0-9_]{1,40}$",
            description="Name of the pool, unique in this venue.",
            examples=["weth_usdc_5"],
        ),
    ]
    address: Annotated[
        Address, Meta(description="Pool contract.", examples=["0x98537A9d231A322A06a9BF1fF0ffd82ee974159A"])
    ]
    token0: Annotated[AssetId, Meta(description="Asset with the lower address.", examples=["usdc"])]
    token1: Annotated[AssetId, Meta(description="Asset with the higher address.", examples=["weth"])]
    fee: Annotated[
        Share, Meta(description="Fee tier: 1bps, 5bps, 30bps, 1%; compared with the pool.", examples=["5bps"])
    ]
    tick_spacing: Annotated[
        int, Meta(ge=1, le=16383, description="Tick spacing; compared with the pool.", examples=[10])
    ]


class UniswapV3Config(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pools with Uniswap's storage layout (Sushi V3 too, PancakeSwap V3 not)."""

    gas: Annotated[int, Meta(ge=1, le=2**24, description="Planned gas of one swap.")] = 90_000
    pools: Annotated[tuple[Pool, ...], Meta(min_length=1, max_length=1000, description="Pools to watch and trade.")]
