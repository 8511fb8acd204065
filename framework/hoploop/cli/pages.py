"""Checks the recipes of Markdown pages for `hoploop validate`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hoploop.plugin.registry import Registry
from hoploop.recipe import pages
from hoploop.recipe.lists import Listing
from hoploop.recipe.load import Pipeline
from hoploop.recipe.source import read_source, source_of

if TYPE_CHECKING:
    from hoploop.recipe.load import Inspection


def inspect_pages(paths: Sequence[Path], base: Path | None) -> list[Inspection]:
    """Every block of every page that is a recipe; with `base` fragments, too. Blocks know each other by name."""
    below = None if base is None else read_source(base).text
    parts: dict[str, bytes] = {}

    def read(path: str) -> bytes:
        if path not in parts:
            raise FileNotFoundError(2, "no block of this page has this name")
        return parts[path]

    checker = Pipeline(Registry.installed(), os.environ, read, lambda path: Listing(read(path), 0))
    found = []
    for path in paths:
        text = read_source(path).text
        parts.clear()
        for block in pages.blocks(text):
            parts[os.path.normpath(path.parent / block.name)] = block.text.encode()
        for block, recipe in pages.recipes(text, below):
            one = checker.inspect_all(source_of(recipe.encode(), str(path), str(path)))
            found.append(_of_block(one, path, block))
    return found


def _of_block(found: Inspection, path: Path, block: pages.Block) -> Inspection:
    """Named after its block, without advice on what the block was put into: the page does not show that."""
    last = block.line + block.text.count("\n")
    kept = [one for one in found.report.findings if one.severity == "error" or one.span.line <= last]
    report = msgspec.structs.replace(found.report, findings=tuple(kept))
    return msgspec.structs.replace(found, file=f"{path}:{block.line}", report=report)
