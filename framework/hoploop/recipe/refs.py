"""Follows ids: everything a recipe refers to exists, once, on the right chain and of the right family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hoploop.plugin.registry import Registry
from hoploop.recipe.check import parts
from hoploop.recipe.diagnostics import Diagnostic, Edit, Related
from hoploop.recipe.language.chains import AssetItem, asset_of
from hoploop.recipe.language.strategies import StrategyItem
from hoploop.recipe.masking import shown
from hoploop.recipe.nodes import Node, data, locate
from hoploop.recipe.schema import Schemas, walk
from hoploop.recipe.spans import Path
from hoploop.recipe.types import Recipe
from hoploop.recipe.units import BadQuantity, OtherAsset, to_base_units
from hoploop.recipe.words import nearest, suggest

_ONE = {
    "chains": "chain", "assets": "asset", "venues": "venue", "lenders": "lender", "routes": "route",
    "universes": "universe", "strategies": "strategy",
}  # fmt: skip
"""Sections whose items have ids, and what one item is called."""


_LIMITS = ("daily_loss", "daily_fees", "floors")


def check_references(root: Node, recipe: Recipe, schemas: Schemas, registry: Registry) -> list[Diagnostic]:
    """Every broken reference at once."""
    checker = _Checker(root, recipe)
    checker.ids()
    checker.references(schemas)
    checker.families(registry)
    checker.amounts()
    return checker.findings


class _Checker:
    """Holds the ids of one recipe while they are followed."""

    def __init__(self, root: Node, recipe: Recipe) -> None:
        self._root = root
        self._recipe = recipe
        self._document = data(root)
        self._known: dict[str, dict[str, Any]] = {section: {} for section in _ONE}
        self.findings: list[Diagnostic] = []

    def find(
        self, code: str, path: Path, message: str, label: str = "", *related: Related, fix: str = "", key: bool = False
    ) -> None:
        place = locate(self._root, path)
        span = place.key if key and place.key is not None else place.span
        self.findings.append(
            Diagnostic(
                code=code,
                span=span,
                message=message,
                label=label,
                path=path,
                related=(*place.related, *related),
                fix=Edit(span, fix) if fix else None,
            )
        )

    def ids(self) -> None:
        for section in _ONE:
            first: dict[str, Path] = {}
            for index, item in enumerate(self._document.get(section, ())):
                path: Path = (section, index, "id")
                name = item["id"]
                if name in first:
                    related = Related("first used here", locate(self._root, first[name]).span)
                    self.find("R202", path, f"the id '{name}' is used twice in {section}", "", related)
                else:
                    first[name] = path
                    self._known[section][name] = item

        first = {}
        for index, breaker in enumerate(self._recipe.head.risk.breakers):
            path = ("risk", "breakers", index, "id")
            if breaker.id in first:
                related = Related("first used here", locate(self._root, first[breaker.id]).span)
                self.find("R202", path, f"the id '{breaker.id}' is used twice in risk.breakers", "", related)
            first.setdefault(breaker.id, path)

    def references(self, schemas: Schemas) -> None:
        for base, schema, value in parts(self._document, schemas):
            for marked in walk(schema, value, base):
                section = marked.schema.get("x-ref")
                if isinstance(section, str):
                    self._follow(section, marked.path, marked.value)
                if isinstance(marked.value, list):
                    self._once(marked.path, marked.value)

    def _once(self, path: Path, names: list[Any]) -> None:
        """A list of words has each once."""
        first: dict[str, int] = {}
        for index, name in enumerate(names):
            if isinstance(name, str) and first.setdefault(name, index) != index:
                related = Related("first named here", locate(self._root, (*path, first[name])).span)
                self.find("R202", (*path, index), f"'{shown(name)}' is named twice in this list", "", related)

    def _follow(self, section: str, path: Path, name: str) -> None:
        known = self._known[section]
        if name not in known:
            close = nearest(name, known)
            self.find("R201", path, f"no {_ONE[section]} has the id '{name}'", suggest(name, known), fix=close or "")
            return
        owner = self._document[path[0]][path[1]]
        if not isinstance(owner, dict):
            return
        mine, theirs = owner.get("chain"), known[name].get("chain")
        if section != "chains" and mine != theirs and {mine, theirs} <= set(self._known["chains"]):
            same = [other for other, item in known.items() if item.get("chain") == mine]
            message = f"'{name}' is on chain '{theirs}', this is on '{mine}'"
            self.find("R203", path, message, suggest("", same) if same else "")

    def families(self, registry: Registry) -> None:
        chains = {chain.item.id: registry.get(chain.connector).family for chain in self._recipe.chains}
        for item in (*self._recipe.venues, *self._recipe.lenders, *self._recipe.routes):
            family, wanted = registry.get(item.connector).family, chains.get(item.config.chain)
            if wanted is not None and family != wanted:
                message = f"'{item.connector}' is for {family} chains, '{item.config.chain}' is {wanted}"
                self.find("R303", (*item.path, "connector"), message)

    def amounts(self) -> None:
        assets = {asset.id: asset for asset in reversed(self._recipe.head.assets)}
        for index, strategy in enumerate(self._recipe.head.strategies):
            base = assets.get(strategy.base)
            if base is not None and base.chain == strategy.chain:
                for path, text in _amounts(strategy):
                    self._amount(("strategies", index, *path), text, base)
        self._expected(assets)
        risk = self._recipe.head.risk
        for name in _LIMITS:
            self._limits(("risk", name), getattr(risk, name), assets)

    def _expected(self, assets: Mapping[str, AssetItem]) -> None:
        bases = {strategy.id: assets.get(strategy.base) for strategy in self._recipe.head.strategies}
        for index, case in enumerate(self._recipe.head.tests):
            for place, expected in enumerate(case.expect):
                path: Path = ("tests", index, "expect", place)
                base = bases.get(expected.strategy)
                if expected.net is not None and base is not None:
                    self._amount((*path, "net"), expected.net, base)

    def _limits(self, base: Path, limits: Mapping[str, str], assets: Mapping[str, AssetItem]) -> None:
        for name, text in limits.items():
            if name in assets:
                self._amount((*base, name), text, assets[name])
            else:
                fix = nearest(name, assets) or ""
                message = f"no asset has the id '{name}'"
                self.find("R201", (*base, name), message, suggest(name, assets), fix=fix, key=True)

    def _amount(self, path: Path, text: str, asset: AssetItem) -> None:
        try:
            to_base_units(text, asset_of(asset))
        except BadQuantity as error:
            other = isinstance(error, OtherAsset)
            label = f'write "{error.fix or f"… {asset.symbol}"}"' if other or error.fix else ""
            self.find("R204" if other else "R106", path, str(error), label)


def _amounts(strategy: StrategyItem) -> Iterator[tuple[Path, str]]:
    """Every amount of a strategy in its base asset."""
    yield ("size", "max_notional"), strategy.size.max_notional
    yield ("profit", "min"), strategy.profit.min
    if strategy.size.min_notional is not None:
        yield ("size", "min_notional"), strategy.size.min_notional
    for lender, text in strategy.lender_caps.items():
        yield ("lender_caps", lender), text
