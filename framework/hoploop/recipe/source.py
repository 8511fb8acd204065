"""The text of one recipe file, checked for size and bytes before anything parses it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.reading import read_bounded, read_regular
from hoploop.recipe.spans import Span

MAX_BYTES = 4 << 20
_ODD_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
"""Ends a line in YAML 1.1 or its readers, and nowhere an operator looks: every place after it would be another one."""
Reader = Callable[[str], bytes]
"""Reads an included file by its path; OSError or `NotARecipeFile` when it cannot or may not."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """`file` is the name shown in findings; `problem` is set when the bytes cannot be a recipe."""

    file: str
    text: str
    problem: Diagnostic | None = None
    path: str = ""
    """Where the file is, for what it includes; `file` when empty."""

    @property
    def place(self) -> str:
        """The path includes are relative to."""
        return self.path or self.file

    def beside(self, text: str) -> tuple[str, str]:
        """Where a path in this file leads, and how that is shown."""
        path, shown = (
            posixpath.normpath(posixpath.join(posixpath.dirname(base), text)) for base in (self.place, self.file)
        )
        return path, shown

    def span_at(self, offset: int) -> Span:
        """One-character span of a position in the text."""
        line = self.text.count("\n", 0, offset) + 1
        col = offset - self.text.rfind("\n", 0, offset)
        return Span(self.file, line, col, line, col + 1)


def read_source(path: Path, shown: str | None = None) -> Source:
    """Read a file; RecipeError R401 when it cannot be read at all."""
    raw = read_bounded(path, MAX_BYTES, "R401", shown)
    return source_of(raw, shown or str(path), str(path))


def read_included(path: str) -> bytes:
    """Read a regular .yaml file, at most one byte over the limit; follows links only to other .yaml files."""
    return read_regular(path, MAX_BYTES, (".yaml", ".yml"))[0]


def source_of(raw: bytes, file: str, path: str = "") -> Source:
    """Bytes as text; findings instead of exceptions for everything that is wrong with them."""
    start = Span(file, 1, 1, 1, 2)
    if len(raw) > MAX_BYTES:
        return _unusable(file, "", "R002", start, f"larger than {MAX_BYTES >> 20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        col = error.start - raw.rfind(b"\n", 0, error.start)
        span = Span(file, line, col, line, col + 1)
        return _unusable(file, raw.decode("utf-8", "replace"), "R009", span, "this byte is not UTF-8")
    if (nul := text.find("\0")) >= 0:
        span = Source(file=file, text=text).span_at(nul)
        return _unusable(file, text.replace("\0", "\ufffd"), "R009", span, "a NUL byte")
    if (odd := _ODD_BREAK.search(text)) is not None:
        span = Source(file=file, text=text).span_at(odd.start())
        message = f"U+{ord(odd[0]):04X} ends a line for some readers and not for others"
        return _unusable(file, text, "R009", span, message, "end lines with a line feed; inside a text write an escape")
    return Source(file=file, text=text, path=path)


def _unusable(file: str, text: str, code: str, span: Span, message: str, label: str = "") -> Source:
    return Source(file=file, text=text, problem=Diagnostic(code=code, span=span, message=message, label=label))
