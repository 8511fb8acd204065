"""Findings as an editor shows them, and the corrections it offers for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from lsprotocol import types as lsp

from hoploop.codes import CODES
from hoploop.editor.text import Text
from hoploop.recipe.diagnostics import Diagnostic, Edit

SOURCE = "hoploop"
_SEVERITY = {"error": lsp.DiagnosticSeverity.Error, "warning": lsp.DiagnosticSeverity.Warning}
BUG = "G501"
_UNUSED, _ADVICE = "R390", "R38"
_SAYS = re.compile(r'(?:quote it:|write it without quotes:|write) (".*"|true|false|[0-9]+)\Z')
"""Labels that are themselves the correction of the whole value."""


def shown(finding: Diagnostic, text: Text, text_of: Callable[[str], Text], uri: Callable[[str], str]) -> lsp.Diagnostic:
    """One finding; its advice is part of the message, the way a value came is linked."""
    parts = [f"{finding.message} ({finding.label})" if finding.label else finding.message, *finding.notes]
    related = [
        lsp.DiagnosticRelatedInformation(
            lsp.Location(uri(step.span.file), text_of(step.span.file).range_of(step.span)), step.message
        )
        for step in finding.related
    ]
    return lsp.Diagnostic(
        range=text.range_of(finding.span),
        message="\n".join(parts),
        severity=lsp.DiagnosticSeverity.Information
        if finding.code.startswith(_ADVICE)
        else _SEVERITY[finding.severity],
        code=finding.code,
        source=SOURCE,
        related_information=related or None,
        tags=[lsp.DiagnosticTag.Unnecessary] if finding.code == _UNUSED else None,
        data=CODES[finding.code].title,
    )


def unchecked(error: BaseException) -> lsp.Diagnostic:
    """What is shown of a file that could not be checked because of a bug; the error's text could quote a recipe."""
    start = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 1))
    message = f"{CODES[BUG].title}: {type(error).__name__}\n{CODES[BUG].hint}"
    return lsp.Diagnostic(start, message, severity=lsp.DiagnosticSeverity.Warning, code=BUG, source=SOURCE)


def actions(
    findings: Iterable[Diagnostic],
    text: Text,
    asked: lsp.Range,
    path: str,
    uri: str,
    problems: Iterable[lsp.Diagnostic],
) -> list[lsp.CodeAction]:
    """Corrections of the findings that a stretch of a file touches, and one of all of them in the file."""
    start, end = text.at(asked.start), text.at(asked.end)
    known = {(one.code, one.message.split(" (")[0].split("\n")[0]): one for one in problems}
    found: list[lsp.CodeAction] = []
    edits: list[Edit] = []
    for finding in findings:
        for edit in _corrections(finding):
            if edit.span.file != path:
                continue
            edits.append(edit)
            span = finding.span
            if text.offset(span.line, span.col) <= end and start <= text.offset(span.end_line, span.end_col):
                shown_ = known.get((finding.code, finding.message))
                found.append(
                    lsp.CodeAction(
                        title=f"Write {edit.text}",
                        kind=lsp.CodeActionKind.QuickFix,
                        diagnostics=[shown_] if shown_ else None,
                        edit=_edit(uri, text, [edit]),
                        is_preferred=True,
                    )
                )
    if len(edits) > 1:
        every = _edit(uri, text, _apart(edits))
        found.append(lsp.CodeAction("Correct everything in this file", lsp.CodeActionKind.SourceFixAll, edit=every))
    return found


def layout(text: Text, after: str) -> list[lsp.TextEdit]:
    """The one edit that makes a text another: from the first line that differs to the last."""
    old, new = text.text.splitlines(keepends=True), after.splitlines(keepends=True)
    head = _alike(old, new)
    tail = min(_alike(old[::-1], new[::-1]), len(old) - head, len(new) - head)
    start, end = len("".join(old[:head])), len("".join(old[: len(old) - tail]))
    changed = "".join(new[head : len(new) - tail])
    return [lsp.TextEdit(text.range(start, end), changed)] if changed or start != end else []


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines are the same before the first that is not."""
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _corrections(finding: Diagnostic) -> Iterator[Edit]:
    if finding.fix is not None:
        yield finding.fix
    elif finding.code == "R103" and (match := _SAYS.match(finding.label)):
        yield Edit(finding.span, match[1])


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """Without repetitions and overlaps: of two that overlap the first in the file."""
    kept: list[Edit] = []
    for edit in sorted(set(edits), key=lambda one: (one.span.line, one.span.col)):
        last = kept[-1].span if kept else None
        if last is None or (edit.span.line, edit.span.col) >= (last.end_line, last.end_col):
            kept.append(edit)
    return kept


def _edit(uri: str, text: Text, edits: Iterable[Edit]) -> lsp.WorkspaceEdit:
    return lsp.WorkspaceEdit(changes={uri: [lsp.TextEdit(text.range_of(edit.span), edit.text) for edit in edits]})
