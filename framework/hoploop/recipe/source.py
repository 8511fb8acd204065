"""The text of one recipe file, checked for size and bytes before anything parses it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hoploop.errors import RecipeError
from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.spans import Span

MAX_BYTES = 4 << 20


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """`file` is the name shown in findings; `problem` is set when the bytes cannot be a recipe."""

    file: str
    text: str
    problem: Diagnostic | None = None

    def span_at(self, offset: int) -> Span:
        """One-character span of a position in the text."""
        line = self.text.count("\n", 0, offset) + 1
        col = offset - self.text.rfind("\n", 0, offset)
        return Span(self.file, line, col, line, col + 1)


def read_source(path: Path, shown: str | None = None) -> Source:
    """Read a file; RecipeError R401 when it cannot be read at all."""
    try:
        with path.open("rb") as handle:
            raw = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecipeError("R401", f"{shown or path}: {error.strerror or type(error).__name__}") from None
    return source_of(raw, shown or str(path))


def source_of(raw: bytes, file: str) -> Source:
    """Bytes as text; findings instead of exceptions for everything that is wrong with them."""
    start = Span(file, 1, 1, 1, 2)
    if len(raw) > MAX_BYTES:
        return Source(file=file, text="", problem=_finding("R002", start, f"larger than {MAX_BYTES >> 20} MiB"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        col = error.start - raw.rfind(b"\n", 0, error.start)
        span = Span(file, line, col, line, col + 1)
        shown = raw.decode("utf-8", "replace")
        return Source(file=file, text=shown, problem=_finding("R009", span, "this byte is not UTF-8"))
    if (nul := text.find("\0")) >= 0:
        source = Source(file=file, text=text)
        shown = text.replace("\0", "\ufffd")
        return Source(file=file, text=shown, problem=_finding("R009", source.span_at(nul), "a NUL byte"))
    return Source(file=file, text=text)


def _finding(code: str, span: Span, message: str) -> Diagnostic:
    return Diagnostic(code=code, span=span, message=message)
