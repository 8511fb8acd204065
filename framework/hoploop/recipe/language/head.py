"""The keys of a recipe and the sections that do not belong to connectors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hoploop.model.chain import Mode
from hoploop.model.reasons import Reason
from hoploop.recipe.language.chains import AssetItem
from hoploop.recipe.language.marks import ident, said
from hoploop.recipe.language.risk import RiskItem
from hoploop.recipe.language.strategies import StrategyItem
from hoploop.recipe.language.universes import UniverseItem
from hoploop.recipe.language.upkeep import ServicesItem, TableItem, WalletItem
from hoploop.recipe.language.watching import AlertItem, MetricsItem

LANGUAGE = 1
"""Version of the language this Hoploop reads; `hoploop migrate` brings older recipes to it."""
LOADER_KEYS = ("include", "vars", "defaults", "templates", "profiles")
"""Taken out of the tree by the loader before the schema sees it."""


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must come up on a recorded market."""

    strategy: Annotated[str, said("Whose decision.", ref="strategies")]
    decision: Annotated[Literal["attempt", "refuse"], said("What it decides.")]
    reason: Annotated[Reason, said("Why it refuses; any reason when left out.", example="min_profit")] | None = None
    shape: Annotated[
        str, said("Lender and pools of the cycle, or a part of that.", example="own:uni2/weth_usdc>cake2/weth_usdc")
    ] = ""
    net: Annotated[str, said("Least net profit.", unit="amount", example="0.001 WETH")] | None = None
    count: Annotated[int, said("How many such decisions at least; 0 for none at all.", ge=0)] = 1
    enabled: Annotated[bool, said("false leaves it out.", apply="live")] = True


class CaseItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One recorded market with what is expected on it."""

    name: Annotated[str, said("What is tested, as a sentence.", min_length=1, example="a wide spread is taken")]
    enabled: Annotated[bool, said("false leaves it out.", apply="live")] = True
    market: Annotated[
        str, said("The recorded market, relative to the recipe; its own when left out.", example="markets/wide.json")
    ] = ""
    expect: Annotated[tuple[Expectation, ...], said("What must come up.", min_length=1)]


class RecipeHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a recipe besides its connector sections."""

    recipe: Annotated[str, ident("Name of the recipe; lock, ledger and control socket carry it.", "arb")]
    language: Annotated[int, said("Version of the language.", ge=1, le=LANGUAGE, apply="engine")] = LANGUAGE
    mode: Annotated[
        Mode,
        Meta(
            description="dry: never sends; paper: sends on embedded chains; live: sends when armed.",
            extra_json_schema={"x-apply": "engine", "examples": ["paper"]},
        ),
    ] = "dry"
    include: Annotated[
        tuple[str, ...],
        said("Recipes this one builds on, relative to it.", max_length=64, example=["parts/chain.yaml"]),
    ] = ()
    vars: Annotated[dict[str, Any], said("Values for ${var:NAME}.", example={"most": "2 WETH"})] = {}
    defaults: Annotated[
        dict[str, dict[str, Any]],
        said("Section -> keys its items have unless they say otherwise.", example={"venues": {"chain": "eth"}}),
    ] = {}
    templates: Annotated[
        dict[str, dict[str, Any]], said("Name -> keys of the items that `use` it.", example={"token": {"decimals": 18}})
    ] = {}
    profiles: Annotated[
        dict[str, dict[str, Any]],
        said("Name -> what is different under --profile NAME.", example={"live": {"mode": "live"}}),
    ] = {}
    assets: Annotated[tuple[AssetItem, ...], said("Tokens.", min_length=1)]
    universes: Annotated[tuple[UniverseItem, ...], said("Sets of pools.")] = ()
    strategies: Annotated[tuple[StrategyItem, ...], said("Searches for cycles.", min_length=1)]
    risk: Annotated[RiskItem, said("Limits across strategies.", apply="live")] = RiskItem()
    wallets: Annotated[
        tuple[WalletItem, ...], said("Keys with roles.", planned="one key signs on a chain: chains[].key")
    ] = ()
    tables: Annotated[
        tuple[TableItem, ...], said("Sets of lookup tables.", planned="list them in chains[].lookup_tables")
    ] = ()
    services: Annotated[
        ServicesItem | None,
        said("Chores beside the strategies.", planned="the connectors do what they need by themselves"),
    ] = None
    alerts: Annotated[
        tuple[AlertItem, ...], said("Who hears of what happens.", planned="hoploop status and the console show it")
    ] = ()
    metrics: Annotated[
        MetricsItem | None, said("Numbers for monitoring.", planned="hoploop status --json has them")
    ] = None
    tests: Annotated[
        tuple[CaseItem, ...],
        said("Recorded markets with what is expected on them; `hoploop test` plays them.", apply="live"),
    ] = ()
