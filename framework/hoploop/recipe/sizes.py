"""Whether the largest transaction of each strategy fits its chain, as far as a recipe alone can tell."""

from __future__ import annotations

from collections.abc import Iterator

from hoploop.errors import HoploopError
from hoploop.plugin.connector import Costs
from hoploop.plugin.registry import Registry
from hoploop.recipe.build import Parts, PlacedStrategy
from hoploop.recipe.choose import strategy_lenders, strategy_pools, strategy_routes
from hoploop.recipe.worst import Largest, Material, largest


def too_large(parts: Parts, registry: Registry) -> Iterator[tuple[PlacedStrategy, str]]:
    """Strategies whose largest transaction does not fit, and why."""
    for strategy in parts.strategies:
        chain = next(chain for chain in parts.chains if chain.item.id == strategy.item.chain)
        measure, scope = registry.offer("chain", chain.connector).measure, parts.scopes[chain.item.id]
        if measure is None:
            continue
        material = _material(parts, strategy)
        try:
            found = largest(material, lambda order: measure(chain.config, scope, order))  # noqa: B023
        except HoploopError as error:
            yield strategy, error.message
            continue
        if found is not None and found.over:
            yield strategy, _said(found)


def _said(found: Largest) -> str:
    opportunity = found.order.opportunity
    path = " > ".join(leg.pool for leg in opportunity.legs)
    loan = "" if opportunity.lender is None else f" with a loan of '{opportunity.lender}'"
    over = ", ".join(f"{load.value} {load.what} (limit {load.limit})" for load in found.over)
    return f"{path}{loan} needs {over}"


def _material(parts: Parts, strategy: PlacedStrategy) -> Material:
    item = strategy.item
    tips = (parts.route_costs[name] for name in strategy_routes(parts, strategy))
    tip = max(tips, key=lambda costs: costs.max_tip, default=Costs())
    return Material(
        strategy=item.id,
        chain=item.chain,
        base=item.base,
        hops=range(item.hops.min, item.hops.max + 1),
        pools=strategy_pools(parts, strategy),
        venues={venue.placed.config.id: venue.made for venue in parts.venues},
        lenders={
            lender.placed.config.id: lender.made
            for lender in strategy_lenders(parts, strategy)
            if item.base in lender.terms.assets
        },
        tip=tip.max_tip,
        tip_account=tip.tip_account if tip.max_tip else "",
    )
