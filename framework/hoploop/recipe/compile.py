"""Turns checked parts into the frozen, fingerprinted plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from hoploop.model.chain import Family
from hoploop.model.money import Asset, Ratio
from hoploop.recipe.build import Parts, PlacedStrategy
from hoploop.recipe.choose import strategy_lenders, strategy_pools, strategy_routes
from hoploop.recipe.graph import count_cycles
from hoploop.recipe.language.chains import EmbeddedItem, asset_of
from hoploop.recipe.language.risk import BreakerItem, RiskItem
from hoploop.recipe.language.strategies import Suppress
from hoploop.recipe.plan import (
    BreakerPlan,
    ChainPlan,
    Embedded,
    ItemPlan,
    Plan,
    Rate,
    RiskPlan,
    Spend,
    StrategyPlan,
    SuppressPlan,
)
from hoploop.recipe.types import Placed, PlacedChain
from hoploop.recipe.units import Freshness, parse, to_base_units

_PACE_MS = {"evm": 500, "solana": 200}
_FRESHNESS = {"evm": Freshness(None, 1), "solana": Freshness(100, None)}


def compile_plan(parts: Parts, spend: tuple[Spend, ...]) -> Plan:
    """The plan; its fingerprint covers everything in it and nothing else (no path, no time, no comment)."""
    head = parts.recipe.head
    assets = {item.id: asset_of(item) for item in head.assets if item.chain in parts.scopes}
    plan = Plan(
        recipe=head.recipe,
        mode=head.mode,
        fingerprint="",
        chains=tuple(_chain(parts, chain) for chain in parts.chains),
        assets=tuple(assets.values()),
        venues=tuple(_item(venue.placed) for venue in parts.venues),
        pools=parts.pools(),
        lenders=tuple(_item(lender.placed) for lender in parts.lenders),
        routes=tuple(_item(route) for route in parts.routes),
        strategies=tuple(_strategy(parts, strategy) for strategy in parts.strategies),
        risk=_risk(head.risk, assets),
        spend=spend,
    )
    return msgspec.structs.replace(plan, fingerprint=fingerprint(plan))


def fingerprint(plan: Plan) -> str:
    """SHA-256 over the canonical JSON of the plan without its fingerprint, hex."""
    bare = msgspec.structs.replace(plan, fingerprint="")
    return hashlib.sha256(msgspec.json.encode(bare, order="sorted")).hexdigest()


def _risk(risk: RiskItem, assets: Mapping[str, Asset]) -> RiskPlan:
    return RiskPlan(
        daily_loss=_limits(risk.daily_loss, assets),
        daily_fees=_limits(risk.daily_fees, assets),
        floors=_limits(risk.floors, assets),
        rate=_rate(risk.rate),
        breakers=tuple(_breaker(item) for item in risk.breakers if item.enabled),
    )


def _limits(limits: Mapping[str, str], assets: Mapping[str, Asset]) -> tuple[tuple[str, int], ...]:
    """By asset id; those of assets on disabled chains drop out."""
    return tuple(sorted((name, to_base_units(text, assets[name])) for name, text in limits.items() if name in assets))


def _rate(text: str | None) -> Rate | None:
    return None if text is None else Rate(*parse("rate", text))


def _suppress(item: Suppress | None) -> SuppressPlan | None:
    return None if item is None else SuppressPlan(after=item.after, retry_ms=item.retry)


def _breaker(item: BreakerItem) -> BreakerPlan:
    assert item.on != "drawdown", "refused by the schema stage"
    return BreakerPlan(
        id=item.id,
        on=item.on,
        count=item.count,
        within_ms=item.within,
        action=item.action,
        unlock_ms=item.unlock,
        strategies=item.strategies,
    )


def _chain(parts: Parts, chain: PlacedChain) -> ChainPlan:
    item, scope, family = chain.item, parts.scopes[chain.item.id], parts.families[chain.item.id]
    fresh = _FRESHNESS[family] if item.freshness is None else parse("freshness", item.freshness)
    return ChainPlan(
        id=item.id,
        family=family,
        connector=chain.connector,
        config=chain.config,
        identity=scope.identity,
        endpoint=item.endpoint,
        embedded=_embedded(item.embedded or EmbeddedItem(), family) if item.endpoint == "embedded" else None,
        freshness_ms=fresh.ms,
        freshness_blocks=fresh.blocks,
        key=item.key,
        owner=item.owner,
    )


def _embedded(item: EmbeddedItem, family: Family) -> Embedded:
    pace = item.block_time if family == "evm" else item.slot_time
    return Embedded(
        seed=item.seed,
        block_ms=_PACE_MS[family] if pace is None else pace,
        traffic=item.traffic,
        world=item.world,
    )


def _item(placed: Placed) -> ItemPlan:
    config = placed.config
    return ItemPlan(id=config.id, chain=config.chain, connector=placed.connector, config=config)


def _strategy(parts: Parts, strategy: PlacedStrategy) -> StrategyPlan:
    item = strategy.item
    base = parts.scopes[item.chain].assets[item.base]
    pools = strategy_pools(parts, strategy)
    least, caps = item.size.min_notional, item.lender_caps
    return StrategyPlan(
        id=item.id,
        chain=item.chain,
        base=item.base,
        pools=tuple(pool.id for pool in pools),
        lenders=tuple(lender.placed.config.id for lender in strategy_lenders(parts, strategy)),
        routes=strategy_routes(parts, strategy),
        route_policy="first" if item.routes.policy == "first" else "rotate",
        min_hops=item.hops.min,
        max_hops=item.hops.max,
        max_notional=to_base_units(item.size.max_notional, base),
        min_notional=0 if least is None else to_base_units(least, base),
        own_capital=item.own_capital,
        own_share=item.size.own_share or Ratio(1, 1),
        lender_caps=tuple(sorted((name, to_base_units(text, base)) for name, text in caps.items())),
        min_profit=to_base_units(item.profit.min, base),
        profit_ratio=item.profit.ratio or Ratio(0, 1),
        cost_cover=item.profit.cost_cover or Ratio(0, 1),
        max_in_flight=item.max_in_flight,
        cooldown_ms=item.cooldown,
        max_age_ms=item.max_age,
        rate=_rate(item.rate),
        suppress=_suppress(item.suppress),
        budget=item.budget,
        simulate=item.simulate,
        cycles=count_cycles(pools, item.base, item.hops.min, item.hops.max),
    )
