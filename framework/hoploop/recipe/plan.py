"""The frozen result of compiling a recipe: everything the engine needs, nothing of the YAML."""

from __future__ import annotations

from typing import Literal

import msgspec

from hoploop.model.chain import Family, Mode
from hoploop.model.market import PoolSpec
from hoploop.model.money import Asset, Ratio
from hoploop.plugin.connector import ItemConfig


class ItemPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A venue, lender or route: its connector and its typed config."""

    id: str
    chain: str
    connector: str
    config: ItemConfig


class Embedded(msgspec.Struct, frozen=True, kw_only=True):
    """How to start the local chain of a chain item whose endpoint is `embedded`."""

    seed: int
    block_ms: int
    traffic: bool
    world: str = ""
    """Folder with program and account dumps (Solana); empty for the default world."""


class ChainPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One chain: identity, endpoint and who signs there."""

    id: str
    family: Family
    connector: str
    config: ItemConfig
    identity: str
    endpoint: str
    """`embedded`, `ipc:PATH`, or a URL. Secret references stay references."""
    embedded: Embedded | None
    freshness_ms: int | None
    """Oldest update a decision may rest on; None when counted in blocks."""
    freshness_blocks: int | None
    key: str
    """Secret reference of the signing key, `backend/name`."""
    owner: str
    """Address the key must have."""


class StrategyPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One search: from which asset, through which pools, with whose money, by which routes."""

    id: str
    chain: str
    base: str
    pools: tuple[str, ...]
    lenders: tuple[str, ...]
    routes: tuple[str, ...]
    route_policy: Literal["first", "rotate"]
    min_hops: int
    max_hops: int
    max_notional: int
    min_notional: int = 0
    own_capital: bool = True
    own_share: Ratio = Ratio(1, 1)
    """Part of the own balance that may be used."""
    lender_caps: tuple[tuple[str, int], ...] = ()
    """(lender id, most to borrow there); sorted."""
    min_profit: int
    profit_ratio: Ratio = Ratio(0, 1)
    """Least profit as a part of the amount put in."""
    cost_cover: Ratio = Ratio(0, 1)
    """Least profit as a part of network fee and tip."""
    max_in_flight: int
    cooldown_ms: int
    max_age_ms: int | None = None
    rate: Rate | None = None
    suppress: SuppressPlan | None = None
    budget: int
    simulate: Literal["always", "flash"]
    cycles: int


class Rate(msgspec.Struct, frozen=True):
    """At most `times` attempts in any stretch of `per_ms` milliseconds."""

    times: int
    per_ms: int


class SuppressPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A path that failed `after` times in a row is left alone for `retry_ms`."""

    after: int
    retry_ms: int


class BreakerPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Stops when `count` attempts ended badly within `within_ms`."""

    id: str
    on: Literal["reverted", "lost", "unknown", "unprofitable"]
    count: int
    within_ms: int
    action: Literal["pause", "trip"]
    unlock_ms: int | None
    """None: only an operator resumes."""
    strategies: tuple[str, ...]
    """Empty: all."""


class RiskPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Limits across strategies. Amounts in base units per asset id; pairs are sorted."""

    daily_loss: tuple[tuple[str, int], ...]
    """(asset id, most that may be lost in a UTC day, network fees included). Reaching it trips the gate."""
    daily_fees: tuple[tuple[str, int], ...] = ()
    """(wrapped native asset id, most network fees and tips in a UTC day). Nothing is sent that could pass it."""
    floors: tuple[tuple[str, int], ...] = ()
    """(wrapped native asset id, least native coin the signer keeps)."""
    rate: Rate | None = None
    breakers: tuple[BreakerPlan, ...] = ()


class Spend(msgspec.Struct, frozen=True, kw_only=True):
    """What strategies whose fees are paid in the coin that `asset` wraps can spend on them; base units."""

    asset: str
    worst: int
    """Most that one attempt can cost: network fee at its limit, and tip."""
    attempts: int | None
    """Most attempts in a day; None when no rate bounds them."""
    budget: int | None
    """`risk.daily_fees`."""

    @property
    def by_rate(self) -> int | None:
        """What the rates alone allow."""
        return None if self.attempts is None else self.attempts * self.worst

    @property
    def per_day(self) -> int | None:
        """Most in a UTC day; None when nothing but the wallet bounds it."""
        return min((bound for bound in (self.by_rate, self.budget) if bound is not None), default=None)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A compiled recipe. Same text, same fingerprint."""

    recipe: str
    mode: Mode
    fingerprint: str
    chains: tuple[ChainPlan, ...]
    assets: tuple[Asset, ...]
    venues: tuple[ItemPlan, ...]
    pools: tuple[PoolSpec, ...]
    lenders: tuple[ItemPlan, ...]
    routes: tuple[ItemPlan, ...]
    strategies: tuple[StrategyPlan, ...]
    risk: RiskPlan
    spend: tuple[Spend, ...] = ()
    """Worst case, by asset."""

    @property
    def embedded(self) -> bool:
        """True when every chain is a local one started by Hoploop itself."""
        return all(chain.embedded is not None for chain in self.chains)
