"""From a name to where it is given or used, over all files of a recipe; renames and outlines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lsprotocol import types as lsp

from hoploop.editor.text import Text
from hoploop.editor.tree import spot
from hoploop.editor.world import World, included, resolved
from hoploop.plugin.connector import ID_PATTERN
from hoploop.recipe.masking import shown
from hoploop.recipe.nodes import Node
from hoploop.recipe.sections import ITEM_SECTIONS, NAME_PATTERN
from hoploop.recipe.spans import Span

Uri = Callable[[str], str]
"""The address of a file by its path."""
_FILE_START = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))


class Navigator:
    """Answers over one state of a recipe's files."""

    def __init__(self, world: World, uri: Uri, encoding: str) -> None:
        self._world = world
        self._uri = uri
        self._texts = {path: Text(text, encoding) for path, text in world.texts.items()}

    def definitions(self, path: str, position: lsp.Position) -> list[lsp.Location]:
        """Where the name under the pointer is given; a file where an include is."""
        line, col = self._place(path, position)
        if include := self._include(path, line, col):
            return [lsp.Location(self._uri(include), _FILE_START)]
        found = self._world.at(path, line, col)
        named = [] if found is None else self._world.named(found)
        return [self._location(one.span) for one in named if one.definition]

    def references(self, path: str, position: lsp.Position, declared: bool) -> list[lsp.Location]:
        """Where the name under the pointer is used, and with `declared` where it is given."""
        found = self._world.at(path, *self._place(path, position))
        named = [] if found is None else self._world.named(found)
        return [self._location(one.span) for one in named if declared or not one.definition]

    def renamable(self, path: str, position: lsp.Position) -> lsp.Range | None:
        """The name under the pointer, when it can be changed wherever it is."""
        found = self._world.at(path, *self._place(path, position))
        if found is None or found.kind == "pools" or not any(one.definition for one in self._world.named(found)):
            return None
        return self._texts[path].range_of(found.span)

    def rename(self, path: str, position: lsp.Position, name: str) -> lsp.WorkspaceEdit | None:
        """Edits of every place of a name; None when there is none or the new one cannot be a name."""
        found = self._world.at(path, *self._place(path, position))
        if found is None or self.renamable(path, position) is None:
            return None
        pattern = ID_PATTERN if found.kind in ITEM_SECTIONS else NAME_PATTERN
        named = list(self._world.named(found))
        unsure = any(one.span.file in self._world.stale for one in named)
        if unsure or not re.match(pattern, name) or name in self._world.defined(found.kind):
            return None
        changes: dict[str, list[lsp.TextEdit]] = {}
        for one in {mention.span: mention for mention in named}.values():
            edit = lsp.TextEdit(self._texts[one.span.file].range_of(one.span), name)
            changes.setdefault(self._uri(one.span.file), []).append(edit)
        return lsp.WorkspaceEdit(changes=changes)

    def symbols(self, path: str) -> list[lsp.DocumentSymbol]:
        """The sections of a file with their items."""
        tree, text = self._world.files.get(path), self._texts.get(path)
        return [] if tree is None or text is None else list(_symbols(tree, text))

    def _place(self, path: str, position: lsp.Position) -> tuple[int, int]:
        text = self._texts.get(path)
        return (0, 0) if text is None else text.place(text.at(position))

    def _include(self, path: str, line: int, col: int) -> str | None:
        tree = self._world.files.get(path)
        here = None if tree is None else spot(tree, line, col)
        if tree is None or here is None or here.path[:1] != ("include",) or here.node not in included(tree):
            return None
        return resolved(path, here.node.value)

    def _location(self, span: Span) -> lsp.Location:
        return lsp.Location(self._uri(span.file), self._texts[span.file].range_of(span))


def _symbols(tree: Node, text: Text) -> Iterator[lsp.DocumentSymbol]:
    for name, (key, node) in tree.entries.items():
        children: list[lsp.DocumentSymbol] = []
        for item in node.items:
            children += [_symbol(label, place, item.span, text) for label, place in _titles(item)]
        if name in ("templates", "profiles", "vars"):
            children += [_symbol(inner, entry.key, entry.node.span, text) for inner, entry in node.entries.items()]
        yield _symbol(name, key, node.span, text, children)


def _titles(item: Node) -> Iterator[tuple[str, Span]]:
    for word in ("id", "name"):
        entry = item.entries.get(word)
        if entry is not None and isinstance(entry.node.value, str) and entry.node.value:
            yield entry.node.value, entry.node.span
            return


def _symbol(
    name: str, key: Span, value: Span, text: Text, children: list[lsp.DocumentSymbol] | None = None
) -> lsp.DocumentSymbol:
    start, end = text.offset(key.line, key.col), text.offset(key.end_line, key.end_col)
    low = min(start, text.offset(value.line, value.col))
    high = max(end, text.offset(value.end_line, value.end_col))
    kind = lsp.SymbolKind.Module if children else lsp.SymbolKind.Field
    around, named = text.range(low, high), text.range(start, end)
    return lsp.DocumentSymbol(shown(name), kind, around, named, children=children or None)
