"""What a recipe can spend on fees and tips in a day at most, whatever the market does."""

from __future__ import annotations

from collections.abc import Iterable

from hoploop.plugin.connector import Costs
from hoploop.plugin.registry import Registry
from hoploop.recipe.build import BuiltLender, Parts, PlacedStrategy
from hoploop.recipe.choose import strategy_lenders, strategy_pools, strategy_routes
from hoploop.recipe.plan import Spend
from hoploop.recipe.units import Rate, parse, to_base_units

_DAY_MS = 86_400_000


def project(parts: Parts, registry: Registry) -> tuple[Spend, ...]:
    """One projection for each wrapped native asset that strategies start from; in recipe order."""
    found: dict[str, list[tuple[int, int | None]]] = {}
    for strategy in parts.strategies:
        bounds = found.setdefault(strategy.item.base, [])
        bounds.append((_worst(parts, strategy, registry), _per_day(strategy.item.rate)))
    return tuple(_spend(parts, asset, bounds) for asset, bounds in found.items())


def _spend(parts: Parts, asset: str, bounds: list[tuple[int, int | None]]) -> Spend:
    risk = parts.recipe.head.risk
    rates = [attempts for _, attempts in bounds]
    own = None if None in rates else sum(attempts for attempts in rates if attempts is not None)
    attempts = min((bound for bound in (own, _per_day(risk.rate)) if bound is not None), default=None)
    scope = next(scope for scope in parts.scopes.values() if asset in scope.assets)
    budget = risk.daily_fees.get(asset)
    return Spend(
        asset=asset,
        worst=max(worst for worst, _ in bounds),
        attempts=attempts,
        budget=None if budget is None else to_base_units(budget, scope.assets[asset]),
    )


def _per_day(rate: str | None) -> int | None:
    """Every stretch of the rate's length has no more than its attempts, and those stretches fill a day."""
    if rate is None:
        return None
    read: Rate = parse("rate", rate)
    return read.times * (_DAY_MS // read.per_ms)


def _worst(parts: Parts, strategy: PlacedStrategy, registry: Registry) -> int:
    """The dearest cycle with the dearest loan by the dearest route."""
    item = strategy.item
    chain = next(chain for chain in parts.chains if chain.item.id == item.chain)
    costs = registry.offer("chain", chain.connector).costs
    fee = Costs() if costs is None else costs(chain.config)
    if fee.fee is None:
        return 0
    swaps = sorted((pool.units for pool in strategy_pools(parts, strategy)), reverse=True)[: item.hops.max]
    units = fee.fee.base_units + sum(swaps) + _loan(strategy_lenders(parts, strategy))
    planned = fee.fee.base_fee - (-units * fee.fee.price_num // fee.fee.price_den)
    return fee.fee.most(planned) + _tip(parts, strategy, registry)


def _loan(lenders: Iterable[BuiltLender]) -> int:
    return max((lender.terms.units for lender in lenders), default=0)


def _tip(parts: Parts, strategy: PlacedStrategy, registry: Registry) -> int:
    wanted = set(strategy_routes(parts, strategy))
    chosen = (route for route in parts.routes if route.config.id in wanted)
    offers = ((registry.offer("route", route.connector), route.config) for route in chosen)
    return max((offer.costs(config).max_tip for offer, config in offers if offer.costs is not None), default=0)
