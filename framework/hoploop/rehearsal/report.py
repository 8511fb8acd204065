"""How the tests of recipes ended, for people and for other programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from hoploop.rehearsal.expect import Outcome

Outcomes = Sequence[tuple[str, Outcome]]
"""File of the recipe, outcome of one of its tests."""
# https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def human(outcomes: Outcomes) -> str:
    """One line a test, what is missing below it, and how many passed."""
    lines = []
    for file, outcome in outcomes:
        lines.append(f"{'ok' if outcome.passed else 'FAILED'}  {file}: {outcome.name}")
        lines += [f"        {text}" for text in outcome.missing]
    passed = sum(outcome.passed for _, outcome in outcomes)
    return "\n".join([*lines, f"{passed} passed, {len(outcomes) - passed} failed"])


def plain(outcomes: Outcomes) -> list[dict[str, Any]]:
    """One object a test."""
    return [
        {
            "file": file,
            "test": outcome.name,
            "passed": outcome.passed,
            "decisions": outcome.decisions,
            "missing": list(outcome.missing),
        }
        for file, outcome in outcomes
    ]


def junit(outcomes: Outcomes) -> str:
    """One test case a test, in a suite a file."""
    suites = ElementTree.Element("testsuites", name="hoploop test")
    for file in dict.fromkeys(file for file, _ in outcomes):
        mine = [outcome for other, outcome in outcomes if other == file]
        failed = sum(not outcome.passed for outcome in mine)
        suite = ElementTree.SubElement(
            suites, "testsuite", name=_clean(file), tests=str(len(mine)), failures=str(failed)
        )
        for outcome in mine:
            case = ElementTree.SubElement(suite, "testcase", classname=_clean(file), name=_clean(outcome.name))
            if not outcome.passed:
                failure = ElementTree.SubElement(case, "failure", message=_clean(outcome.missing[0]))
                failure.text = _clean("\n".join(outcome.missing))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode")


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
