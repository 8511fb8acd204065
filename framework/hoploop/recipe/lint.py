"""Advice on recipes that are valid: what is allowed, but seldom meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml import events as ev

from hoploop.model.money import format_units
from hoploop.recipe.diagnostics import Diagnostic, Related
from hoploop.recipe.document import read_document
from hoploop.recipe.load import Inspection
from hoploop.recipe.masking import hide_key_material
from hoploop.recipe.nodes import Node, Secret, children, locate
from hoploop.recipe.plan import Plan, StrategyPlan
from hoploop.recipe.source import source_of
from hoploop.recipe.spans import Path, Span

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44}")


class Linted(NamedTuple):
    """A recipe without a profile, with its plan and tree, and what each profile makes of it."""

    found: Inspection
    plan: Plan
    root: Node
    profiles: Mapping[str, Plan | None]


Rule = Callable[[Linted], Iterator[Diagnostic]]


def lint(found: Inspection, profiles: Mapping[str, Plan | None]) -> list[Diagnostic]:
    """Every piece of advice; none for a recipe that is not valid."""
    if found.plan is None or found.root is None:
        return []
    recipe = Linted(found, found.plan, found.root, profiles)
    return [found.snippets.scrubbed(finding) for rule in RULES for finding in rule(recipe)]


def _advice(code: str, place: Span, message: str, label: str = "", path: Path = (), *related: Related) -> Diagnostic:
    return Diagnostic(
        code=code, span=place, message=message, label=label, path=path, related=related, severity="warning"
    )


def _at(recipe: Linted, code: str, path: Path, message: str, label: str = "") -> Diagnostic:
    place = locate(recipe.root, path)
    return _advice(code, place.span, message, label, path, *place.related)


def _strategies(recipe: Linted) -> Iterator[tuple[Path, StrategyPlan]]:
    """Strategies of the plan with their ways in the document."""
    plans = {strategy.id: strategy for strategy in recipe.plan.strategies}
    for index, item in enumerate(recipe.root.entries["strategies"].node.items):
        name = item.entries["id"].node.value
        if name in plans:
            yield ("strategies", index), plans[name]


def _dear_failures(recipe: Linted) -> Iterator[Diagnostic]:
    spend = {one.asset: one for one in recipe.plan.spend}
    for path, strategy in _strategies(recipe):
        worst, cover = spend[strategy.base].worst, strategy.cost_cover
        if worst > strategy.min_profit and cover.num < cover.den:
            asset = next(asset for asset in recipe.plan.assets if asset.id == strategy.base)
            cost = f"{format_units(worst, asset.decimals)} {asset.symbol}"
            message = f"an attempt can cost up to {cost}, and this is all it must earn"
            yield _at(recipe, "R380", (*path, "profit", "min"), message, "raise it, or add cost_cover: 150%")


def _one_route(recipe: Linted) -> Iterator[Diagnostic]:
    for path, strategy in _strategies(recipe):
        if len(strategy.routes) == 1:
            message = f"'{strategy.routes[0]}' is the only route: when it fails nothing is sent"
            yield _at(recipe, "R381", (*path, "routes", "order"), message)


def _no_limits(recipe: Linted) -> Iterator[Diagnostic]:
    risk = recipe.plan.risk
    for code, key, limits in (("R382", "daily_loss", risk.daily_loss), ("R383", "daily_fees", risk.daily_fees)):
        limited, seen = {asset for asset, _ in limits}, set[str]()
        for path, strategy in _strategies(recipe):
            asset = next(asset for asset in recipe.plan.assets if asset.id == strategy.base)
            if asset.id not in limited and asset.id not in seen and recipe.plan.mode != "live":
                seen.add(asset.id)
                what = "may be lost" if key == "daily_loss" else "may be spent on fees and tips"
                label = f'risk: {{{key}: {{{asset.id}: "… {asset.symbol}"}}}}'
                yield _at(recipe, code, (*path, "base"), f"nothing bounds what {what} in '{asset.id}' a day", label)


def _blind(recipe: Linted) -> Iterator[Diagnostic]:
    for path, strategy in _strategies(recipe):
        if strategy.simulate == "flash" and strategy.own_capital:
            message = "attempts with own funds are sent without a simulation"
            yield _at(recipe, "R387", (*path, "simulate"), message, "simulate: always")


def _unused_anchors(recipe: Linted) -> Iterator[Diagnostic]:
    for file, text in recipe.found.texts.items():
        anchors: dict[str, Span] = {}
        for event in YAML(typ="safe", pure=True).parse(text):
            name = getattr(event, "anchor", None)
            if isinstance(event, ev.AliasEvent):
                anchors.pop(str(name), None)
            elif name:
                mark = event.start_mark
                line, col = mark.line + 1, mark.column + 1
                anchors[str(name)] = Span(file, line, col, line, col + len(str(name)) + 1)
        for name, span in anchors.items():
            yield _advice("R384", span, f"nothing refers to the anchor '&{name}'")


def _idle_profiles(recipe: Linted) -> Iterator[Diagnostic]:
    idle = {
        name for name, plan in recipe.profiles.items()
        if plan is not None and plan.fingerprint == recipe.plan.fingerprint
    }  # fmt: skip
    for tree in _trees(recipe):
        entry = tree.entries.get("profiles")
        for name, (key, _) in entry.node.entries.items() if entry is not None else ():
            if name in idle:
                yield _advice("R385", key, f"the plan is the same with and without the profile '{name}'")


def _repeated(recipe: Linted) -> Iterator[Diagnostic]:
    places: dict[str, list[Span]] = {}
    for tree in _trees(recipe):
        for node in _scalars(tree):
            text = node.raw
            if _ADDRESS.fullmatch(text) and not isinstance(node.value, Secret) and hide_key_material(text) == text:
                places.setdefault(text, []).append(node.span)
    for spans in places.values():
        if len(spans) > 1:
            message = f"this address is written {len(spans)} times"
            first = Related("first written here", spans[0])
            yield _advice("R386", spans[1], message, "write it once under vars:", (), first)


def _trees(recipe: Linted) -> Iterator[Node]:
    """The files of the recipe as they are written, before anything is put in."""
    for file, text in recipe.found.texts.items():
        tree, _ = read_document(source_of(text.encode(), file))
        if tree is not None:
            yield tree


def _scalars(root: Node) -> Iterator[Node]:
    """Every scalar as often as it is written, in order; not where aliases and merges bring it in."""
    if root.kind == "scalar":
        yield root
    for _, child in children(root):
        if child.used is None and not child.came:
            yield from _scalars(child)


RULES: tuple[Rule, ...] = (
    _dear_failures, _one_route, _no_limits, _blind, _unused_anchors, _idle_profiles, _repeated,
)  # fmt: skip
