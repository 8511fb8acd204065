"""What an engine says of itself: the answer of `status`, the console's snapshot and the demo's last line."""

from __future__ import annotations

import msgspec


class GateStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is a `GateState` value."""

    state: str
    reason: str
    by: str


class AttemptCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Final states of attempts whose bytes left, and refusals by risk."""

    landed: int = 0
    reverted: int = 0
    lost: int = 0
    refused: int = 0
    unknown: int = 0


class Profit(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over landed and reverted attempts by asset id; base units as decimal text, after all costs."""

    predicted: dict[str, str]
    realized: dict[str, str]


class FlashCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Flash loans in landed attempts; `by_lender` counts the landed ones."""

    used: int = 0
    repaid: int = 0
    by_lender: dict[str, int] = {}


class Quantiles(msgspec.Struct, frozen=True, kw_only=True):
    """Microseconds."""

    p50: int = 0
    p99: int = 0
    n: int = 0


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Where the time goes between an update and bytes on the wire."""

    update_to_candidate: Quantiles
    update_to_signed: Quantiles
    signed_to_sent: Quantiles


class VenueStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One venue's pools and the age of its newest update."""

    id: str
    pools: int
    fresh: int
    updates: int
    age_ms: int | None


class ChainStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One chain as the engine sees it."""

    id: str
    family: str
    feed: str
    """A `ComponentState` value."""
    head: int
    head_age_ms: int | None
    updates: int
    candidates: int
    gaps: int
    in_flight: int
    attempts: AttemptCounts
    profit: Profit
    flash_loans: FlashCounts
    venues: tuple[VenueStatus, ...]
    reasons: dict[str, int]
    """Refusals, losses and "why not" counts by reason code."""
    balances: dict[str, str]
    """Own funds by asset id, base units as decimal text; the signer's fee coin under `native`."""


class LimitStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A risk limit and how much of it is used, base units as decimal text."""

    name: str
    used: str
    limit: str


class AssetUnit(msgspec.Struct, frozen=True, kw_only=True):
    """How to write base units of an asset for a person."""

    symbol: str
    decimals: int


class EngineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The whole status document."""

    recipe: str
    fingerprint: str
    mode: str
    version: str
    pid: int
    uptime_ms: int
    gate: GateStatus
    in_flight: int
    chains: tuple[ChainStatus, ...]
    limits: tuple[LimitStatus, ...]
    latency_us: Latency
    dropped_events: int = 0
    assets: dict[str, AssetUnit] = {}
    """Units of every asset id that occurs above; an id that is missing is shown in base units."""
