"""Everything a recipe knows by name, over all of its files, however broken one of them is right now."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from hoploop.editor.guide import Guide
from hoploop.editor.names import Mention, mentions
from hoploop.editor.tree import parsed, readable
from hoploop.recipe.include import MAX_FILES
from hoploop.recipe.nodes import Entry, Node
from hoploop.recipe.spans import Span

Opener = Callable[[str], str | None]
"""Text of a file by its path; None when it cannot be read."""
_NONE: Mapping[str, Node] = MappingProxyType({})


class World:
    """The names of one recipe with its includes. `files` are their trees by path, the recipe's own first.

    `last` are trees of earlier texts, for files that cannot be read right now; `stale` says which were taken.
    """

    def __init__(self, path: str, read: Opener, guide: Guide, last: Mapping[str, Node] = _NONE) -> None:
        self._last = last
        self.stale: set[str] = set()
        self.files: dict[str, Node] = {}
        self.texts: dict[str, str] = {}
        self._visit(path, read)
        self.whole = _shared(path, self.files)
        self.mentions: list[Mention] = [
            found for tree in self.files.values() for found in mentions(tree, guide, self.whole)
        ]
        self._defined: dict[str, dict[str, Mention]] = {}
        for found in self.mentions:
            if found.definition:
                self._defined.setdefault(found.kind, {}).setdefault(found.name, found)

    def defined(self, kind: str) -> Mapping[str, Mention]:
        """The names of one kind with the first place that gives each."""
        return self._defined.get(kind, {})

    def at(self, path: str, line: int, col: int) -> Mention | None:
        """The shortest name at a place."""
        here = [
            found for found in self.mentions
            if found.span.file == path and found.span.line == line and found.span.col <= col <= found.span.end_col
        ]  # fmt: skip
        return min(here, key=lambda found: found.span.end_col - found.span.col, default=None)

    def named(self, mention: Mention) -> Iterator[Mention]:
        """Every place of the same name."""
        yield from (found for found in self.mentions if (found.kind, found.name) == (mention.kind, mention.name))

    def _visit(self, path: str, read: Opener) -> None:
        if path in self.files or len(self.files) >= MAX_FILES:
            return
        text = read(path)
        if text is None:
            return
        self.texts[path] = text
        tree = parsed(text, path)
        if tree is None:
            self.stale.add(path)
            tree = self._last.get(path) or readable(text, path) or Node("map", Span(path, 1, 1, 1, 1))
        self.files[path] = tree
        for item in included(tree):
            self._visit(resolved(path, item.value), read)


def included(tree: Node) -> tuple[Node, ...]:
    """The includes a file names."""
    entry = tree.entries.get("include")
    items = () if entry is None else entry.node.items
    return tuple(item for item in items if isinstance(item.value, str) and item.value)


def resolved(path: str, include: str) -> str:
    """The path of an include of the file at `path`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), include))


def _shared(path: str, files: Mapping[str, Node]) -> Node:
    """Templates and defaults of all files in one tree."""
    entries: dict[str, Entry] = {}
    start = Span(path, 1, 1, 1, 1)
    for key in ("templates", "defaults"):
        found: dict[str, Entry] = {}
        for tree in files.values():
            if key in tree.entries:
                found = {**tree.entries[key].node.entries, **found}
        entries[key] = Entry(start, Node("map", start, entries=found))
    return Node("map", start, entries=entries)
