"""Reports are sorted, free of repetition and bounded; every format says the same."""

from __future__ import annotations

from hoploop.recipe.diagnostics import CAP, Diagnostic, report
from hoploop.recipe.masking import Snippets
from hoploop.recipe.render import as_builtins, concise, human
from hoploop.recipe.spans import Span


def _finding(line: int, message: str = "m", code: str = "R101", severity: str = "error") -> Diagnostic:
    return Diagnostic(code=code, span=Span("f.yaml", line, 3, line, 6), message=message, severity=severity)  # type: ignore[arg-type]


def test_findings_are_sorted_by_place() -> None:
    assert [one.span.line for one in report([_finding(9), _finding(2), _finding(5)]).findings] == [2, 5, 9]


def test_the_same_finding_is_shown_once() -> None:
    assert len(report([_finding(1), _finding(1), _finding(1, "other")]).findings) == 2


def test_a_long_list_is_cut_and_counted() -> None:
    shown = report(_finding(line) for line in range(1, 80))
    assert (len(shown.findings), shown.more) == (CAP, 79 - CAP)
    assert human(shown, Snippets({})).endswith("and 29 more")
    assert concise(shown).endswith("and 29 more")


def test_warnings_give_way_to_errors_at_the_cut() -> None:
    warnings = [_finding(line, severity="warning") for line in range(1, 60)]
    assert report([*warnings, _finding(99)]).errors == 1


def test_the_human_form_marks_the_place() -> None:
    text = human(report([_finding(2)]), Snippets({"f.yaml": "one\n  two\n"}))
    assert text == (
        "error[R101]: m\n --> f.yaml:2:3\n  |\n1 | one\n2 |   two\n  |   ^^^\n  = help: hoploop explain R101"
    )


def test_the_json_form_has_hint_and_span() -> None:
    (finding,) = as_builtins(report([_finding(2)]))["findings"]
    assert finding["span"] == {"file": "f.yaml", "line": 2, "col": 3, "end_line": 2, "end_col": 6}
    assert finding["hint"]
