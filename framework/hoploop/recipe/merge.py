"""Lays one tree over another: mappings merge deep, lists of named items by name, everything else replaces."""

from __future__ import annotations

from typing import NamedTuple

from hoploop.recipe.diagnostics import Diagnostic, Related
from hoploop.recipe.masking import shown
from hoploop.recipe.nodes import Came, Entry, Node
from hoploop.recipe.size import MAX_MADE
from hoploop.recipe.spans import Path, Span

_NAMES = ("id", "name")


class Addition(NamedTuple):
    """An item that a file or profile added to a list of a section: a new one, or a patch with a misspelt name."""

    section: str
    name: str
    known: tuple[str, ...]


class TooMuch(Exception):
    """Merging would make more nodes than a recipe may have."""

    def finding(self, file: str) -> Diagnostic:
        """What is told of it, at the start of the recipe."""
        message = f"includes, templates and defaults make more than {MAX_MADE} nodes"
        return Diagnostic(code="R004", span=Span(file, 1, 1, 1, 2), message=message)


class Merger:
    """Merges trees without changing them; remembers which items were added to the lists of sections."""

    def __init__(self) -> None:
        self.additions: dict[Span, Addition] = {}
        self.findings: list[Diagnostic] = []
        self._made = 0

    def fork(self) -> Merger:
        """Another one that knows the same additions, for one profile."""
        other = Merger()
        other.additions.update(self.additions)
        return other

    def merge(self, lower: Node, upper: Node, *, from_lower: Came = (), from_upper: Came = (), path: Path = ()) -> Node:
        """`upper` over `lower`; what is taken from either is marked with the steps it took."""
        named = _named_by(lower, upper)
        if named is None and not lower.kind == upper.kind == "map":
            return upper.via(*from_upper)
        self._made += len(lower.entries) + len(upper.entries) + len(lower.items) + len(upper.items)
        if self._made > MAX_MADE:
            raise TooMuch
        from_lower, from_upper = (*lower.way, *from_lower), (*upper.way, *from_upper)
        if named is not None:
            return self._lists(lower, upper, named, from_lower, from_upper, path)
        entries = {}
        for key, entry in upper.entries.items():
            node, below = entry.node.via(*from_upper), lower.entries.get(key)
            if below is not None:
                node = self.merge(
                    below.node, entry.node, from_lower=from_lower, from_upper=from_upper, path=(*path, key)
                )
            entries[key] = Entry(entry.key, node)
        for key, entry in lower.entries.items():
            if key not in entries:
                entries[key] = Entry(entry.key, entry.node.via(*from_lower))
        return Node("map", upper.span, entries=entries)

    def _lists(self, lower: Node, upper: Node, named: str, from_lower: Came, from_upper: Came, path: Path) -> Node:
        items = [item.via(*from_lower) for item in lower.items]
        places = {item.entries[named].node.value: place for place, item in reversed(list(enumerate(lower.items)))}
        seen: dict[str, Span] = {}
        for item in upper.items:
            word = item.entries[named].node
            if word.value in seen:
                related = Related("first written here", seen[word.value])
                message = f"the {named} '{shown(word.value)}' is used twice"
                way = (related, *item.way, *word.way)
                self.findings.append(Diagnostic(code="R202", span=word.span, message=message, related=way))
            elif (place := places.get(word.value)) is not None:
                items[place] = self.merge(items[place], item, from_upper=from_upper, path=(*path, place))
            else:
                items.append(item.via(*from_upper))
                if len(path) == 1:
                    self.additions[word.span] = Addition(str(path[0]), word.value, tuple(places))
            seen[word.value] = word.span
        return Node("list", upper.span, items=items)


def _named_by(lower: Node, upper: Node) -> str | None:
    """The key both lists name their items with; None when they are no such lists."""
    if not (lower.kind == upper.kind == "list" and lower.items and upper.items):
        return None
    every = (*lower.items, *upper.items)
    return next((name for name in _NAMES if all(_name(item, name) is not None for item in every)), None)


def _name(item: Node, key: str) -> str | None:
    entry = item.entries.get(key)
    return entry.node.value if entry is not None and isinstance(entry.node.value, str) else None
