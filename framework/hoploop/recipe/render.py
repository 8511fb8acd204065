"""Shows findings: as text with the marked source, one line each, or JSON. Secrets are masked in every snippet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from hoploop.recipe.diagnostics import Diagnostic, Report
from hoploop.recipe.spans import Span, dotted

_ALWAYS_SECRET = r"(?:[A-Za-z0-9_]*_)?(?:key|keys|secret|password|passphrase|mnemonic|keypair|token|auth)"
_KEYLIKE = re.compile(r"(?:0x)?[0-9a-fA-F]{64,}|[1-9A-HJ-NP-Za-km-z]{80,}|\[(?:\s*\d{1,3}\s*,){15,}[^\]]*\]?")
_URL_SECRET = re.compile(r"(://)[^/\s@]+@|((?:api[-_]?key|token|auth|secret)=)[^&\s\"']+", re.IGNORECASE)
_MASK = "********"


class Snippets:
    """Source lines of one file, masked: whatever stands behind a secret key or looks like key material is hidden."""

    def __init__(self, text: str, names: Iterable[str] = (), masked: Iterable[Span] = ()) -> None:
        self._lines = text.split("\n")
        words = "|".join([_ALWAYS_SECRET, *sorted(map(re.escape, names))])
        self._secret_key = re.compile(rf"""((?:^|[\s{{,"'-])(?:{words})["']?\s*:\s+)(.+)$""", re.IGNORECASE)
        self._block = re.compile(rf"""^(\s*)(?:- +)*["']?(?:{words})["']?\s*:\s*(?:[|>&!].*)?$""", re.IGNORECASE)
        for span in masked:
            self._mask(span)
        self._mask_blocks()

    def line(self, number: int) -> str:
        """One line, 1-based, as it may be shown."""
        if not 1 <= number <= len(self._lines):
            return ""
        line = self._secret_key.sub(_hide_value, self._lines[number - 1])
        line = _URL_SECRET.sub(lambda match: f"{match[1]}{_MASK}@" if match[1] else f"{match[2]}{_MASK}", line)
        return _KEYLIKE.sub(lambda match: "*" * len(match[0]), line).rstrip("\r")

    def _mask(self, span: Span) -> None:
        for number in range(span.line, min(span.end_line, len(self._lines)) + 1):
            line = self._lines[number - 1]
            start = span.col - 1 if number == span.line else 0
            end = span.end_col - 1 if number == span.end_line else len(line)
            self._lines[number - 1] = line[:start] + "*" * (end - start) + line[end:]

    def _mask_blocks(self) -> None:
        """Hide what stands indented below a secret key, so that a broken file shows no part of it either."""
        depth: int | None = None
        for index, line in enumerate(self._lines):
            indent = len(line) - len(line.lstrip())
            if depth is not None and (not line.strip() or indent > depth):
                self._lines[index] = " " * indent + "*" * (len(line) - indent)
                continue
            match = self._block.match(line)
            depth = len(match[1]) if match else None


def _hide_value(match: re.Match[str]) -> str:
    value = match[2]
    if re.match(r"""["']?\$\{secret:[a-z]+/[^}]*\}["']?\s*(?:#.*|[,}].*)?$""", value) or value.startswith("#"):
        return match[0]
    return match[1] + "*" * len(value)


def human(report: Report, snippets: Snippets) -> str:
    """The layout of docs/recipes/diagnostics.md, findings separated by an empty line."""
    blocks = ["\n".join(_block(finding, snippets)) for finding in report.findings]
    if report.more:
        blocks.append(f"and {report.more} more")
    return "\n\n".join(blocks)


def _block(finding: Diagnostic, snippets: Snippets) -> list[str]:
    span = finding.span
    width = len(str(span.line))
    gutter = " " * width
    line = snippets.line(span.line)
    until = span.end_col if span.end_line == span.line else len(line) + 1
    marks = "^" * max(1, until - span.col)
    out = [f"{finding.severity}[{finding.code}]: {finding.message}", f"{gutter}--> {span}", f"{gutter} |"]
    if span.line > 1:
        out.append(f"{span.line - 1:>{width}} | {snippets.line(span.line - 1)}".rstrip())
    out.append(f"{span.line} | {line}".rstrip())
    out.append(f"{gutter} | {' ' * (span.col - 1)}{marks} {finding.label}".rstrip())
    out += [f"{gutter} = note: {related.message}: {related.span}" for related in finding.related]
    out += [f"{gutter} = note: {note}" for note in finding.notes]
    if finding.path:
        out.append(f"{gutter} = at: {dotted(finding.path)}")
    return [*out, f"{gutter} = help: hoploop explain {finding.code}"]


def concise(report: Report) -> str:
    """`file:line:col: severity[code] message (label)`, one line a finding."""
    lines = [
        f"{finding.span}: {finding.severity}[{finding.code}] {finding.message}"
        + (f" ({finding.label})" if finding.label else "")
        for finding in report.findings
    ]
    return "\n".join([*lines, f"and {report.more} more"] if report.more else lines)


def as_builtins(report: Report) -> dict[str, Any]:
    """The report for machines; spans as objects, paths as text."""
    findings = []
    for finding in report.findings:
        item = msgspec.to_builtins(finding)
        item["span"] = finding.span._asdict()
        item["path"] = dotted(finding.path)
        item["hint"] = finding.hint
        item["related"] = [{"message": one.message, "span": one.span._asdict()} for one in finding.related]
        item["fix"] = None if finding.fix is None else {"span": finding.fix.span._asdict(), "text": finding.fix.text}
        findings.append(item)
    return {"findings": findings, "more": report.more, "errors": report.errors}
