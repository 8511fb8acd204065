"""`chains` and `assets`: where things are, who signs there, and what amounts are counted in."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.model.money import Asset
from hoploop.plugin.connector import ItemConfig
from hoploop.recipe.language.marks import ident, said

_ADDRESS = r"^(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$"
"""What no private key looks like: those are longer."""
_SECRET_URL = {"x-secret": "allowed", "x-apply": "component", "examples": ["wss://node.example"]}

_OWNER, _TOKEN = "0x00ea71424672779E493B3488eEe11383110eD810", "0x782229C96B0B90b343bBD937fd844105D6d386e1"


class EmbeddedItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to start a local chain."""

    seed: Annotated[int, said("Seed of the traffic; same seed, same trades.", apply="engine", ge=0, lt=2**32)] = 1
    block_time: (
        Annotated[int, said("Time between blocks (EVM).", unit="duration_ms", apply="engine", example="500ms")] | None
    ) = None
    slot_time: (
        Annotated[int, said("Time between slots (Solana).", unit="duration_ms", apply="engine", example="200ms")] | None
    ) = None
    traffic: Annotated[bool, said("Trade against the pools so that spreads open and close.", apply="engine")] = True
    world: Annotated[
        str,
        said(
            "Folder with program and account dumps (Solana); relative to the working directory.",
            apply="engine",
            example="worlds/mainnet",
        ),
    ] = ""


class EndpointItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One more node of a chain."""

    url: Annotated[str, Meta(min_length=1, description="Its URL.", extra_json_schema=_SECRET_URL)]
    role: Annotated[Literal["read", "write", "both"], said("What it is asked for.")] = "both"
    weight: Annotated[int, said("Share of the requests.", ge=1, le=1000, example=3)] = 1
    rate: Annotated[str, said("Most requests it takes.", unit="rate", example="50/s")] | None = None
    serves: Annotated[
        tuple[Literal["pools", "accounts", "blockhash", "tables", "simulate", "send"], ...],
        said("What it is used for; empty for everything its role allows.", example=["blockhash", "accounts"]),
    ] = ()


class FeedItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where updates come from."""

    kind: Annotated[
        Literal["websocket", "ipc", "grpc", "poll", "shreds", "mempool", "database"],
        said("What carries them; database: the node's own, on this machine."),
    ]
    protocol: Annotated[Literal["yellowstone", "thor"], said("Which dialect of grpc.")] = "yellowstone"
    url: Annotated[str, Meta(min_length=1, description="Its URL.", extra_json_schema=_SECRET_URL)] | None = None
    token: Annotated[str, Meta(description="Access token.", extra_json_schema={"x-secret": True})] | None = None
    every: Annotated[int, said("Pause between polls.", unit="duration_ms", example="400ms")] | None = None
    max_range: Annotated[int, said("Most blocks asked for at once.", ge=1, example=500)] | None = None


class ChainItem(ItemConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys every chain has; the rest belongs to its connector."""

    enabled: Annotated[bool, said("false leaves the item out of the plan.", apply="engine")] = True
    endpoint: Annotated[
        str,
        Meta(
            min_length=1,
            description="embedded, ipc:PATH, a URL, or ${secret:…} when the URL holds a key.",
            extra_json_schema={"x-secret": "allowed", "x-apply": "engine", "examples": ["embedded"]},
        ),
    ]
    endpoints: Annotated[
        tuple[EndpointItem, ...], said("More nodes, with weights.", planned="endpoint names the one node there is")
    ] = ()
    feeds: Annotated[tuple[FeedItem, ...], said("Other sources of updates.", planned="updates come from endpoint")] = ()
    reorg_delay: (
        Annotated[
            int,
            said(
                "Blocks to stay behind the head.",
                planned="what a reorganisation replaces is taken out of the market at once",
                example=1,
                ge=0,
                le=64,
            ),
        ]
        | None
    ) = None
    embedded: Annotated[EmbeddedItem | None, said("The local chain of endpoint: embedded.", apply="engine")] = None
    freshness: (
        Annotated[
            str,
            said("Oldest update to act on; default 1 block (EVM), 100ms (Solana).", unit="freshness", risk="up"),
        ]
        | None
    ) = None
    key: Annotated[
        str,
        Meta(
            description="Secret reference of the signing key.",
            extra_json_schema={"x-secret": True, "x-apply": "engine"},
        ),
    ]
    owner: Annotated[str, said("Address of the signing key.", apply="engine", pattern=_ADDRESS, example=_OWNER)]


class AssetItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One token on one chain."""

    id: Annotated[str, ident("Name of the asset, unique in the recipe.", "weth")]
    enabled: Annotated[bool, said("false leaves out every pool and strategy that trades it.")] = True
    chain: Annotated[str, said("Id of its chain.", ref="chains", risk="any")]
    address: Annotated[str, said("Contract or mint address; quote it.", risk="any", pattern=_ADDRESS, example=_TOKEN)]
    symbol: Annotated[
        str,
        said(
            "Unit of amounts of it.", risk="any", max_length=20, pattern=r"^[A-Za-z][A-Za-z0-9_.$+-]*$", example="WETH"
        ),
    ]
    decimals: Annotated[int, said("Base units per unit, as a power of ten.", risk="any", ge=0, le=36, example=18)]
    wraps_native: Annotated[bool, said("true for the wrapped fee coin (WETH, wSOL).", risk="any")] = False
    tags: Annotated[
        tuple[str, ...], said("Words universes choose by.", risk="any", max_length=32, example=["blue", "evm"])
    ] = ()


def asset_of(item: AssetItem) -> Asset:
    """The language's asset as the value every layer shares."""
    return Asset(
        id=item.id,
        chain=item.chain,
        address=item.address,
        symbol=item.symbol,
        decimals=item.decimals,
        wraps_native=item.wraps_native,
    )
