"""Shows findings: as text with the marked source, one line each, or JSON. Secrets are masked in every snippet."""

from __future__ import annotations

from typing import Any

import msgspec

from hoploop.model.text import visible
from hoploop.recipe.diagnostics import Diagnostic, Report
from hoploop.recipe.masking import Snippets, shown
from hoploop.recipe.spans import dotted

_WIDTH, _BEFORE = 200, 60
"""Longest line that is shown whole, and how much stands before the place of a finding in a longer one."""


def human(report: Report, snippets: Snippets) -> str:
    """The layout of docs/recipes/diagnostics.md, findings separated by an empty line."""
    blocks = ["\n".join(map(visible, _block(finding, snippets))) for finding in report.findings]
    if report.more:
        blocks.append(f"and {report.more} more")
    return "\n\n".join(blocks)


def _block(finding: Diagnostic, snippets: Snippets) -> list[str]:
    span = finding.span
    width = len(str(span.line))
    gutter = " " * width
    whole = snippets.line(span.file, span.line)
    until = span.end_col if span.end_line == span.line else len(whole) + 1
    cut = max(0, span.col - 1 - _BEFORE) if len(whole) > _WIDTH else 0
    line, start = _clipped(whole, cut), span.col - 1 - cut + (cut > 0)
    marks = "^" * max(1, min(until - span.col, len(line) - start))
    out = [f"{finding.severity}[{finding.code}]: {finding.message}", f"{gutter}--> {span}", f"{gutter} |"]
    if span.line > 1:
        out.append(f"{span.line - 1:>{width}} | {_clipped(snippets.line(span.file, span.line - 1), 0)}".rstrip())
    out.append(f"{span.line} | {line}".rstrip())
    out.append(f"{gutter} | {' ' * start}{marks} {finding.label}".rstrip())
    out += [f"{gutter} = note: {related.message}: {related.span}" for related in finding.related]
    out += [f"{gutter} = note: {note}" for note in finding.notes]
    if finding.path:
        out.append(f"{gutter} = at: {shown(dotted(finding.path), _WIDTH)}")
    return [*out, f"{gutter} = help: hoploop explain {finding.code}"]


def _clipped(line: str, cut: int) -> str:
    """The part of a long line that is shown, with … where it goes on."""
    if len(line) <= _WIDTH:
        return line
    return f"{'…' if cut else ''}{line[cut : cut + _WIDTH]}{'…' if cut + _WIDTH < len(line) else ''}"


def concise(report: Report) -> str:
    """`file:line:col: severity[code] message (label)`, one line a finding."""
    lines = [
        visible(f"{one.span}: {one.severity}[{one.code}] {one.message}" + (f" ({one.label})" if one.label else ""))
        for one in report.findings
    ]
    return "\n".join([*lines, f"and {report.more} more"] if report.more else lines)


def as_builtins(report: Report) -> dict[str, Any]:
    """The report for machines; spans as objects, paths as text."""
    findings = []
    for finding in report.findings:
        item = msgspec.to_builtins(finding)
        item["span"] = finding.span._asdict()
        item["path"] = shown(dotted(finding.path), _WIDTH)
        item["hint"] = finding.hint
        item["related"] = [{"message": one.message, "span": one.span._asdict()} for one in finding.related]
        item["fix"] = None if finding.fix is None else {"span": finding.fix.span._asdict(), "text": finding.fix.text}
        findings.append(item)
    return {"findings": findings, "more": report.more, "errors": report.errors}
