"""Applies the corrections findings carry: edits of spans, so that comments and layout survive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hoploop.recipe.diagnostics import Diagnostic, Edit, has_errors

ROUNDS = 16
"""A correction may bring the next stage's findings to light; more rounds than stages are never needed."""


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with every edit made; of two that overlap the first in the file wins."""
    starts = _line_starts(text)
    ranges = sorted((_offset(starts, edit.span.line, edit.span.col), _end(starts, edit), edit.text) for edit in edits)
    out, at = [], 0
    for start, end, replacement in ranges:
        if start >= at:
            out += [text[at:start], replacement]
            at = end
    return "".join([*out, text[at:]])


def corrected(text: str, file: str, inspect: Callable[[str], Sequence[Diagnostic]]) -> tuple[str, int]:
    """Apply what can be applied, round after round; the text and how many corrections were made.

    A round that adds errors is taken back: a correction never makes a recipe worse.
    """
    made, findings = 0, inspect(text)
    for _ in range(ROUNDS):
        edits = list(
            dict.fromkeys(found.fix for found in findings if found.fix is not None and found.fix.span.file == file)
        )
        after = edited(text, edits)
        if after == text:
            break
        later = inspect(after)
        if _stage(later) < _stage(findings) or (not has_errors(findings) and has_errors(later)):
            break
        text, findings, made = after, later, made + len(edits)
    return text, made


def _stage(findings: Sequence[Diagnostic]) -> str:
    """The stage that stopped: codes are numbered in the order of the stages."""
    # Small letters sort after capitals: without errors every stage is passed.
    return min((found.code for found in findings if found.severity == "error"), default="none")[:2]


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _offset(starts: list[int], line: int, col: int) -> int:
    return starts[line - 1] + col - 1


def _end(starts: list[int], edit: Edit) -> int:
    return _offset(starts, edit.span.end_line, edit.span.end_col)
