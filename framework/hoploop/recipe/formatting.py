"""Lays out recipe files."""

from __future__ import annotations

from typing import NamedTuple

from hoploop.recipe.diagnostics import Report, report
from hoploop.recipe.document import read_document
from hoploop.recipe.layout import laid_out
from hoploop.recipe.masking import Snippets
from hoploop.recipe.source import Source


class Formatted(NamedTuple):
    """One file: `text` is None when it cannot be read as YAML; `report` then says why."""

    text: str | None
    report: Report
    snippets: Snippets


def formatted(source: Source) -> Formatted:
    """The text of one file in its layout; the document it holds stays what it is."""
    root, findings = read_document(source)
    snippets = Snippets({source.file: source.text})
    if root is None:
        return Formatted(None, report(map(snippets.scrubbed, findings)), snippets)
    return Formatted(laid_out(source.text, source.file), Report(()), snippets)
