"""What a recipe can spend on fees and tips in a day at most, whatever the market does."""

from __future__ import annotations

from collections.abc import Iterable

from hoploop.recipe.build import BuiltLender, Parts, PlacedStrategy
from hoploop.recipe.choose import strategy_lenders, strategy_pools, strategy_routes
from hoploop.recipe.plan import Spend
from hoploop.recipe.units import Rate, parse, to_base_units

_DAY_MS = 86_400_000


def project(parts: Parts) -> tuple[Spend, ...]:
    """One projection for each wrapped native asset that strategies start from; in recipe order."""
    found: dict[str, list[tuple[int, int | None]]] = {}
    for strategy in parts.strategies:
        bounds = found.setdefault(strategy.item.base, [])
        bounds.append((_worst(parts, strategy), _per_day(strategy.item.rate)))
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


def _worst(parts: Parts, strategy: PlacedStrategy) -> int:
    """The dearest cycle with the dearest loan by the dearest route."""
    item, fee = strategy.item, parts.fees[strategy.item.chain]
    swaps = sorted((pool.units for pool in strategy_pools(parts, strategy)), reverse=True)[: item.hops.max]
    units = fee.base_units + sum(swaps) + _loan(strategy_lenders(parts, strategy))
    planned = fee.base_fee - (-units * fee.price_num // fee.price_den)
    tips = (parts.route_costs[name].max_tip for name in strategy_routes(parts, strategy))
    return fee.most(planned) + max(tips, default=0)


def _loan(lenders: Iterable[BuiltLender]) -> int:
    return max((lender.terms.units for lender in lenders), default=0)
