"""What a checkup finds, and its place in the recipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from hoploop.codes import CODES
from hoploop.codes._info import FINDINGS, OK, UNREACHABLE
from hoploop.errors import HoploopError
from hoploop.recipe.build import field_path
from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.nodes import Node, locate
from hoploop.recipe.spans import Path

Section = Literal["chains", "assets", "venues", "lenders", "routes", "strategies", "risk"]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One finding about an item of the plan."""

    code: str
    message: str
    section: Section
    id: str
    field: str = ""
    pool: str = ""
    """Name of the pool within its venue; `field` is then a field of the pool."""
    warning: bool = False

    @classmethod
    def of(cls, error: HoploopError, section: Section, id: str, field: str = "", pool: str = "") -> Problem:
        """What an error says of an item."""
        return cls(code=error.code, message=error.message, section=section, id=id, field=field, pool=pool)


class Checkup(msgspec.Struct, frozen=True):
    """Everything that was found, and a line for each fact worth knowing."""

    problems: tuple[Problem, ...]
    facts: tuple[str, ...]


def placed(root: Node, problems: Iterable[Problem]) -> list[Diagnostic]:
    """The problems at their places in the loaded recipe."""
    return [_placed(root, problem) for problem in problems]


def exit_code(findings: Sequence[Diagnostic]) -> int:
    """1 when there are errors; 69 when all of them say that something did not answer."""
    codes = {CODES[finding.code].exit_code for finding in findings if finding.severity == "error"}
    if not codes:
        return OK
    return UNREACHABLE if codes == {UNREACHABLE} else FINDINGS


def _placed(root: Node, problem: Problem) -> Diagnostic:
    item = _way(root, problem)
    path = (*item, *field_path(problem.field))
    place = locate(root, path)
    if place.node is locate(root, item).node:
        path = (*item, "name" if problem.pool else "id")
        place = locate(root, path)
    return Diagnostic(
        code=problem.code,
        span=place.span,
        message=problem.message,
        severity="warning" if problem.warning else "error",
        path=path,
        related=place.related,
    )


def _way(root: Node, problem: Problem) -> Path:
    if problem.section == "risk":
        return ("risk",)
    item = (problem.section, _index(root, (problem.section,), "id", problem.id))
    if not problem.pool:
        return item
    pools = (*item, "pools")
    known = [*_names(root, pools, "name")]
    return (*pools, known.index(problem.pool)) if problem.pool in known else item


def _index(root: Node, section: Path, key: str, name: str) -> int:
    return next((index for index, found in enumerate(_names(root, section, key)) if found == name), 0)


def _names(root: Node, path: Path, key: str) -> Iterator[object]:
    for item in locate(root, path).node.items:
        entry = item.entries.get(key)
        yield None if entry is None else entry.node.value
