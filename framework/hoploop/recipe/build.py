"""Makes the pure parts of a recipe through their connectors: pools, loan terms, and what the connectors object to."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import TypeVar

import msgspec

from hoploop.errors import HoploopError
from hoploop.model.chain import Family
from hoploop.model.market import PoolSpec
from hoploop.plugin.connector import ChainScope, Costs, Kind
from hoploop.plugin.kinds import FeeTerms, Lender, LenderTerms, Venue
from hoploop.plugin.manifest import cost_problems
from hoploop.plugin.registry import Registry
from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.language.chains import asset_of
from hoploop.recipe.language.strategies import StrategyItem
from hoploop.recipe.nodes import Node, locate
from hoploop.recipe.spans import Path
from hoploop.recipe.types import Placed, PlacedChain, Recipe

_T = TypeVar("_T")
IDENTITY = {"evm": "chain_id", "solana": "genesis"}
"""The field of a chain connector's config that says which chain it is, by family."""


class BuiltVenue(msgspec.Struct, frozen=True):
    """A venue and the pools it declares."""

    placed: Placed
    pools: tuple[PoolSpec, ...]
    made: Venue


class BuiltLender(msgspec.Struct, frozen=True):
    """A lender and its price."""

    placed: Placed
    terms: LenderTerms
    made: Lender


class PlacedStrategy(msgspec.Struct, frozen=True):
    """A strategy with its way in the document."""

    path: Path
    item: StrategyItem


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything enabled, with ids followed and pure parts made."""

    recipe: Recipe
    chains: tuple[PlacedChain, ...]
    families: dict[str, Family]
    scopes: dict[str, ChainScope]
    fees: dict[str, FeeTerms]
    """By chain id."""
    venues: tuple[BuiltVenue, ...]
    lenders: tuple[BuiltLender, ...]
    routes: tuple[Placed, ...]
    route_costs: dict[str, Costs]
    """By route id."""
    strategies: tuple[PlacedStrategy, ...]
    disabled: frozenset[str] = frozenset()
    """Ids of disabled venues and of disabled pools, which may be named all the same."""

    def pools(self) -> tuple[PoolSpec, ...]:
        """All pools in recipe order."""
        return tuple(pool for venue in self.venues for pool in venue.pools)


def build(
    root: Node, recipe: Recipe, registry: Registry, disabled: frozenset[str] = frozenset()
) -> tuple[Parts, list[Diagnostic]]:
    """Ask the connectors; they are pure here. References must hold; `disabled` venues and pools may be named."""
    traded = {item.id for item in recipe.head.assets if item.enabled}
    builder = _Builder(root, registry, traded)
    chains = tuple(chain for chain in recipe.chains if chain.item.enabled)
    scopes = {chain.item.id: _scope(chain, recipe, registry) for chain in chains}
    for chain in chains:
        builder.check(chain, "chain", scopes[chain.item.id])
    costs = {chain.item.id: builder.costs(chain, "chain") for chain in chains}

    def active(items: tuple[Placed, ...]) -> list[Placed]:
        return [item for item in items if item.config.enabled and item.config.chain in scopes]

    venues = [builder.venue(item, scopes[item.config.chain]) for item in active(recipe.venues)]
    lenders = [builder.lender(item, scopes[item.config.chain]) for item in active(recipe.lenders)]
    routes = active(recipe.routes)
    for route in routes:
        builder.check(route, "route", scopes[route.config.chain])
    route_costs = {route.config.id: builder.costs(route, "route") for route in routes}
    strategies = (
        PlacedStrategy(("strategies", index), item)
        for index, item in enumerate(recipe.head.strategies)
        if item.enabled and item.chain in scopes and item.base in traded
    )
    parts = Parts(
        recipe=recipe,
        chains=chains,
        families={chain.item.id: registry.get(chain.connector).family for chain in chains},
        scopes=scopes,
        fees={name: cost.fee for name, cost in costs.items() if cost is not None and cost.fee is not None},
        venues=tuple(venue for venue in venues if venue is not None),
        lenders=tuple(lender for lender in lenders if lender is not None),
        routes=tuple(routes),
        route_costs={name: cost for name, cost in route_costs.items() if cost is not None},
        strategies=tuple(strategies),
        disabled=disabled,
    )
    return parts, builder.findings


class _Builder:
    """Calls factories and turns their refusals into findings at the item."""

    def __init__(self, root: Node, registry: Registry, traded: Set[str]) -> None:
        self._root = root
        self._traded = traded
        self._registry = registry
        self._pools: set[str] = set()
        self._doors: dict[tuple[str, bytes], str] = {}
        self.findings: list[Diagnostic] = []

    def check(self, item: Placed | PlacedChain, kind: Kind, scope: ChainScope) -> None:
        check = self._registry.offer(kind, item.connector).check
        for problem in self._guarded(item, lambda: [] if check is None else check(item.config, scope)) or ():
            self._problem(item, problem)

    def costs(self, item: Placed | PlacedChain, kind: Kind) -> Costs | None:
        """None, with a finding, when they do not bound what is spent: no number is not no cost."""
        ask = self._registry.offer(kind, item.connector).costs
        if ask is None:
            return Costs()
        answer = self._guarded(item, lambda: (ask(item.config),))
        problems = [] if answer is None else cost_problems(kind, answer[0])
        for problem in problems:
            self._problem(item, problem, "R337")
        return None if answer is None or problems else answer[0]

    def venue(self, item: Placed, scope: ChainScope) -> BuiltVenue | None:
        before = len(self.findings)
        self.check(item, "venue", scope)
        if len(self.findings) > before:
            return None
        factory = self._registry.offer("venue", item.connector).factory
        made: Venue | None = self._guarded(item, lambda: factory(item.config, scope))
        pools = None if made is None else self._guarded(item, lambda: tuple(made.pools()))
        if made is None or pools is None:
            return None
        for index, pool in enumerate(pools):
            self._pool(item, index, pool)
            self._units(item, f"a swap in '{pool.id}'", pool.units)
        return BuiltVenue(item, tuple(pool for pool in pools if {pool.asset0, pool.asset1} <= self._traded), made)

    def lender(self, item: Placed, scope: ChainScope) -> BuiltLender | None:
        before = len(self.findings)
        self.check(item, "lender", scope)
        if len(self.findings) > before:
            return None
        factory = self._registry.offer("lender", item.connector).factory
        made: Lender | None = self._guarded(item, lambda: factory(item.config, scope))
        terms = None if made is None else self._guarded(item, lambda: made.terms())
        if made is None or terms is None:
            return None
        self._units(item, "a loan", terms.units)
        return BuiltLender(item, terms, made)

    def _units(self, item: Placed, what: str, units: object) -> None:
        if type(units) is not int or units <= 0:
            self._problem(item, f"says not how many units {what} takes", "R337")

    def _pool(self, item: Placed, index: int, pool: PoolSpec) -> None:
        """Most venues list their pools in order under `pools`; a problem of the others is said of the venue."""
        if pool.id in self._pools:
            self._problem(item, f"pools[{index}]: two pools are called '{pool.id}'")
        if pool.asset0 == pool.asset1:
            self._problem(item, f"pools[{index}]: the pool '{pool.id}' needs two different assets")
        for door in pool.doors:
            other = self._doors.setdefault((pool.chain, door), pool.id)
            if other != pool.id:
                self._problem(item, f"pools[{index}].address: '{other}' is this pool already", "R338")
                break
        self._pools.add(pool.id)

    def _guarded(self, item: Placed | PlacedChain, call: Callable[[], _T]) -> _T | None:
        try:
            return call()
        except HoploopError as error:
            self._problem(item, error.message)
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            self._problem(item, f"{type(error).__name__}: {error}")
        return None

    def _problem(self, item: Placed | PlacedChain, problem: str, code: str = "R310") -> None:
        """A problem may start with the way to the field: `pools[0].address: not a contract`."""
        where, separator, rest = problem.partition(": ")
        path = (*item.path, *field_path(where)) if separator else item.path
        place = locate(self._root, path)
        exact = len(path) > len(item.path) and place.node is not locate(self._root, item.path).node
        message = rest if exact or where.startswith("pools[") else problem
        owner = locate(self._root, (*item.path, "connector"))
        self.findings.append(
            Diagnostic(
                code=code,
                span=place.span if exact else owner.span,
                message=message,
                path=path if exact else item.path,
                related=place.related,
                notes=(f"found by the connector '{item.connector}'",),
            )
        )


def field_path(where: str) -> Path:
    """The way `pools[0].address` spells; empty for what is none."""
    if not where or " " in where:
        return ()
    parts: list[str | int] = []
    for piece in where.replace("[", ".[").split("."):
        if piece.startswith("[") and piece.endswith("]") and piece[1:-1].isdigit():
            parts.append(int(piece[1:-1]))
        elif piece:
            parts.append(piece)
    return tuple(parts)


def _scope(chain: PlacedChain, recipe: Recipe, registry: Registry) -> ChainScope:
    family = registry.get(chain.connector).family
    return ChainScope(
        chain_id=chain.item.id,
        identity=str(getattr(chain.config, IDENTITY[family])),
        assets={item.id: asset_of(item) for item in recipe.head.assets if item.chain == chain.item.id},
        settings=chain.config,
        owner=chain.item.owner,
    )
