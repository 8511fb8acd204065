"""Positions three ways: spans of findings, offsets into the text, and the units an editor negotiated."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Final

from lsprotocol import types as lsp

from hoploop.recipe.spans import Span

_BREAK = re.compile(r"\r\n|\r|\n")
_BOM = "\ufeff"
_SIZES: Final[Mapping[str, Callable[[str], int]]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}
"""Encoding -> how many units a text has."""


class Text:
    """One version of one file. Lines of a span count from 1 in characters; an editor's from 0 in its own units."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self._size = _SIZES[encoding]
        self._starts = [0, *(match.end() for match in _BREAK.finditer(text))]
        self._shift = len(_BOM) if text.startswith(_BOM) else 0

    def line(self, number: int) -> str:
        """A line without its break, 0-based; empty when there is none."""
        if not 0 <= number < len(self._starts):
            return ""
        return self.text[self._starts[number] : self._end(number)]

    def start(self, number: int) -> int:
        """Where a line starts, 0-based."""
        return self._starts[min(max(number, 0), len(self._starts) - 1)]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset as spans count them."""
        number = bisect_right(self._starts, offset) - 1
        return number + 1, offset - self._starts[number] + 1 - (self._shift if number == 0 else 0)

    def offset(self, line: int, col: int) -> int:
        """The offset of a span's line and column, within the text."""
        number = min(max(line - 1, 0), len(self._starts) - 1)
        start = self._starts[number] + (self._shift if number == 0 else 0)
        return min(start + max(col - 1, 0), max(start, self._end(number)))

    def at(self, position: lsp.Position) -> int:
        """The offset of an editor's position; past a line's end it is that end."""
        if position.line >= len(self._starts):
            return len(self.text)
        line = self.line(position.line)
        low, high = 0, len(line)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._size(line[:middle]) <= position.character else (low, middle - 1)
        return self._starts[position.line] + low

    def position(self, offset: int) -> lsp.Position:
        """An offset as the editor counts."""
        number = bisect_right(self._starts, offset) - 1
        return lsp.Position(number, self._size(self.text[self._starts[number] : offset]))

    def range(self, start: int, end: int) -> lsp.Range:
        """A stretch of the text as the editor counts."""
        return lsp.Range(self.position(start), self.position(max(start, end)))

    def range_of(self, span: Span) -> lsp.Range:
        """A span as the editor counts."""
        return self.range(self.offset(span.line, span.col), self.offset(span.end_line, span.end_col))

    def _end(self, number: int) -> int:
        following = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        while following > self._starts[number] and self.text[following - 1] in "\r\n":
            following -= 1
        return following
