"""The recipe as a tree in which every node knows its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from hoploop.recipe.diagnostics import Related
from hoploop.recipe.spans import Path, Span

Kind = Literal["scalar", "list", "map"]


class Secret(str):
    """A secret reference `backend/name` that was written as ${secret:backend/name}; not the secret."""


@dataclass(slots=True)
class Node:
    """One value. `span` is where it is written, `used` where an alias brings it in."""

    kind: Kind
    span: Span
    value: Any = None
    """Scalars: None, bool, int, Decimal, str or `Secret`."""
    raw: str = ""
    """Scalars: the text as written, for messages."""
    plain: bool = False
    """Scalars: written without quotes."""
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    used: Span | None = None


class Entry(NamedTuple):
    """One key of a mapping; `merged` is the place of the `<<` that brought it in."""

    key: Span
    node: Node
    merged: Span | None


class Place(NamedTuple):
    """Where a path leads: its key, its value, and the alias and merge sites on the way."""

    key: Span | None
    node: Node
    related: tuple[Related, ...]

    @property
    def span(self) -> Span:
        """The value's span."""
        return self.node.span


def locate(root: Node, path: Path) -> Place:
    """Follow `path` as far as it exists."""
    node, key, related = root, None, []
    for part in path:
        if isinstance(part, str) and part in node.entries:
            entry = node.entries[part]
            key, child = entry.key, entry.node
            if entry.merged is not None:
                related.append(Related("merged in here", entry.merged))
        elif isinstance(part, int) and part < len(node.items):
            child = node.items[part]
            key = child.used or child.span
        else:
            break
        if child.used is not None:
            related.append(Related("alias used here", child.used))
        node = child
    return Place(key, node, tuple(related))


def children(node: Node) -> Iterator[tuple[str | int, Node]]:
    """Direct children with their key or position."""
    yield from enumerate(node.items)
    for key, entry in node.entries.items():
        yield key, entry.node


def data(node: Node) -> Any:
    """The tree as plain values. Aliased parts are copied, so the result may be changed in place."""
    if node.kind == "list":
        return [data(child) for child in node.items]
    if node.kind == "map":
        return {key: data(entry.node) for key, entry in node.entries.items()}
    return node.value
