"""What a strategy uses: its pools, lenders and routes, with what is disabled left out."""

from __future__ import annotations

from collections.abc import Iterator

from hoploop.model.market import PoolSpec
from hoploop.recipe.build import BuiltLender, Parts, PlacedStrategy
from hoploop.recipe.language.strategies import StrategyItem
from hoploop.recipe.universe import Names, folded, is_named, members


def strategy_pools(parts: Parts, strategy: PlacedStrategy) -> tuple[PoolSpec, ...]:
    """Pools a strategy searches: those it or its universes name, or all of its chain; only through intermediates."""
    item = strategy.item
    names = {*map(folded, item.pools), *(pool.id for pool in _universe_pools(parts, item))}
    pools = tuple(_named(parts, item.chain, names if item.pools or item.universes else None))
    if item.intermediates:
        through = {item.base, *item.intermediates}
        pools = tuple(pool for pool in pools if {pool.asset0, pool.asset1} <= through)
    return pools


def _named(parts: Parts, chain: str, names: set[str] | None) -> Iterator[PoolSpec]:
    """Pools of these venues and those named by themselves, in recipe order; every pool of the chain for None."""
    rest = None if names is None else names - {venue.placed.config.id for venue in parts.venues}
    for venue in parts.venues:
        if venue.placed.config.chain != chain:
            continue
        if names is None or venue.placed.config.id in names:
            yield from venue.pools
        elif rest:
            yield from (pool for pool in venue.pools if is_named(pool, rest))


def _universe_pools(parts: Parts, item: StrategyItem) -> Iterator[PoolSpec]:
    for universe in parts.recipe.head.universes:
        if universe.id in item.universes and universe.enabled and universe.chain == item.chain:
            yield from members(universe, names_of(parts, item.chain))


def names_of(parts: Parts, chain: str) -> Names:
    venues = {venue.placed.config.id: venue.placed.config.chain for venue in parts.venues}
    return Names.of(chain, parts.pools(), venues, parts.recipe.head.assets, parts.disabled)


def strategy_lenders(parts: Parts, strategy: PlacedStrategy) -> tuple[BuiltLender, ...]:
    """Enabled lenders of a strategy in its order."""
    by_id = {lender.placed.config.id: lender for lender in parts.lenders}
    return tuple(by_id[name] for name in strategy.item.lenders if name in by_id)


def strategy_routes(parts: Parts, strategy: PlacedStrategy) -> tuple[str, ...]:
    """Enabled routes of a strategy in its order."""
    enabled = {route.config.id for route in parts.routes}
    return tuple(name for name in strategy.item.routes.order if name in enabled)
