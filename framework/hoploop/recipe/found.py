"""What a cross rule finds."""

from __future__ import annotations

from hoploop.recipe.diagnostics import Severity
from hoploop.recipe.spans import Path

Found = tuple[str, Path, str, str, Severity]
"""Code, place, message, label, severity."""


def error(code: str, path: Path, message: str, label: str = "") -> Found:
    """One that keeps a recipe from compiling."""
    return code, path, message, label, "error"
