"""Trees of texts that are being written: finds what can be read and where in it a position is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from hoploop.recipe.document import read_document
from hoploop.recipe.nodes import Node
from hoploop.recipe.source import source_of
from hoploop.recipe.spans import Path, Span

_ROUNDS = 3
"""Broken lines that are left out before everything below the position is."""
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:''|[^'\n])*'|(?<!\S)#[^\n]*")


class Spot(NamedTuple):
    """What stands at a position: its way in the tree, its value, and the span of the word that is pointed at."""

    path: Path
    node: Node
    span: Span
    on_key: bool


def parsed(text: str, file: str) -> Node | None:
    """The tree of a file without findings; None when it has none."""
    return read_document(source_of(text.encode("utf-8", "replace"), file))[0]


def readable(text: str, file: str, keep: int | None = None) -> Node | None:
    """The tree of what can be read of a text.

    Lines that break it are left out, but line `keep` (from 1) never is; as the last resort what is below it goes, or
    what is below the first thing that breaks.
    """
    lines = text.split("\n")
    broken = 0
    for _ in range(_ROUNDS + 1):
        root, findings = read_document(source_of("\n".join(lines).encode("utf-8", "replace"), file))
        if root is not None:
            return root
        last = next((found for found in reversed(findings) if found.code < "R010"), None)
        line = 0 if last is None else last.span.line
        broken = broken or min([line, *(step.span.line for step in (last.related if last else ()))])
        if not 0 < line <= len(lines) or line == keep or not lines[line - 1].strip():
            break
        lines[line - 1] = ""
    above = "\n".join(text.split("\n")[: keep if keep is not None else max(broken - 1, 0)])
    return parsed(above + open_brackets(above), file)


def open_brackets(text: str) -> str:
    """The brackets that would close what is open at the end."""
    still: list[str] = []
    for char in _QUOTED.sub("", text):
        if char in "[{":
            still.append("]" if char == "[" else "}")
        elif char in "]}" and still and still[-1] == char:
            still.pop()
    return "".join(reversed(still))


def spot(root: Node, line: int, col: int) -> Spot | None:
    """The key or value at a place; None between them."""
    path: list[str | int] = []
    node = root
    while True:
        below = _below(node, line, col)
        if below is None:
            break
        part, node, key = below
        path.append(part)
        if key is not None:
            return Spot(tuple(path), node, key, True)
    return Spot(tuple(path), node, _own(node), False) if path and node.kind == "scalar" else None


def _below(node: Node, line: int, col: int) -> tuple[str | int, Node, Span | None] | None:
    for index, item in enumerate(node.items):
        if _within(_own(item), line, col):
            return index, item, None
    for name, (key, value) in node.entries.items():
        if any(step.by == "merge" for step in value.came):
            continue
        if _within(key, line, col):
            return name, value, key
        if _within(_own(value), line, col):
            return name, value, None
    return None


def _own(node: Node) -> Span:
    return node.used or node.span


def _within(span: Span, line: int, col: int) -> bool:
    return (span.line, span.col) <= (line, col) <= (span.end_line, span.end_col)


def inner(node: Node) -> Span:
    """The span of a scalar's text, without its quotes."""
    span = node.span
    if node.plain or span.line != span.end_line or span.end_col - span.col != len(node.raw) + 2:
        return span
    return span._replace(col=span.col + 1, end_col=span.end_col - 1)


def within(node: Node, start: int, end: int) -> Span | None:
    """The span of a part of a scalar's text; None when the text is not written as it reads."""
    span = inner(node)
    if span.line != span.end_line or span.end_col - span.col != len(node.raw):
        return None
    return span._replace(col=span.col + start, end_col=span.col + end)


def scalars(node: Node, path: Path = ()) -> Iterator[tuple[Path, Span | None, Node]]:
    """Every key and value written in this file, outside in: way, key's span if it has one, value."""
    for index, item in enumerate(node.items):
        if item.used is None:
            yield (*path, index), None, item
            yield from scalars(item, (*path, index))
    for name, (key, value) in node.entries.items():
        if any(step.by == "merge" for step in value.came):
            continue
        yield (*path, name), key, value
        if value.used is None:
            yield from scalars(value, (*path, name))
