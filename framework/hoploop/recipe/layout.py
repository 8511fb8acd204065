"""The layout of recipes: one way to indent, space and quote, found token by token so that comments stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml import events as ev
from ruamel.yaml import tokens as tk

from hoploop.errors import RecipeError

STEP = 2
_QUANTITY = re.compile(r"[0-9][0-9_]*(?:\.[0-9]+)?(?:/[0-9]+)? +[A-Za-z][A-Za-z0-9._]*\Z")
_SHAPES = (
    tk.BlockMappingStartToken, tk.BlockSequenceStartToken, tk.BlockEndToken, tk.StreamStartToken, tk.StreamEndToken,
)  # fmt: skip
_OPENING = (tk.FlowMappingStartToken, tk.FlowSequenceStartToken)
_CLOSING = (tk.FlowMappingEndToken, tk.FlowSequenceEndToken)


def laid_out(text: str, file: str) -> str:
    """The same document in its layout. `text` must be YAML that can be read; RecipeError R602 if it would change."""
    text = text.replace("\r\n", "\n")
    tokens = list(YAML(typ="safe", pure=True).scan(text))
    made = _Layout(text, _long_keys(tokens)).run(tokens)
    if list(_meaning(made)) != list(_meaning(text)):
        raise RecipeError("R602", f"{file} was left as it is")
    return made


def _meaning(text: str) -> Iterator[tuple[object, ...]]:
    """What a document says, event by event; plain and quoted text are different, but for quantities."""
    for event in YAML(typ="safe", pure=True).parse(text):
        value = getattr(event, "value", None)
        plain = isinstance(event, ev.ScalarEvent) and event.style is None and not _QUANTITY.match(event.value)
        style = getattr(event, "flow_style", None)
        yield type(event), value, plain, style, getattr(event, "anchor", None), str(getattr(event, "tag", None))


class _Level(NamedTuple):
    """An open block collection: its column as it was and as it will be; `loose` when its items are not indented."""

    old: int
    new: int
    mapping: bool
    loose: bool = False


class _Layout:
    """Writes one text anew; what stands between two tokens is spaced, tokens stay as they are."""

    def __init__(self, text: str, long_keys: frozenset[int]) -> None:
        self._text = text
        self._long = long_keys
        self._out: list[str] = []
        self._column = 0
        self._levels: list[_Level] = []
        self._levels_before: tuple[_Level, ...] = ()
        """Those that were open at the last token."""
        self._base = 0
        self._flows = 0
        self._shift = 0
        """By how much the line moved on which the last token began that was the first of its line."""
        self._at = 0
        self._last: Any = None
        self._kept = False
        """Whether the last token was a block text that keeps the empty lines after it."""
        self._key = False

    def run(self, tokens: list[Any]) -> str:
        """The text of these tokens."""
        # At the start of a line these would end the document.
        marks = (token for token in tokens if isinstance(token, tk.ScalarToken) and token.start_mark.column)
        self._base = STEP if any(self._text.startswith(("---", "..."), mark.start_mark.index) for mark in marks) else 0
        for token in tokens:
            if isinstance(token, _SHAPES) or (isinstance(token, tk.KeyToken) and not _width(token)):
                self._shape(token)
            else:
                self._enter(token)
                self._space(token)
                self._write(token)
        self._finish()
        return "".join(self._out)

    def _shape(self, token: Any) -> None:
        """Follow the block structure."""
        if isinstance(token, (tk.BlockMappingStartToken, tk.BlockSequenceStartToken)):
            new = self._levels[-1].new + STEP if self._levels else self._base
            self._levels.append(_Level(token.start_mark.column, new, isinstance(token, tk.BlockMappingStartToken)))
        elif isinstance(token, tk.BlockEndToken):
            self._leave_loose()
            self._levels.pop()
        elif isinstance(token, tk.KeyToken):
            if not self._flows:
                self._leave_loose()
            self._key = True

    def _leave_loose(self) -> None:
        if self._levels and self._levels[-1].loose:
            self._levels.pop()

    def _enter(self, token: Any) -> None:
        """Lists whose dashes stand below their key's first letter have no token of their own."""
        if isinstance(token, tk.KeyToken) and not self._flows:
            self._leave_loose()
        if isinstance(token, tk.BlockEntryToken) and self._levels and self._levels[-1].mapping:
            above = self._levels[-1]
            self._levels.append(_Level(above.old, above.new + STEP, False, loose=True))

    def _space(self, token: Any) -> None:
        gap = self._text[self._at : token.start_mark.index]
        if "\n" not in gap and self._last is not None and self._column:
            self._put(_between(self._last, token))
            return
        column = self._indent(token)
        self._shift = column - token.start_mark.column
        section = bool(self._levels) and len(self._levels) == 1 and self._levels[0].mapping and self._key
        apart = section and not self._flows and token.start_mark.line in self._long
        self._lines(gap, token.start_mark.column, column, apart=apart)
        self._put(" " * column)

    def _indent(self, token: Any) -> int:
        """The column of a token that begins a line."""
        if isinstance(token, (tk.DocumentStartToken, tk.DocumentEndToken, tk.DirectiveToken)) or not self._levels:
            return 0
        level = self._levels[-1]
        if self._flows:
            moved: int = token.start_mark.column + self._shift
            return max(level.new, moved)
        if self._key or isinstance(token, (tk.KeyToken, tk.ValueToken, tk.BlockEntryToken)):
            return level.new
        return level.new + STEP

    def _lines(self, gap: str, old: int, new: int, *, apart: bool) -> None:
        """Comments and empty lines between two tokens on different lines."""
        first, *rest = gap.split("\n") if self._column else ["", *gap.split("\n")]
        self._comment_beside(first)
        comments = [line.strip() for line in rest[:-1]]
        columns = [_column_of(line) for line in rest[:-1]]
        placed = [
            " " * self._comment_column(column, old, new) + _comment(text) if text else ""
            for text, column in zip(comments, columns, strict=True)
        ]
        if self._last is not None and apart and "" not in placed and not self._kept:
            attached = len(placed)
            while attached and not placed[attached - 1].startswith(" "):
                attached -= 1
            placed.insert(attached, "")
        self._emit(placed)

    def _emit(self, lines: list[str]) -> None:
        if self._column:
            self._break()
        empty = self._last is None
        for line in lines:
            if line or not empty:
                self._put(line)
                self._break()
            empty = not line

    def _comment_beside(self, text: str) -> None:
        if not text.strip():
            return
        blanks = len(text) - len(text.lstrip())
        if blanks > STEP:  # one of several below each other
            wanted = self._end_of_last() + blanks
            blanks = max(STEP, wanted - self._column)
        self._put(" " * blanks + _comment(text.strip()))

    def _end_of_last(self) -> int:
        start = self._text.rfind("\n", 0, self._at) + 1
        return self._at - start

    def _comment_column(self, column: int, old: int, new: int) -> int:
        """A comment goes with what follows, or stays in the collection it closes."""
        if column <= old:
            return new
        return max((level.new for level in self._levels_before if level.old <= column and level.new > new), default=new)

    def _write(self, token: Any) -> None:
        start, end = token.start_mark.index, token.end_mark.index
        text = self._text[start:end]
        self._kept = False
        if isinstance(token, tk.ScalarToken):
            text = self._scalar(token, text)
            end = start + len(text) if token.style in ("|", ">") and not self._kept else end
            text = self._moved(token, text)
        self._put(text)
        self._flows += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        self._levels_before = tuple(self._levels)
        self._at, self._last, self._key = end, token, False

    def _scalar(self, token: Any, text: str) -> str:
        if token.style in ("|", ">"):
            self._kept = "+" in text.split("\n", 1)[0]
            return text if self._kept else text.rstrip("\n")
        if not self._key and token.style in (None, "'") and _QUANTITY.match(token.value):
            return f'"{token.value}"'
        return text

    def _moved(self, token: Any, text: str) -> str:
        """Later lines of a text move with it."""
        if "\n" not in text:
            return text
        level = self._levels[-1] if self._levels else _Level(0, 0, True)
        first, *rest = text.split("\n")
        if token.style in ("|", ">"):
            return "\n".join([first, *(_shifted(line, level.new - level.old) for line in rest)])
        least = level.new + STEP
        moved = (" " * max(least, _column_of(line) + self._shift) + line.lstrip(" \t") for line in rest)
        return "\n".join([first, *(line if line.strip() else "" for line in moved)])

    def _put(self, text: str) -> None:
        if text:
            self._out.append(text)
            _, broken, last = text.rpartition("\n")
            self._column = len(last) if broken else self._column + len(text)

    def _break(self) -> None:
        self._out.append("\n")
        self._column = 0

    def _finish(self) -> None:
        rest = self._text[self._at :]
        block = isinstance(self._last, tk.ScalarToken) and self._last.style in ("|", ">")
        if block and not rest and not self._text.endswith("\n"):
            return  # its last line has no end, which is part of what it says
        self._key = False
        self._lines(rest + "\n" if rest.strip(" \n") and not rest.endswith("\n") else rest, 0, 0, apart=False)
        while len(self._out) > 1 and self._out[-1] == self._out[-2] == "\n" and not self._kept:
            self._out.pop()


def _long_keys(tokens: list[Any]) -> frozenset[int]:
    """Lines of the top-level keys before which an empty line belongs: of long ones, and of those after a long one."""
    starts: list[int] = []
    depth, last = 0, 0
    spans: list[bool] = []
    for token in tokens:
        if isinstance(token, tk.KeyToken) and depth == 1:
            if starts:
                spans.append(last > starts[-1])
            starts.append(token.start_mark.line)
        depth += isinstance(token, (tk.BlockMappingStartToken, tk.BlockSequenceStartToken, *_OPENING))
        depth -= isinstance(token, (tk.BlockEndToken, *_CLOSING))
        if _width(token):
            end = token.end_mark
            last = end.line - (end.column == 0 and end.line > token.start_mark.line)
    spans.append(bool(starts) and last > starts[-1])
    return frozenset(line for place, line in enumerate(starts) if spans[place] or (place and spans[place - 1]))


def _between(left: Any, right: Any) -> str:
    """What stands between two tokens of one line."""
    if isinstance(left, tk.ValueToken):
        return " "
    if isinstance(left, _OPENING) or isinstance(right, (*_CLOSING, tk.FlowEntryToken)):
        return ""
    if isinstance(right, tk.ValueToken) and not isinstance(left, (tk.AliasToken, tk.KeyToken, tk.AnchorToken)):
        return ""
    return " "


def _width(token: Any) -> int:
    width: int = token.end_mark.index - token.start_mark.index
    return width


def _column_of(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _shifted(line: str, by: int) -> str:
    if not line:
        return line
    if by >= 0:
        return " " * by + line
    return line[min(-by, len(line) - len(line.lstrip(" "))) :]


def _comment(text: str) -> str:
    """`#text` as `# text`; rows of signs stay."""
    return f"# {text[1:]}" if len(text) > 1 and (text[1].isalnum() or text[1] in "\"'`(<[{$&*") else text
