"""Places in a recipe file."""

from __future__ import annotations

from typing import NamedTuple

Path = tuple[str | int, ...]
"""Way from the document's root to a node: keys and list positions."""


class Span(NamedTuple):
    """A stretch of one file; lines and columns count from 1, the end is exclusive."""

    file: str
    line: int
    col: int
    end_line: int
    end_col: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


def dotted(path: Path) -> str:
    """`("venues", 0, "address")` as `venues[0].address`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
