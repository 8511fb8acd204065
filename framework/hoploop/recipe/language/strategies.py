"""`strategies`: which cycles to look for, how much to put in, what they must earn and how they are sent."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.model.money import Ratio
from hoploop.recipe.language.marks import ident, said

_BY_CONNECTOR = "fees and tips are those of the chain and of its routes"
_UNITS = "units are those of the pools and lenders used; venues[].gas plans them on EVM chains"


class Hops(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Length of cycles."""

    min: Annotated[int, said("Fewest swaps in a cycle.", risk="down", ge=0, le=64)] = 2
    max: Annotated[int, said("Most swaps in a cycle.", risk="up", ge=0, le=64)] = 3


class Suppress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leave a path alone that keeps failing."""

    after: Annotated[int, said("Failures in a row.", apply="live", risk="up", ge=1, le=10_000, example=5)]
    retry: Annotated[
        int, said("How long it is left alone.", unit="duration_ms", apply="live", risk="down", example="30s")
    ]


class RouteOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which routes, and how to choose among them."""

    order: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "routes"})], ...],
        said("Route ids, preferred first.", apply="live", min_length=1),
    ]
    policy: Annotated[
        Literal["first", "rotate", "all", "random"],
        Meta(
            description="first: in order until one takes it; rotate: take turns; all: every one; random: any.",
            extra_json_schema={
                "x-apply": "live",
                "x-planned-values": {"all": "use first or rotate", "random": "use first or rotate"},
            },
        ),
    ] = "first"
    concurrency: (
        Annotated[int, said("Routes asked at once.", planned="routes are asked one after the other", ge=1)] | None
    ) = None
    unique: Annotated[
        bool, said("A transaction of its own for every route.", planned="one transaction goes to one route")
    ] = False
    repeat: Annotated[int, said("How often each is asked.", planned="once", ge=1, le=64, example=2)] | None = None


class Size(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much to trade. Hoploop finds the amount that earns most, to the unit; this bounds it."""

    max_notional: Annotated[
        str,
        said(
            "Most to put through a cycle, in the base asset.", unit="amount", apply="live", risk="up", example="50 WETH"
        ),
    ]
    min_notional: (
        Annotated[str, said("Least to put through a cycle.", unit="amount", apply="live", example="0.01 WETH")] | None
    ) = None
    own_share: Annotated[
        Ratio | None,
        said("Part of the own balance to use; the rest stays.", unit="ratio", apply="live", risk="up", example="50%"),
    ] = None
    max_impact: Annotated[
        Ratio | None,
        said(
            "Most that a trade may move a pool's price.",
            unit="ratio",
            planned="quotes are exact: profit.min holds after it",
            example="1%",
        ),
    ] = None
    fixed: (
        Annotated[str, said("Always this much.", unit="amount", planned="max_notional bounds the best amount")] | None
    ) = None


class Profit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a trade worth it, after every cost."""

    min: Annotated[
        str,
        said(
            "Least profit after all costs, in the base asset.",
            unit="amount",
            apply="live",
            risk="down",
            example="0.0005 WETH",
        ),
    ]
    ratio: Annotated[
        Ratio | None,
        said("Least profit as a part of what is put in.", unit="ratio", apply="live", risk="down", example="5bps"),
    ] = None
    cost_cover: Annotated[
        Ratio | None,
        said(
            "Least profit as a part of the network fee and tip.",
            unit="ratio",
            apply="live",
            risk="down",
            example="150%",
        ),
    ] = None
    usd: (
        Annotated[str, said("Least profit in US dollars.", unit="usd", planned="write it in the base asset: min")]
        | None
    ) = None


class PriceRange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several prices for one opportunity."""

    low: Annotated[str, said("Smallest.", unit="amount", example="0.00001 SOL")]
    high: Annotated[str, said("Largest.", unit="amount", example="0.0001 SOL")]
    spread: Annotated[Literal["random", "linear", "exponential"], said("How they are spread.")] = "random"
    count: Annotated[int, said("How many.", ge=1, le=64, example=4)] = 1


class Percentile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What others paid lately."""

    of: Annotated[int, said("Which percentile.", ge=1, le=100, example=75)]
    up_to: Annotated[int, said("Spread from `of` up to this one.", ge=1, le=100, example=95)] | None = None
    source: Annotated[Literal["node", "observed", "stream"], said("Who knows what others paid.")] = "node"
    within: Annotated[int, said("Over how long.", unit="duration_ms", example="1m")]
    every: Annotated[int, said("Ask this often.", unit="duration_ms", example="5s")] | None = None
    max: Annotated[str, said("Never more than this.", unit="amount", example="0.001 SOL")]


class ShareRange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several parts of the profit."""

    low: Annotated[Ratio, said("Smallest.", unit="ratio", example="10%")]
    high: Annotated[Ratio, said("Largest.", unit="ratio", example="30%")]
    spread: Annotated[Literal["random", "linear", "exponential"], said("How they are spread.")] = "random"


class Second(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Now and then another price."""

    share: Annotated[Ratio, said("Part of the profit then.", unit="ratio", example="80%")]
    chance: Annotated[Ratio, said("How often.", unit="ratio", example="5%")]


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee or a tip: one of fixed, range, percentile or share, with a cap."""

    fixed: Annotated[str, said("Always this.", unit="amount", example="0.0001 SOL")] | None = None
    range: Annotated[PriceRange | None, said("Several prices.")] = None
    percentile: Annotated[Percentile | None, said("What others paid.")] = None
    share: Annotated[Ratio | None, said("Part of the profit.", unit="ratio", example="10%")] = None
    shares: Annotated[ShareRange | None, said("Several parts of the profit.")] = None
    second: Annotated[Second | None, said("Now and then another price.")] = None
    multiple: Annotated[Ratio | None, said("Times what the node proposes.", unit="ratio", example="120%")] = None
    unwrap: Annotated[bool, said("Pay it out of wrapped coin.")] = False
    max: Annotated[str, said("Never more than this.", unit="amount", example="0.001 SOL")] | None = None


class RouteTuning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is different on one route."""

    route: Annotated[str, said("Id of the route.", ref="routes")]
    fee: Annotated[Price | None, said("Priority fee there.")] = None
    tip: Annotated[Price | None, said("Tip there.")] = None
    profit: Annotated[str, said("Least profit to use it.", unit="amount", example="0.001 SOL")] | None = None


class Units(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gas or compute units a transaction asks for."""

    limit: Annotated[int, said("Always this many.", ge=1, example=400_000)] | None = None
    base: Annotated[int, said("Besides swaps.", ge=0, example=80_000)] | None = None
    per_swap: Annotated[int, said("For each swap.", ge=1, example=90_000)] | None = None
    margin: Annotated[Ratio | None, said("Times what was simulated.", unit="ratio", example="110%")] = None


class Ends(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where cycles may begin and end."""

    first: Annotated[tuple[str, ...], said("Venues or pools of the first swap.", example=["uni2"])] = ()
    last: Annotated[tuple[str, ...], said("Venues or pools of the last swap.", example=["cake2"])] = ()


class Pick(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of several opportunities."""

    top: Annotated[int, said("Among this many of the best.", ge=1, example=3)]
    random: Annotated[bool, said("Any of them, instead of the best.")] = False


class Trigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When to look."""

    on: Annotated[
        Literal["update", "block", "interval"],
        Meta(
            description="update: whenever a pool changes; block: once a block; interval: every so often.",
            extra_json_schema={
                "x-apply": "live",
                "x-planned-values": {"block": "use on: update", "interval": "use on: update"},
            },
        ),
    ] = "update"
    every: (
        Annotated[int, said("Pause of on: interval.", unit="duration_ms", planned="use on: update", example="400ms")]
        | None
    ) = None


class StrategyItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One search for cycles."""

    id: Annotated[str, ident("Name of the strategy.", "cycles")]
    enabled: Annotated[bool, said("false leaves it out of the plan.")] = True
    chain: Annotated[str, said("Id of the chain.", ref="chains", apply="engine")]
    base: Annotated[str, said("Asset cycles start and end in.", ref="assets", risk="any")]
    universes: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "universes"})], ...],
        said("Universes whose pools it uses, with those of `pools`."),
    ] = ()
    pools: Annotated[
        tuple[str, ...],
        said(
            "Venue ids, venue/pool ids or addresses of pools; with no universe either, every pool of the chain.",
            example=["uni2", "cake2/weth_usdc"],
        ),
    ] = ()
    intermediates: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "assets"})], ...],
        said("Assets cycles may lead through; empty for any."),
    ] = ()
    hops: Annotated[Hops, said("Length of cycles.")] = Hops()
    suppress: Annotated[Suppress | None, said("Leave a path alone that keeps failing.", apply="live")] = None
    lenders: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "lenders"})], ...],
        said("Flash lenders to choose from; empty to use own capital only."),
    ] = ()
    lender_caps: Annotated[
        dict[str, Annotated[str, said("Most to borrow.", unit="amount")]],
        said("Lender id -> most to borrow there.", apply="live", risk="up", example={"balancer": "20 WETH"}),
    ] = {}
    own_capital: Annotated[bool, said("Whether own funds may be used at all.", apply="live", risk="up")] = True
    routes: Annotated[RouteOrder, said("How transactions are sent.", apply="live")]
    tuning: Annotated[tuple[RouteTuning, ...], said("What is different on a route.", planned=_BY_CONNECTOR)] = ()
    fee: Annotated[Price | None, said("Priority fee.", planned=_BY_CONNECTOR)] = None
    tip: Annotated[Price | None, said("Tip.", planned=_BY_CONNECTOR)] = None
    tables: Annotated[
        tuple[str, ...],
        said("Sets of lookup tables.", planned="chains[].lookup_tables holds them all", example=["mine"]),
    ] = ()
    merge: Annotated[int, said("Cycles in one transaction.", planned="one cycle is one transaction", ge=1)] | None = (
        None
    )
    max_accounts: (
        Annotated[int, said("Most accounts in a transaction.", planned="64, as the chain allows", ge=8, le=64)] | None
    ) = None
    units: Annotated[Units | None, said("Gas or compute units.", planned=_UNITS)] = None
    ends: Annotated[Ends | None, said("Where cycles may begin and end.", planned="pools: any order of them")] = None
    pick: Annotated[Pick | None, said("Which of several.", planned="the best that risk approves")] = None
    guard: Annotated[
        Literal["revert", "pass"],
        Meta(
            description="What a transaction does on chain when the profit is gone: revert, or end without a trade.",
            extra_json_schema={"x-apply": "live", "x-planned-values": {"pass": "revert; a bundle route makes it free"}},
        ),
    ] = "revert"
    size: Annotated[Size, said("How much to trade.", apply="live")]
    profit: Annotated[Profit, said("What makes a trade worth it.", apply="live")]
    trigger: Annotated[Trigger, said("When to look.", apply="live")] = Trigger()
    cooldown: Annotated[
        int, said("Pause before the same cycle is tried again.", unit="duration_ms", apply="live", risk="down")
    ] = 0
    max_age: (
        Annotated[
            int,
            said(
                "Oldest opportunity to act on; the chain's freshness bounds it too.",
                unit="duration_ms",
                apply="live",
                risk="up",
            ),
        ]
        | None
    ) = None
    rate: Annotated[str, said("Most attempts.", unit="rate", apply="live", risk="up", example="30/m")] | None = None
    max_in_flight: Annotated[
        int, said("Most attempts under way at once.", apply="live", risk="up", ge=1, le=64, example=4)
    ] = 1
    budget: Annotated[int, said("Most cycles sized per update.", ge=1, le=100_000)] = 256
    simulate: Annotated[
        Literal["always", "flash"],
        said("always, or only when a flash loan is used.", apply="live", risk="any"),
    ] = "always"
