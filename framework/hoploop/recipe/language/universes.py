"""`universes`: which pools strategies may use, chosen by list, pair, asset, tag, file or ranking."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.model.money import Ratio
from hoploop.recipe.language.marks import ident, said

Tags = tuple[tuple[str, ...], ...]
"""Any of the groups; all words of a group."""
_PROGRAM = "675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8"
Pair = Annotated[tuple[str, ...], Meta(min_length=2, max_length=2)]
Metric = Literal[
    "liquidity", "volume", "net_volume", "buy_volume", "sell_volume", "buys", "sells", "profit", "profit_per_arb",
    "roi", "turnover", "imbalance", "volatility", "fees", "arbs", "fails", "units", "age",
]  # fmt: skip
Holds = Literal["pools", "assets", "excluded"]
_HOLDS = "What it lists: venues and pools, assets, or what is left out, as in `pools`, `assets` and `exclude`."
_READ_ONCE = "it is read at the start, and again by hoploop apply"
_UNMEASURED = "Hoploop does not measure markets yet; list the pools"


class PoolFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list in a text file, one id or address a line, # for comments."""

    path: Annotated[str, said("Its path, relative to the recipe.", min_length=1, example="pools.txt")]
    poll: Annotated[int | None, said("Read it again this often.", unit="duration_ms", planned=_READ_ONCE)] = None
    max_age: Annotated[int, said("Refuse it when it is older.", unit="duration_ms", risk="up")] | None = None
    holds: Annotated[Holds, said(_HOLDS)] = "pools"
    tagged: Annotated[bool, said("What follows a comma on a line are tags.", planned="assets[].tags")] = False


class PoolUrl(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of pools on the web."""

    url: Annotated[str, said("Its URL.", min_length=1, example="https://lists.example/pools.txt")]
    poll: Annotated[int, said("Read it again this often.", unit="duration_ms", example="1m")]
    max_age: Annotated[int, said("Ignore it when it is older.", unit="duration_ms", example="5m")]
    holds: Annotated[Holds, said(_HOLDS)] = "pools"
    tagged: Annotated[bool, said("What follows a comma on a line are tags.")] = False
    bypass_cache: Annotated[bool, said("Ask past every cache: the time goes into the URL.")] = False


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a pool must measure; both ends count."""

    metric: Annotated[Metric, said("What is measured.")]
    min: Annotated[str, said("Least.", unit="usd")] | None = None
    max: Annotated[str, said("Most.", unit="usd")] | None = None
    min_count: Annotated[int, said("Least, of what is counted.", ge=0, example=5)] | None = None
    max_count: Annotated[int, said("Most, of what is counted.", ge=0, example=500)] | None = None
    min_ratio: Annotated[Ratio | None, said("Least, of what is a ratio.", unit="ratio", example="1%")] = None
    max_ratio: Annotated[Ratio | None, said("Most, of what is a ratio.", unit="ratio", example="80%")] = None
    within: Annotated[int, said("Over how long.", unit="duration_ms", example="1h")] | None = None


class Age(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How old a pool must be."""

    min: Annotated[int, said("At least.", unit="duration_ms")] | None = None
    max: Annotated[int, said("At most.", unit="duration_ms")] | None = None


class Rank(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The best by one measure."""

    of: Annotated[Literal["pools", "assets"], said("What is ranked.")] = "pools"
    by: Annotated[Metric, said("What is measured.")]
    source: Annotated[Literal["observed", "birdeye", "gecko"], said("Who measures.")] = "observed"
    token: Annotated[str, Meta(description="Access token there.", extra_json_schema={"x-secret": True})] | None = None
    programs: Annotated[tuple[str, ...], said("Programs whose trades are observed.", example=[_PROGRAM])] = ()
    halflife: Annotated[int, said("After this long a measure counts half.", unit="duration_ms")] | None = None
    top: Annotated[int, said("How many are kept.", ge=1, example=20)]
    every: Annotated[int, said("How often it is done again.", unit="duration_ms")] | None = None
    order: Annotated[Literal["highest", "lowest"], said("Which end is best.")] = "highest"


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the ranking with strategies of its own."""

    from_rank: Annotated[int, said("First rank of the tier.", ge=1, example=11)]
    strategies: Annotated[tuple[str, ...], said("Strategies that use it.", min_length=1, example=["cycles"])]


class Rotate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part at a time."""

    take: Annotated[int, said("How many at a time.", ge=1, example=20)]
    every: Annotated[int, said("How long each part is used.", unit="duration_ms", example="1m")]
    order: Annotated[Literal["listed", "random"], said("In which order.")] = "listed"


class Discover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pools found on chain."""

    venues: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "venues"})], ...], said("Whose pools.", min_length=1)
    ]
    back: Annotated[int, said("How many blocks back to look.", ge=0, example=10_000)] | None = None
    new: Annotated[bool, said("Take pools made while running, too.")] = False


class UniverseItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One set of pools. What it names adds up; `exclude` and the filters then take away."""

    id: Annotated[str, ident("Name of the universe.", "blue")]
    enabled: Annotated[bool, said("false leaves it out of the plan.")] = True
    chain: Annotated[str, said("Id of the chain.", ref="chains")]
    pools: Annotated[
        tuple[str, ...], said("Venue ids, venue/pool ids or addresses of pools.", example=["uni2", "cake2/weth_usdc"])
    ] = ()
    pairs: Annotated[tuple[Pair, ...], said("Pools between the two assets.", example=[["weth", "usdc"]])] = ()
    assets: Annotated[
        tuple[str, ...], said("Pools whose assets are all among these ids or addresses.", example=["weth", "usdc"])
    ] = ()
    tags: Annotated[Tags, said("Pools whose assets all have the tags of one group.", example=[["blue", "evm"]])] = ()
    files: Annotated[tuple[PoolFile, ...], said("Lists in files.")] = ()
    urls: Annotated[tuple[PoolUrl, ...], said("Lists on the web.", planned="fetch the list into a file: files")] = ()
    exclude: Annotated[
        tuple[str, ...],
        said("Venues, pools or assets left out, by id or address.", risk="down", example=["cake2/weth_usdc"]),
    ] = ()
    exclude_tags: Annotated[
        Tags, said("Pools with an asset of these tags are left out.", risk="down", example=[["new"]])
    ] = ()
    filters: Annotated[tuple[Filter, ...], said("What pools must measure.", planned=_UNMEASURED)] = ()
    age: Annotated[Age | None, said("How old pools must be.", planned=_UNMEASURED)] = None
    rank: Annotated[Rank | None, said("Keep the best.", planned=_UNMEASURED)] = None
    tiers: Annotated[tuple[Tier, ...], said("Parts of the ranking.", planned=_UNMEASURED)] = ()
    rotate: Annotated[Rotate | None, said("A part at a time.", planned="every pool is used at once")] = None
    discover: Annotated[Discover | None, said("Pools found on chain.", planned=_UNMEASURED)] = None
    token_2022: Annotated[bool, said("Whether Token-2022 mints are taken.", planned=_UNMEASURED)] | None = None
