"""Reads files that a recipe or a command names: bounded, and regular where a recipe names them."""

from __future__ import annotations

import os
import posixpath
import stat
from pathlib import Path

from hoploop.errors import RecipeError


class NotARecipeFile(Exception):
    """Why something a recipe names is not read, in words."""


def is_relative(text: str, suffixes: tuple[str, ...]) -> bool:
    """Whether it is a path from the file that names it, with forward slashes, to a file that ends so; no URL."""
    return not (posixpath.isabs(text) or "\\" in text or "://" in text) and posixpath.splitext(text)[1] in suffixes


def read_bounded(path: Path, limit: int, code: str, shown: str | None = None) -> bytes:
    """At most one byte over `limit`; RecipeError with `code` when the file cannot be read at all."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise RecipeError(code, f"{shown or path}: {error.strerror or type(error).__name__}") from None


def read_regular(path: str, limit: int, suffixes: tuple[str, ...]) -> tuple[bytes, os.stat_result]:
    """A regular file, at most one byte over `limit`; follows links only to files that end alike."""
    if os.path.splitext(os.path.realpath(path))[1] not in suffixes:
        raise NotARecipeFile(f"leads to a file that is not {suffixes[0]}")
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotARecipeFile("not a regular file")
        return file.read(limit + 1), status
