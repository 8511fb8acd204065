"""Findings for other programs: GitHub annotations, SARIF 2.1.0, JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from hoploop import __version__
from hoploop.codes import CODES
from hoploop.recipe.diagnostics import Diagnostic, Report

# https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

Reports = Mapping[str, Report]
"""File as shown -> its report."""


def github(reports: Reports) -> str:
    """Workflow commands, one a finding: GitHub shows them at the changed lines."""
    return "\n".join(_annotation(finding) for report in reports.values() for finding in report.findings)


def sarif(reports: Reports) -> dict[str, Any]:
    """One run with every finding and the rules they name."""
    findings = [finding for report in reports.values() for finding in report.findings]
    codes = sorted({finding.code for finding in findings})
    driver = {"name": "hoploop", "version": __version__, "rules": [_rule(code) for code in codes]}
    results = [_result(finding, codes.index(finding.code)) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def junit(reports: Reports, suite_name: str = "hoploop validate") -> str:
    """A test case for each file; every finding of it is a failure, warnings are its output."""
    suite = ElementTree.Element("testsuite", name=suite_name, tests=str(len(reports)))
    failures = 0
    for file, report in reports.items():
        case = ElementTree.SubElement(suite, "testcase", classname="recipe", name=_clean(file))
        errors = [finding for finding in report.findings if finding.severity == "error"]
        failures += bool(errors)
        if errors:
            failure = ElementTree.SubElement(case, "failure", message=_clean(_said(errors[0])), type=errors[0].code)
            failure.text = _clean("\n".join(f"{finding.span}: {finding.code} {_said(finding)}" for finding in errors))
        warnings = [finding for finding in report.findings if finding.severity != "error"]
        if warnings:
            output = ElementTree.SubElement(case, "system-out")
            output.text = _clean("\n".join(f"{one.span}: {one.code} {_said(one)}" for one in warnings))
    suite.set("failures", str(failures))
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, encoding="unicode")


def _said(finding: Diagnostic) -> str:
    return f"{finding.message} ({finding.label})" if finding.label else finding.message


def _annotation(finding: Diagnostic) -> str:
    span = finding.span
    values = {
        "file": span.file, "line": span.line, "endLine": span.end_line, "col": span.col, "endColumn": span.end_col,
        "title": f"{finding.code} {CODES[finding.code].title}",
    }  # fmt: skip
    # Columns only mean something to GitHub within one line.
    kept = values if span.line == span.end_line else {key: values[key] for key in ("file", "line", "endLine", "title")}
    properties = ",".join(f"{key}={_escaped(str(value), property_=True)}" for key, value in kept.items())
    return f"::{finding.severity} {properties}::{_escaped(_said(finding))}"


def _escaped(text: str, *, property_: bool = False) -> str:
    """The escapes of GitHub's own toolkit (`@actions/core`, command.ts)."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text


def _rule(code: str) -> dict[str, Any]:
    info = CODES[code]
    return {"id": code, "shortDescription": {"text": info.title}, "help": {"text": info.hint}}


def _result(finding: Diagnostic, index: int) -> dict[str, Any]:
    span = finding.span
    region = {
        "startLine": span.line, "startColumn": span.col, "endLine": span.end_line, "endColumn": span.end_col
    }  # fmt: skip
    place = {"physicalLocation": {"artifactLocation": {"uri": span.file}, "region": region}}
    result: dict[str, Any] = {
        "ruleId": finding.code, "ruleIndex": index, "level": finding.severity, "message": {"text": _said(finding)},
        "locations": [place],
    }  # fmt: skip
    if finding.fix is not None:
        fixed = finding.fix.span
        deleted = {
            "startLine": fixed.line, "startColumn": fixed.col, "endLine": fixed.end_line, "endColumn": fixed.end_col
        }  # fmt: skip
        replacement = {"deletedRegion": deleted, "insertedContent": {"text": finding.fix.text}}
        change = {"artifactLocation": {"uri": fixed.file}, "replacements": [replacement]}
        result["fixes"] = [{"artifactChanges": [change]}]
    return result


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
