"""Where names are given and used: ids, pools, templates, variables and profiles of one file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from hoploop.editor.guide import KEYED_BY, Guide, variants
from hoploop.editor.tree import inner, scalars, within
from hoploop.recipe.nodes import Node
from hoploop.recipe.schema import Schema
from hoploop.recipe.sections import ITEM_SECTIONS
from hoploop.recipe.spans import Path, Span

_VARIABLE = re.compile(r"\$\{var:([A-Za-z_][A-Za-z0-9_]*)\}")
_UNIT = re.compile(r"[0-9][0-9_.]* ?([A-Za-z][A-Za-z0-9_.$+-]*)\Z")
_NAMED = ("templates", "vars", "profiles")
"""Mappings whose keys are names."""


class Mention(NamedTuple):
    """One place of a name. `kind` is a section, `pools`, `templates`, `vars` or `profiles`."""

    kind: str
    name: str
    span: Span
    definition: bool = False
    item: Node | None = None
    """What is defined."""


def mentions(tree: Node, guide: Guide, whole: Node) -> Iterator[Mention]:
    """Every name in a file, in its order."""
    for path, key, node in scalars(tree):
        yield from _at(tree, path, key, node, guide, whole)


def _at(tree: Node, path: Path, key: Span | None, node: Node, guide: Guide, whole: Node) -> Iterator[Mention]:
    if key is not None and len(path) == 2 and path[0] in _NAMED:
        yield Mention(str(path[0]), str(path[1]), key, True, node)
    base = tree
    if path[0] == "profiles" and len(path) > 2:
        base, path = tree.entries["profiles"].node.entries[str(path[1])].node, path[2:]
    if key is not None and len(path) > 1 and path[-2] in KEYED_BY:
        yield Mention(KEYED_BY[str(path[-2])], str(path[-1]), key)
    if node.kind != "scalar" or not isinstance(node.value, str) or node.used is not None:
        return
    for match in _VARIABLE.finditer(node.raw):
        span = within(node, match.start(1), match.end(1))
        if span is not None:
            yield Mention("vars", match[1], span)
    if "${" not in node.raw:
        yield from _defined(base, path, node)
        yield from _used(base, path, node, guide, whole)


def _defined(base: Node, path: Path, node: Node) -> Iterator[Mention]:
    if path[0] not in ITEM_SECTIONS or len(path) < 3 or not isinstance(path[1], int):
        return
    item = base.entries[str(path[0])].node.items[path[1]]
    if path[2:] == ("id",):
        yield Mention(str(path[0]), node.value, inner(node), True, item)
    elif path[0] == "venues" and len(path) == 5 and (path[2], path[4]) == ("pools", "name") and "id" in item.entries:
        pool = item.entries["pools"].node.items[int(path[3])]
        yield Mention("pools", f"{item.entries['id'].node.value}/{node.value}", inner(node), True, pool)


def _used(base: Node, path: Path, node: Node, guide: Guide, whole: Node) -> Iterator[Mention]:
    if len(path) > 2 and "use" in path[-2:] and path[0] in (*ITEM_SECTIONS, "templates"):
        yield Mention("templates", node.value, inner(node))
        return
    kinds = pointed(path)
    if "pools" in kinds:
        venue, slash, _ = node.value.partition("/")
        span = within(node, 0, len(venue))
        if span is not None:
            yield Mention("venues", venue, span)
        if slash:
            yield Mention("pools", node.value, inner(node))
    if "assets" in kinds:
        yield Mention("assets", node.value, inner(node))
    if kinds:
        return
    field = guide.field(base, path, whole)
    for schema in variants(field.schema) if field is not None else ():
        if isinstance(schema.get("x-ref"), str):
            yield Mention(str(schema["x-ref"]), node.value, inner(node))
            return
        if schema.get("x-unit") == "amount" and (match := _UNIT.match(node.value)):
            span = within(node, match.start(1), match.end(1))
            if span is not None:
                yield Mention("assets", match[1], span)
            return


def pointed(path: Path) -> tuple[str, ...]:
    """What text at a place names where the schema does not say it: pools (or their venues) or assets."""
    if len(path) < 4 or not isinstance(path[1], int):
        return ()
    where = (path[0], path[2])
    if where in (("strategies", "pools"), ("universes", "pools")):
        return ("venues", "pools")
    if where in (("universes", "pairs"), ("universes", "assets")):
        return ("assets",)
    return ("venues", "pools", "assets") if where == ("universes", "exclude") else ()


def points_at(path: Path, schema: Schema) -> tuple[str, ...]:
    """The kinds of names that may stand at a place, by its schema or by its way."""
    return pointed(path) or tuple(str(one["x-ref"]) for one in variants(schema) if "x-ref" in one)
