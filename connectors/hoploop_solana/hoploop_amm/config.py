"""What a recipe says of a Hoploop AMM and its pools."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from hoploop.plugin.connector import OnChainConfig
from hoploop.plugin.fields import AssetId, Share
from hoploop_solana._shared.addresses import Address


class Pool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pool account; token 0 is the pool's mint A."""

    name: Annotated[
        str,
        Meta(
            description="Name of the pool, unique in this venue", pattern="^[a-z0-9_]{1,40}$", examples=["sol_usdc_5"]
        ),
    ]
    address: Annotated[
        Address, Meta(description="Pool account", examples=["5V3vMaxwv1kcFz4wf3aQAis4Moj3MeuSeBYJTt8QgzzJ"])
    ]
    token0: Annotated[AssetId, Meta(description="Asset id of mint A")]
    token1: Annotated[AssetId, Meta(description="Asset id of mint B", examples=["sol_usdc"])]
    vault0: Annotated[
        Address,
        Meta(description="Token account that holds mint A", examples=["FnHf3CoXkaGYrn8PZUnUUDXzhHK3QVboSs7gsuW6uUKV"]),
    ]
    vault1: Annotated[
        Address,
        Meta(description="Token account that holds mint B", examples=["9hxtzj9xhbShbWRUmcDUXStamftgbnq6pvVatXBM7FeH"]),
    ]
    fee: Annotated[Share, Meta(description="Fee on the input, as the pool account has it")]


class HoploopAmmConfig(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pools of one deployment of the program."""

    program: Annotated[
        Address, Meta(description="Program id of the AMM", examples=["45iupgYQWjFMw6hA24WcQKAiMuxWQYmAyTLa29kqzsXq"])
    ]
    pools: Annotated[tuple[Pool, ...], Meta(description="Pools to watch and trade", min_length=1, max_length=1000)]
