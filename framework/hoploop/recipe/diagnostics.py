"""A finding in a recipe: what is wrong, where, and how to put it right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from hoploop.codes import CODES
from hoploop.recipe.spans import Path, Span

Severity = Literal["error", "warning"]
CAP = 50


class Related(msgspec.Struct, frozen=True):
    """A second place that explains the first, such as where a mapping was merged in."""

    message: str
    span: Span
    by: str = ""
    """What brought the value here, in a word or two: merge, alias, include, default, template X, profile X, var X."""


class Edit(msgspec.Struct, frozen=True):
    """A mechanical correction: replace what `span` covers by `text`."""

    span: Span
    text: str


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. Never holds a secret value; `code` is listed in `hoploop.codes`."""

    code: str
    span: Span
    message: str
    severity: Severity = "error"
    label: str = ""
    """Short text beside the marked place, usually the fix."""
    path: Path = ()
    notes: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    fix: Edit | None = None

    @property
    def hint(self) -> str:
        """The catalogue's advice for this code."""
        return CODES[self.code].hint


class Report(msgspec.Struct, frozen=True):
    """Findings of one file as they are shown: sorted, each once, at most `CAP`; `more` counts the rest."""

    findings: tuple[Diagnostic, ...]
    more: int = 0

    @property
    def errors(self) -> int:
        """Number of shown errors."""
        return sum(finding.severity == "error" for finding in self.findings)


def report(findings: Iterable[Diagnostic], cap: int = CAP) -> Report:
    """Sort by place, drop repetitions (same code, place and text) and cap; errors win over warnings at the cap."""
    unique = {(finding.code, finding.span, finding.message): finding for finding in findings}
    ordered = sorted(unique.values(), key=_order)
    kept = sorted(ordered, key=lambda finding: finding.severity != "error")[:cap]
    return Report(tuple(sorted(kept, key=_order)), len(ordered) - len(kept))


def has_errors(findings: Iterable[Diagnostic]) -> bool:
    """True when a stage must be the last one."""
    return any(finding.severity == "error" for finding in findings)


def _order(finding: Diagnostic) -> tuple[str, int, int, str, str]:
    return (finding.span.file, finding.span.line, finding.span.col, finding.code, finding.message)
