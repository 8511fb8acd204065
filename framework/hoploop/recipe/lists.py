"""Takes the pools that text files list into their universes; every name keeps its place in its file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from hoploop.recipe.diagnostics import Diagnostic, Related
from hoploop.recipe.disabled import is_off
from hoploop.recipe.masking import shown
from hoploop.recipe.nodes import Entry, Node
from hoploop.recipe.reading import NotARecipeFile, is_relative, read_regular
from hoploop.recipe.source import Source
from hoploop.recipe.spans import Path, Span
from hoploop.recipe.units import parse

MAX_LIST_BYTES, MAX_LISTED, MAX_LISTS = 1 << 20, 20_000, 64
_SUFFIX = ".txt"
_TARGETS = {"pools": "pools", "assets": "assets", "excluded": "exclude"}
"""What a file holds -> the key of the universe that names the same."""


class Listing(NamedTuple):
    """The bytes of a list and how long ago they were written."""

    raw: bytes
    age_ms: int


ListReader = Callable[[str], Listing]
"""Reads a list by its path; OSError or `NotARecipeFile` when it cannot or may not."""


class Listed(NamedTuple):
    """The tree with what the lists name, what is wrong with them, and their texts as findings show them."""

    root: Node
    findings: list[Diagnostic]
    texts: dict[str, str]


def read_list(path: str) -> Listing:
    """Read a regular .txt file, at most one byte over the limit; follows links only to other .txt files."""
    raw, status = read_regular(path, MAX_LIST_BYTES, (_SUFFIX,))
    return Listing(raw, max(0, int((time.time() - status.st_mtime) * 1000)))


def with_lists(root: Node, sources: Mapping[str, Source], read: ListReader) -> Listed:
    """`root` has passed the schema; `sources` are the recipe's files as shown, which paths are relative to.

    Names take the place of the files, so that what is made of the tree needs none of them.
    """
    reader = _Lists(sources, read)
    entry = root.entries.get("universes")
    if entry is None or not any("files" in item.entries for item in entry.node.items):
        return Listed(root, [], {})
    items = [reader.universe(item, ("universes", index)) for index, item in enumerate(entry.node.items)]
    made = root.with_entries({**root.entries, "universes": Entry(entry.key, entry.node.with_items(items))})
    return Listed(made, reader.findings, reader.texts)


class _Lists:
    """Reads the lists of one recipe."""

    def __init__(self, sources: Mapping[str, Source], read: ListReader) -> None:
        self._sources = sources
        self._read = read
        self._count = 0
        self.findings: list[Diagnostic] = []
        self.texts: dict[str, str] = {}

    def universe(self, item: Node, path: Path) -> Node:
        files = item.entries.get("files")
        if files is None or is_off(item):
            return item
        entries = {name: entry for name, entry in item.entries.items() if name != "files"}
        for index, file in enumerate(files.node.items):
            if is_off(file):
                continue
            holds = file.entries.get("holds")
            name = _TARGETS["pools" if holds is None else holds.node.value]
            key, own = entries.get(name, Entry(files.key, Node("list", files.node.span)))
            items, known = list(own.items), {node.value for node in own.items}
            for node in self._file(file, (*path, "files", index, "path")):
                if node.value not in known:
                    items.append(node)
                    known.add(node.value)
            entries[name] = Entry(key, own.with_items(items))
        return item.with_entries(entries)

    def _file(self, file: Node, path: Path) -> Iterator[Node]:
        place = file.entries["path"].node
        text = str(place.value)
        if not is_relative(text, (_SUFFIX,)):
            self._find("R335", place, path, "lists are relative paths of .txt files", "relative to this file")
            return
        self._count += 1
        where, name = self._sources[place.span.file].beside(text)
        listing = self._listing(place, path, where, name)
        if listing is None:
            return
        limit = file.entries.get("max_age")
        if limit is not None and listing.age_ms > parse("duration_ms", limit.node.value):
            message = f"{shown(name)} was written {_ago(listing.age_ms)} ago, max_age is {limit.node.value}"
            self._find("R336", place, path, message)
        yield from self._names(place, path, name, listing.raw)

    def _listing(self, place: Node, path: Path, where: str, name: str) -> Listing | None:
        try:
            if self._count > MAX_LISTS:
                raise NotARecipeFile(f"more than {MAX_LISTS} lists")
            listing = self._read(where)
            if len(listing.raw) > MAX_LIST_BYTES:
                raise NotARecipeFile(f"larger than {MAX_LIST_BYTES >> 20} MiB")
        except NotARecipeFile as problem:
            self._find("R335", place, path, f"{shown(name)}: {problem}")
        except OSError as error:
            self._find("R335", place, path, f"{shown(name)}: {error.strerror or type(error).__name__}")
        else:
            return listing
        return None

    def _names(self, place: Node, path: Path, name: str, raw: bytes) -> Iterator[Node]:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._find("R335", place, path, f"{shown(name)}: not UTF-8")
            return
        self.texts[name] = text
        lines = text.split("\n")
        if len(lines) > MAX_LISTED:
            self._find("R335", place, path, f"{shown(name)}: more than {MAX_LISTED} lines")
            return
        step = Related("listed in this file, used here", place.span, "list")
        for number, line in enumerate(lines, 1):
            word = line.partition("#")[0].strip()
            if word:
                col = line.index(word) + 1
                span = Span(name, number, col, number, col + len(word))
                yield Node("scalar", span, word, word, plain=True, came=(step, *place.way))

    def _find(self, code: str, node: Node, path: Path, message: str, label: str = "") -> None:
        self.findings.append(
            Diagnostic(code=code, span=node.span, message=message, label=label, path=path, related=node.way)
        )


def _ago(ms: int) -> str:
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
        if ms >= size:
            return f"{ms // size}{unit}"
    return f"{ms}ms"
