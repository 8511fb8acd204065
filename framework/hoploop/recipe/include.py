"""Reads a recipe with the files it includes into one tree; what is wrong with an include is said where it stands."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from hoploop.recipe.diagnostics import Diagnostic, Related
from hoploop.recipe.document import read_document
from hoploop.recipe.masking import shown as masked
from hoploop.recipe.merge import Merger
from hoploop.recipe.nodes import Node
from hoploop.recipe.reading import NotARecipeFile, is_relative
from hoploop.recipe.source import MAX_BYTES, Reader, Source, source_of
from hoploop.recipe.spans import Span

MAX_DEPTH, MAX_FILES, MAX_INCLUDES = 16, 64, 256
SUFFIXES = (".yaml", ".yml")


class _File(NamedTuple):
    """A file on the way to the one that is read."""

    path: str
    shown: str
    at: Span | None = None
    """Where it is included; None for the recipe itself."""


class Includes:
    """Reads one recipe; every file is read once, however often it is included."""

    def __init__(self, read: Reader, merger: Merger) -> None:
        self._read = read
        self._merger = merger
        self._trees: dict[str, Node | None] = {}
        self._bytes = self._edges = 0
        self.sources: list[Source] = []
        self.findings: list[Diagnostic] = []

    def load(self, source: Source) -> Node | None:
        """The tree of a file, its includes below it; the key `include` is taken out."""
        return self._load(source, (_File(posixpath.normpath(source.place), source.file),))

    def _load(self, source: Source, chain: tuple[_File, ...]) -> Node | None:
        self.sources.append(source)
        own, findings = read_document(source)
        way = tuple(Related("included here", file.at, "include") for file in reversed(chain) if file.at is not None)
        self.findings += (msgspec.structs.replace(one, related=(*one.related, *way)) for one in findings)
        if own is None or own.kind != "map":
            if own is not None and len(chain) > 1:
                message = "a recipe is a mapping of keys"
                self.findings.append(Diagnostic(code="R103", span=own.span, message=message, related=way))
            return own if len(chain) == 1 else None
        entry = own.entries.get("include")
        if entry is None:
            return own
        below: Node | None = None
        for item in self._items(entry.node):
            part = self._include(item, source, chain)
            if part is not None:
                part = part.via(Related("included here", item.span, "include"))
                below = part if below is None else self._merger.merge(below, part)
        rest = {key: kept for key, kept in own.entries.items() if key != "include"}
        own = Node("map", own.span, entries=rest)
        return own if below is None else self._merger.merge(below, own)

    def _items(self, node: Node) -> Iterator[Node]:
        if node.kind != "list":
            self._find("R103", node, "expected a list of files", "include: [file.yaml]")
            return
        for item in node.items:
            if isinstance(item.value, str) and item.value and "${" not in item.value:
                yield item
            else:
                self._find("R030", item, "an include is the path of a file, as plain text")

    def _include(self, item: Node, source: Source, chain: tuple[_File, ...]) -> Node | None:
        text = str(item.value)
        if not is_relative(text, SUFFIXES):
            self._find("R030", item, "includes are relative paths of .yaml files", "relative to this file")
            return None
        path, shown = source.beside(text)
        names = [file.path for file in chain]
        if path in names:
            circle = [*(file.shown for file in chain[names.index(path) :]), shown]
            self._find("R032", item, f"includes go in a circle: {' → '.join(circle)}")
            return None
        self._edges += 1
        if len(chain) > MAX_DEPTH or self._edges > MAX_INCLUDES:
            limit = f"deeper than {MAX_DEPTH}" if len(chain) > MAX_DEPTH else f"more than {MAX_INCLUDES}"
            self._find("R033", item, f"includes go {limit}")
            return None
        if path not in self._trees:
            found = self._open(item, path, shown)
            self._trees[path] = None if found is None else self._load(found, (*chain, _File(path, shown, item.span)))
        return self._trees[path]

    def _open(self, item: Node, path: str, shown: str) -> Source | None:
        if len(self.sources) >= MAX_FILES:
            self._find("R033", item, f"more than {MAX_FILES} files")
            return None
        try:
            raw = self._read(path)
        except NotARecipeFile as problem:
            self._find("R031", item, f"{masked(shown)}: {problem}")
            return None
        except OSError as error:
            self._find("R031", item, f"{masked(shown)}: {error.strerror or type(error).__name__}")
            return None
        self._bytes += len(raw)
        if self._bytes > MAX_BYTES:
            self._find("R033", item, f"the files together are larger than {MAX_BYTES >> 20} MiB")
            return None
        return source_of(raw, shown, path)

    def _find(self, code: str, node: Node, message: str, label: str = "") -> None:
        self.findings.append(
            Diagnostic(code=code, span=node.span, message=message, label=label, path=("include",), related=node.way)
        )
