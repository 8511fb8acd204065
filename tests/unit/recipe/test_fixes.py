"""Corrections edit what they point at and nothing else, and never make a recipe worse."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_connectors import toy_registry

from hoploop.recipe.diagnostics import Diagnostic, Edit
from hoploop.recipe.fixes import corrected, edited
from hoploop.recipe.load import Pipeline
from hoploop.recipe.source import source_of
from hoploop.recipe.spans import Span

BAD = Path(__file__).parents[2] / "recipes" / "bad"
TOYS = Pipeline(toy_registry(), {"KEY": "x"})


def findings(text: str) -> Sequence[Diagnostic]:
    return TOYS.inspect(source_of(text.encode(), "f.yaml")).report.findings


def span(line: int, col: int, end_line: int, end_col: int) -> Span:
    return Span("f.yaml", line, col, end_line, end_col)


def test_edits_replace_their_spans() -> None:
    edits = [Edit(span(2, 1, 2, 4), "two"), Edit(span(1, 1, 1, 2), "A"), Edit(span(3, 2, 4, 2), "-")]
    assert edited("a1\nxxx\ncc\ndd\n", edits) == "A1\ntwo\nc-d\n"


def test_of_two_that_overlap_the_first_wins() -> None:
    assert edited("abcdef", [Edit(span(1, 3, 1, 5), "!"), Edit(span(1, 1, 1, 4), "?")]) == "?def"


@given(st.text(alphabet="ab\n\r\u2028é", max_size=60), st.data())
def test_an_edit_of_nothing_changes_nothing(text: str, draw: st.DataObject) -> None:
    lines = text.split("\n")
    line = draw.draw(st.integers(1, len(lines)))
    col = draw.draw(st.integers(1, len(lines[line - 1]) + 1))
    assert edited(text, [Edit(span(line, col, line, col), "")]) == text


def test_all_that_can_be_corrected_is_and_comments_stay() -> None:
    good = (BAD.parent / "good" / "toy.yaml").read_text("utf-8")
    bad = good.replace("base: weth", "baes: weth # the base").replace("gas_price: \"2 gwei\"", "gas_price: 2")
    bad = bad.replace("[private, public]", "[privat, public]")
    text, made = corrected(bad, "f.yaml", findings)
    assert made >= 2
    assert "base: weth # the base" in text
    assert "[private, public]" in text
    assert findings(text) == ()


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_corrections_settle_and_never_add_errors(path: Path) -> None:
    before = path.read_bytes().decode("utf-8", "replace")
    text, _ = corrected(before, "f.yaml", findings)
    assert corrected(text, "f.yaml", findings)[0] == text
    assert bool(findings(text)) <= bool(findings(before))
