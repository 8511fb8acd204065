"""Applies the corrections findings carry: edits of spans, so that comments and layout survive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from hoploop.recipe.diagnostics import Diagnostic, Edit, has_errors
from hoploop.recipe.masking import shown
from hoploop.recipe.spans import Span

ROUNDS = 16
"""A correction may bring the next stage's findings to light; more rounds than stages are never needed."""


class Seen(NamedTuple):
    """What an inspection has read, by file, and what it found."""

    texts: Mapping[str, str]
    findings: Sequence[Diagnostic]


class Correction(NamedTuple):
    """One correction that was made; `span` is where `before` stood in its round."""

    span: Span
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.span}: {shown(self.before) or 'nothing'} → {shown(self.after) or 'nothing'}"


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with every edit made; of two that overlap the first in the file wins."""
    out, at = [], 0
    for start, end, edit in _fitting(text, edits):
        out += [text[at:start], edit.text]
        at = end
    return "".join([*out, text[at:]])


def corrected(text: str, file: str, inspect: Callable[[str], Sequence[Diagnostic]]) -> tuple[str, int]:
    """`corrected_files` of a recipe in one file: the text and how many corrections were made."""
    texts, made = corrected_files(lambda changed: _seen(file, changed.get(file, text), inspect))
    return texts.get(file, text), len(made)


def corrected_files(
    inspect: Callable[[Mapping[str, str]], Seen]
) -> tuple[Mapping[str, str], list[Correction]]:
    """Apply what can be applied, round after round: the texts of the files that changed, and the corrections.

    `inspect` takes those texts in place of what the files hold. A round that adds errors is taken back: a correction
    never makes a recipe worse.
    """
    changed: Mapping[str, str] = {}
    made: list[Correction] = []
    seen = inspect(changed)
    for _ in range(ROUNDS):
        fixes = dict.fromkeys(found.fix for found in seen.findings if found.fix is not None)
        round_: list[Correction] = []
        after = dict(changed)
        for file, text in seen.texts.items():
            edits = [fix for fix in fixes if fix.span.file == file]
            here = [
                Correction(edit.span, text[start:end], edit.text)
                for start, end, edit in _fitting(text, edits) if text[start:end] != edit.text
            ]  # fmt: skip
            if here:
                after[file] = edited(text, edits)
                round_ += here
        if not round_:
            break
        later = inspect(after)
        if _stage(later.findings) < _stage(seen.findings) or (
            not has_errors(seen.findings) and has_errors(later.findings)
        ):
            break
        changed, seen = after, later
        made += round_
    return changed, made


def _seen(file: str, text: str, inspect: Callable[[str], Sequence[Diagnostic]]) -> Seen:
    return Seen({file: text}, inspect(text))


def _fitting(text: str, edits: Iterable[Edit]) -> list[tuple[int, int, Edit]]:
    """Edits with their stretches of the text, in order; those that overlap an earlier one are left out."""
    starts = _line_starts(text)
    ranges = sorted(
        ((_offset(starts, edit.span.line, edit.span.col), _end(starts, edit), edit) for edit in edits),
        key=lambda one: (one[0], one[1], one[2].text),
    )
    kept, at = [], 0
    for one in ranges:
        if one[0] >= at:
            kept.append(one)
            at = one[1]
    return kept


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
