"""What a recipe says of a Uniswap V2 deployment or a fork of it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from hoploop.plugin.connector import OnChainConfig
from hoploop.plugin.fields import AssetId, Share
from hoploop_evm._shared.words import Address


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pair contract."""

    name: Annotated[
        str,
        Meta(
            pattern="^[a-z0-9_]{1,40}$",
            description="Name of the pair, unique in this venue.",
            examples=["weth_usdc"],
        ),
    ]
    address: Annotated[
        Address, Meta(description="Pair contract.", examples=["0xdF4504BF7c25CecECa250Eec876D89e4D49Df6d3"])
    ]
    token0: Annotated[AssetId, Meta(description="Asset with the lower address.", examples=["usdc"])]
    token1: Annotated[AssetId, Meta(description="Asset with the higher address.", examples=["weth"])]


class UniswapV2Config(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pairs that share one fee."""

    fee: Annotated[
        Share,
        Meta(description="Fee on the input: 30bps for Uniswap and Sushi, 25bps for PancakeSwap; no contract says it"),
    ]
    gas: Annotated[int, Meta(ge=1, le=2**24, description="Planned gas of one swap.")] = 70_000
    pools: Annotated[tuple[Pair, ...], Meta(min_length=1, max_length=5000, description="Pairs to watch and trade.")]
