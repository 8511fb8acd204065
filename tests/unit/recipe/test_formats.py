"""Findings reach other programs whole and in their own words."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from hoploop.recipe.diagnostics import Diagnostic, Edit, report
from hoploop.recipe.formats import github, junit, sarif
from hoploop.recipe.spans import Span

SPAN = Span("recipes/a.yaml", 8, 5, 8, 11)
FINDING = Diagnostic(
    code="R101", span=SPAN, message="unknown key 'adress'", label="did you mean 'address'?", fix=Edit(SPAN, "address")
)
WARNING = Diagnostic(code="R390", span=SPAN, message="no strategy uses 'bank'", severity="warning")


def test_github_gets_an_annotation_at_the_place() -> None:
    assert github({"a": report([FINDING])}) == (
        "::error file=recipes/a.yaml,line=8,endLine=8,col=5,endColumn=11,title=R101 unknown key"
        "::unknown key 'adress' (did you mean 'address'?)"
    )


@given(st.text())
def test_nothing_in_a_message_ends_an_annotation(text: str) -> None:
    line = github({"a": report([Diagnostic(code="R101", span=SPAN._replace(file=text), message=text)])})
    assert "\n" not in line
    assert "\r" not in line
    assert line.count("::") >= 2


def test_several_lines_have_no_columns() -> None:
    long = Diagnostic(code="R003", span=SPAN._replace(end_line=9), message="deep")
    assert "col=" not in github({"a": report([long])})


def test_sarif_has_rule_place_and_fix() -> None:
    (run,) = sarif({"a": report([FINDING, WARNING])})["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["R101", "R390"]
    error, warning = run["results"]
    assert (error["ruleId"], error["level"], warning["level"]) == ("R101", "error", "warning")
    place = error["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 8, "startColumn": 5, "endLine": 8, "endColumn": 11}
    change = error["fixes"][0]["artifactChanges"][0]
    assert change["replacements"][0]["insertedContent"]["text"] == "address"
    assert "fixes" not in warning


def test_sarif_is_json() -> None:
    assert json.loads(json.dumps(sarif({})))["version"] == "2.1.0"


def test_junit_counts_files_that_fail() -> None:
    root = ElementTree.fromstring(junit({"a": report([FINDING, WARNING]), "b": report([WARNING]), "c": report([])}))
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    failure = root.find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "R101"
    assert "recipes/a.yaml:8:5" in (failure.text or "")


@given(st.text())
def test_junit_is_xml_whatever_a_message_says(text: str) -> None:
    finding = Diagnostic(code="R101", span=SPAN, message=text)
    assert ElementTree.fromstring(junit({text: report([finding])})).get("failures") == "1"
