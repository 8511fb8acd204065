"""The tests of a recipe: which recorded market each plays."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import msgspec

from hoploop.recipe.language.head import CaseItem
from hoploop.recipe.nodes import Node, data


def cases(root: Node) -> tuple[CaseItem, ...]:
    """The enabled `tests:` of a loaded recipe that has a plan."""
    entry = root.entries.get("tests")
    every = () if entry is None else msgspec.convert(data(entry.node), tuple[CaseItem, ...])
    return tuple(case for case in every if case.enabled)


def inside(market: str) -> bool:
    """Whether a market is one a test may name: beside its recipe or below, so that a recipe can be moved whole."""
    path = PurePosixPath(market)
    return not market or (path.suffix == ".json" and not path.is_absolute() and ".." not in path.parts)


def market_of(case: CaseItem, recipe: Path, own: Path) -> Path:
    """The market a test plays; `own` is the recipe's."""
    return recipe.parent.joinpath(case.market) if case.market else own
