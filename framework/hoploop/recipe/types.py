"""A recipe whose every value has its type: what the schema stage hands on."""

from __future__ import annotations

import msgspec

from hoploop.plugin.connector import ItemConfig, OnChainConfig
from hoploop.recipe.language.chains import ChainItem
from hoploop.recipe.language.head import RecipeHead
from hoploop.recipe.spans import Path


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
