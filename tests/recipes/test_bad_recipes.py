"""Every bad recipe says what is wrong, where, and how to fix it; the messages are reviewed as snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from hoploop.codes import CODES
from hoploop.recipe.load import Pipeline
from hoploop.recipe.render import concise, human
from hoploop.recipe.source import read_source

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
NAMES = [path.stem for path in BAD]


@pytest.mark.parametrize("path", BAD, ids=NAMES)
def test_a_bad_recipe_is_explained(path: Path, toys: Pipeline, snapshot: SnapshotAssertion) -> None:
    found = toys.inspect_all(read_source(path, path.name))
    assert found.report.findings
    assert human(found.report, found.snippets) == snapshot


@pytest.mark.parametrize("path", BAD, ids=NAMES)
def test_only_warnings_leave_a_plan(path: Path, toys: Pipeline) -> None:
    found = toys.inspect_all(read_source(path, path.name))
    assert (found.plan is None) == (found.report.errors > 0)
    assert path.stem.startswith("warn_") == (found.plan is not None)


@pytest.mark.parametrize("path", BAD, ids=NAMES)
def test_every_finding_points_into_the_file(path: Path, toys: Pipeline) -> None:
    source = read_source(path, path.name)
    found = toys.inspect_all(source)
    for finding in found.report.findings:
        span = finding.span
        assert finding.code in CODES
        assert span.file in (*found.files, *found.lists)
        lines = (path.parent / span.file).read_bytes().count(b"\n") + 1
        assert 1 <= span.line <= span.end_line <= lines + 1
        assert (span.line, span.col) < (span.end_line, span.end_col)


@pytest.mark.parametrize("path", [path for path in BAD if path.stem.startswith("secret_")], ids=lambda path: path.stem)
def test_no_message_shows_a_secret(path: Path, toys: Pipeline) -> None:
    found = toys.inspect_all(read_source(path, path.name))
    shown = human(found.report, found.snippets) + concise(found.report) + repr(found.report)
    assert "hunter2" not in shown
    assert "abab" not in shown


def test_the_corpus_covers_most_recipe_codes(toys: Pipeline) -> None:
    seen = {finding.code for path in BAD for finding in toys.inspect_all(read_source(path)).report.findings}
    advice = {code for code in CODES if code.startswith("R38")}
    listed = {code for code in CODES if code.startswith("R") and code < "R400"} - advice
    # of `check`, of several recipes at once, and of connectors that none of the recipes has
    elsewhere = {"R395", "R396", "R397", "R398", "R337"}
    assert listed - elsewhere - seen == {"R002", "R003", "R033", "R038", "R040"} - seen
