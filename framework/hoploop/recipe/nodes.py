"""The recipe as a tree in which every node knows its place and the way it came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from hoploop.recipe.diagnostics import Related
from hoploop.recipe.spans import Path, Span

Kind = Literal["scalar", "list", "map"]
Came = tuple[Related, ...]
"""How a value got where it is: merge, alias, include, template, default, profile, variable; the nearest step first."""
_NO_ENTRIES: Mapping[str, Entry] = MappingProxyType({})


class Secret(str):
    """A secret reference `backend/name` that was written as ${secret:backend/name}; not the secret."""


class Entry(NamedTuple):
    """One key of a mapping."""

    key: Span
    node: Node


class Node:
    """One value. `span` is where it is written, `used` where an alias brings it in, `came` what else brought it.

    A scalar has `value` (None, bool, int, Decimal, str or `Secret`), `raw`, the text as written, and `plain` without
    quotes; a list has `items`, a map `entries`. Trees share parts, so a node is not changed once it is part of one.
    `public` is set where the environment is part of the value: the text with ${env:NAME} as it was written.
    """

    __slots__ = ("came", "entries", "items", "kind", "plain", "public", "raw", "span", "used", "value")

    def __init__(
        self,
        kind: Kind,
        span: Span,
        value: Any = None,
        raw: str = "",
        plain: bool = False,
        items: Sequence[Node] = (),
        entries: Mapping[str, Entry] = _NO_ENTRIES,
        used: Span | None = None,
        came: Came = (),
        public: str | None = None,
    ) -> None:
        self.kind, self.span, self.value, self.raw, self.plain = kind, span, value, raw, plain
        self.items, self.entries, self.used, self.came, self.public = items, entries, used, came, public

    @property
    def way(self) -> Came:
        """`came` and the alias, for messages."""
        return self.came if self.used is None else (*self.came, Related("alias used here", self.used, "alias"))

    def with_items(self, items: Sequence[Node]) -> Node:
        """The list with other items, where it was and brought in as it was."""
        return Node("list", self.span, items=items, used=self.used, came=self.came)

    def with_entries(self, entries: Mapping[str, Entry]) -> Node:
        """The map with other entries, where it was and brought in as it was."""
        return Node("map", self.span, entries=entries, used=self.used, came=self.came)

    def via(self, *steps: Related) -> Node:
        """The same value, brought in by further `steps`; its parts are shared."""
        if not steps:
            return self
        came = (*self.came, *steps)
        return Node(
            self.kind, self.span, self.value, self.raw, self.plain, self.items, self.entries, self.used, came,
            self.public,
        )  # fmt: skip


class Place(NamedTuple):
    """Where a path leads: its key, its value, and what brought them there."""

    key: Span | None
    node: Node
    related: Came

    @property
    def span(self) -> Span:
        """The value's span."""
        return self.node.span


def locate(root: Node, path: Path) -> Place:
    """Follow `path` as far as it exists."""
    node, key, related = root, None, list(root.way)
    for part in path:
        if isinstance(part, str) and part in node.entries:
            key, child = node.entries[part]
        elif isinstance(part, int) and part < len(node.items):
            child = node.items[part]
            key = child.used or child.span
        else:
            break
        related += child.way
        node = child
    return Place(key, node, tuple(related))


def named(node: Node | None) -> dict[str, Node]:
    """The values of a mapping by key, each with the way the mapping came."""
    if node is None:
        return {}
    return {key: entry.node.via(*node.way) for key, entry in node.entries.items()}


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
