"""The recipe language itself: the keys that do not belong to a connector, as Structs that are also its schema."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.model.chain import Mode
from hoploop.model.money import Asset
from hoploop.plugin.connector import ID_PATTERN, ItemConfig, OnChainConfig
from hoploop.recipe.spans import Path

_Amount = Annotated[str, Meta(extra_json_schema={"x-unit": "amount"})]
_Duration = Annotated[int, Meta(extra_json_schema={"x-unit": "duration_ms"})]
_Id = Annotated[str, Meta(pattern=ID_PATTERN)]


class EmbeddedItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to start a local chain."""

    seed: Annotated[int, Meta(ge=0, lt=2**32, description="Seed of the traffic; same seed, same trades.")] = 1
    block_time: Annotated[_Duration, Meta(description="Time between blocks (EVM).")] | None = None
    slot_time: Annotated[_Duration, Meta(description="Time between slots (Solana).")] | None = None
    traffic: Annotated[bool, Meta(description="Trade against the pools so that spreads open and close.")] = True
    world: Annotated[
        str, Meta(description="Folder with program and account dumps (Solana); relative to the working directory.")
    ] = ""


class ChainItem(ItemConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys every chain has; the rest belongs to its connector."""

    endpoint: Annotated[
        str,
        Meta(
            min_length=1,
            description="embedded, ipc:PATH, a URL, or ${secret:…} when the URL holds a key.",
            extra_json_schema={"x-secret": "allowed"},
        ),
    ]
    embedded: Annotated[EmbeddedItem, Meta(description="The local chain of endpoint: embedded.")] | None = None
    freshness: (
        Annotated[
            str,
            Meta(
                description="Oldest update to act on; default 1 block (EVM), 100ms (Solana).",
                extra_json_schema={"x-unit": "freshness"},
            ),
        ]
        | None
    ) = None
    key: Annotated[str, Meta(description="Secret reference of the signing key.", extra_json_schema={"x-secret": True})]
    owner: Annotated[str, Meta(min_length=1, description="Address of the signing key.")]


class AssetItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One token on one chain."""

    id: Annotated[_Id, Meta(description="Name of the asset, unique in the recipe.")]
    chain: Annotated[str, Meta(description="Id of its chain.", extra_json_schema={"x-ref": "chains"})]
    address: Annotated[str, Meta(min_length=1, description="Contract or mint address; quote it.")]
    symbol: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.$+-]*$", description="Unit of amounts of it.")]
    decimals: Annotated[int, Meta(ge=0, le=36, description="Base units per unit, as a power of ten.")]
    wraps_native: Annotated[bool, Meta(description="true for the wrapped fee coin (WETH, wSOL).")] = False


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


class Hops(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Length of cycles."""

    min: Annotated[int, Meta(ge=0, le=64, description="Fewest swaps in a cycle.")] = 2
    max: Annotated[int, Meta(ge=0, le=64, description="Most swaps in a cycle.")] = 3


class RouteOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which routes, and how to choose among them."""

    order: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "routes"})], ...],
        Meta(min_length=1, description="Route ids, preferred first."),
    ]
    policy: Annotated[
        Literal["first", "rotate"], Meta(description="first: in order until one takes it; rotate: take turns.")
    ] = "first"


class Size(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much to trade."""

    max_notional: Annotated[_Amount, Meta(description="Most to put through a cycle, in the base asset.")]


class Profit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a trade worth it."""

    min: Annotated[_Amount, Meta(description="Least profit after all costs, in the base asset.")]


class StrategyItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One search for cycles."""

    id: Annotated[_Id, Meta(description="Name of the strategy.")]
    enabled: Annotated[bool, Meta(description="false leaves it out of the plan.")] = True
    chain: Annotated[str, Meta(description="Id of the chain.", extra_json_schema={"x-ref": "chains"})]
    base: Annotated[str, Meta(description="Asset cycles start and end in.", extra_json_schema={"x-ref": "assets"})]
    pools: Annotated[
        tuple[str, ...], Meta(description="Venue ids or venue/pool ids; empty for every pool of the chain.")
    ] = ()
    hops: Annotated[Hops, Meta(description="Length of cycles.")] = Hops()
    lenders: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "lenders"})], ...],
        Meta(description="Flash lenders to choose from; empty to use own capital only."),
    ] = ()
    routes: Annotated[RouteOrder, Meta(description="How transactions are sent.")]
    size: Annotated[Size, Meta(description="How much to trade.")]
    profit: Annotated[Profit, Meta(description="What makes a trade worth it.")]
    cooldown: Annotated[_Duration, Meta(description="Pause before the same cycle is tried again.")] = 0
    max_in_flight: Annotated[int, Meta(ge=1, le=64, description="Most attempts under way at once.")] = 1
    budget: Annotated[int, Meta(ge=1, le=100_000, description="Most cycles sized per update.")] = 256
    simulate: Annotated[
        Literal["always", "flash"], Meta(description="always, or only when a flash loan is used.")
    ] = "always"


class RiskItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits across strategies."""

    daily_loss: Annotated[
        dict[str, _Amount],
        Meta(description="Asset id -> most that may be lost in a UTC day; reaching it trips the gate."),
    ] = {}


class RecipeHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a recipe besides its sections."""

    recipe: Annotated[_Id, Meta(description="Name of the recipe; lock, ledger and control socket carry it.")]
    mode: Annotated[
        Mode, Meta(description="dry: never sends; paper: sends on embedded chains; live: sends when armed.")
    ] = "dry"
    assets: Annotated[tuple[AssetItem, ...], Meta(min_length=1, description="Tokens.")]
    strategies: Annotated[tuple[StrategyItem, ...], Meta(min_length=1, description="Searches for cycles.")]
    risk: Annotated[RiskItem, Meta(description="Limits across strategies.")] = RiskItem()


class Placed(msgspec.Struct, frozen=True):
    """An item of a connector section with its way in the document."""

    path: Path
    connector: str
    config: OnChainConfig


class PlacedChain(msgspec.Struct, frozen=True):
    """A chain: `config` is its connector's part, `item` the language's."""

    path: Path
    connector: str
    config: ItemConfig
    item: ChainItem


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe whose every value has its type; references are not followed yet."""

    head: RecipeHead
    chains: tuple[PlacedChain, ...]
    venues: tuple[Placed, ...]
    lenders: tuple[Placed, ...]
    routes: tuple[Placed, ...]
