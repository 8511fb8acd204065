"""A connector's manifest: who it is, how stable, and what it offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hoploop.model.chain import Family
from hoploop.model.money import Asset
from hoploop.plugin.kinds import Client, Examiner, FeeTerms, Load, Order
from hoploop.plugin.signing import Signing

if TYPE_CHECKING:
    # It brings asyncio, which checking a recipe does not need.
    from hoploop.plugin.ingest import Ingesting

Kind = Literal["chain", "venue", "lender", "route"]
ID_PATTERN = "^[a-z][a-z0-9_]{0,47}$"
KINDS: tuple[Kind, ...] = ("chain", "venue", "lender", "route")


class Stability(Enum):
    """What a user may expect of a connector."""

    ALPHA = "alpha"
    BETA = "beta"
    STABLE = "stable"


class ItemConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every connector's config Struct: its fields become the JSON Schema of a recipe item.

    `connector` itself is the dispatch key and is removed before conversion.
    """

    id: Annotated[str, Meta(pattern=ID_PATTERN, description="Name of this item, unique in its section.")]
    enabled: Annotated[bool, Meta(description="false leaves the item out of the plan.")] = True


class OnChainConfig(ItemConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of configs whose item lives on a chain of the recipe."""

    chain: Annotated[str, Meta(description="Id of the chain it lives on.", extra_json_schema={"x-ref": "chains"})]


class ChainScope(msgspec.Struct, frozen=True, kw_only=True):
    """What venues, lenders and routes are built from besides their own config. No I/O."""

    chain_id: str
    """Id of the chain item in the recipe."""
    identity: str
    """Decimal chain id or genesis hash the recipe names."""
    assets: Mapping[str, Asset]
    settings: Any
    """The chain connector's own config Struct (same family, so its type is known there)."""
    owner: str
    """Address that signs (and on Solana owns the token accounts)."""


class Secrets(msgspec.Struct, frozen=True):
    """Resolves secret references at wiring time; values never enter a config, plan, log or repr."""

    resolve: Callable[[str], bytes]

    def __repr__(self) -> str:
        return "Secrets(…)"


class ChainContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a chain connector is built from at wiring time."""

    scope: ChainScope
    endpoint: str
    """Resolved endpoint (`embedded` is replaced by the local chain's address)."""
    secrets: Secrets
    key: str = ""
    """Secret reference (`backend/name`) of the chain's signing key; must belong to `scope.owner`."""
    extras: Mapping[str, str]
    """Addresses an embedded chain adds (relay URL, block-engine URL); empty otherwise."""
    signing: Signing | None = None
    """Native keys and templates; None leaves signing to the connector."""
    ingest: Ingesting | None = None
    """Native readers of sockets; None leaves reading to the connector."""


class RouteContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a route is built from at wiring time."""

    scope: ChainScope
    client: Client
    endpoint: str
    secrets: Secrets


class ExaminerContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a chain is examined with."""

    scope: ChainScope
    endpoint: str
    embedded: bool
    """True for a local chain, whose clock is its own."""


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """What an item can cost at most, known without I/O: `validate` adds up what a recipe may spend in a day."""

    fee: FeeTerms | None = None
    """A chain's network fee, which it must say; what its composer's `fees()` says."""
    max_tip: int = 0
    """A route's largest tip, native base units."""
    tip_account: str = ""
    """One of the accounts a route's tip goes to; empty when it takes none."""
    atomic: bool = False
    """True when a failing transaction never lands by this route."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a connector can be.

    Factories: chain `(config, ChainContext) -> Chain`; venue and lender `(config, ChainScope) -> Venue|Lender`
    (pure); route `(config, RouteContext) -> Route`. `check(config, scope) -> list of problems` is pure and optional.
    """

    kind: Kind
    config: type[ItemConfig]
    factory: Callable[[Any, Any], Any]
    check: Callable[[Any, ChainScope], list[str]] | None = None
    costs: Callable[[Any], Costs] | None = None
    """`(config) -> Costs`, pure; chains must have it. A route without it takes no tip."""
    measure: Callable[[Any, ChainScope, Order], Sequence[Load]] | None = None
    """`(config, scope, order) -> sizes of its transaction`, pure; chains. Where what a chain knows alone decides, such
    as what a lookup table holds, the least it can be."""
    examiner: Callable[[Any, ExaminerContext], Examiner] | None = None
    """`(config, ExaminerContext) -> Examiner`; chains. Without it `check` compares identity and pools only."""


class Connector(msgspec.Struct, frozen=True, kw_only=True):
    """Manifest, exported as `CONNECTOR` by the connector's folder."""

    key: str
    family: Family
    stability: Stability
    title: str
    offers: tuple[Offer, ...]
