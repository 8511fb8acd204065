"""The published schema is valid draft-07, carries our marks, and agrees with the pipeline."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from toy_connectors import GOOD, toy_registry

from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.document import read_document
from hoploop.recipe.load import Inspection, Pipeline
from hoploop.recipe.nodes import Node, data, locate
from hoploop.recipe.publish import published
from hoploop.recipe.source import read_source, source_of
from hoploop.recipe.spans import Path as Way

HERE = Path(__file__).parent
BAD, GOOD_FILES = sorted((HERE / "bad").glob("*.yaml")), sorted((HERE / "good").glob("*.yaml"))
STRUCTURAL = {"R030", "R037", "R039", "R101", "R102", "R103", "R104", "R105", "R106", "R107", "R109"}
"""Codes of what a schema can see: keys, kinds, forms, choices, bounds."""
UNSEEN = (
    ("R105", r"block scalar", "Python's $ matches before a last newline; editors' patterns do not"),
    ("R106", r"whole number of|more than any chain|decimal places|too long|write numbers", "quantities are arithmetic"),
    ("R107", r"must be (more than|between)", "bounds of quantities; those of numbers are seen"),
)
"""Code, message and reason of what only the pipeline refuses, beside what files, variables and environment bring."""
_BROUGHT = ("include", "template", "default", "var")


def _visible(finding: Diagnostic, found: Inspection, root: Node) -> bool:
    """Whether a schema can see it in this file alone, where it stands."""
    brought = any(step.by.startswith(_BROUGHT) for step in finding.related)
    filled = (
        "include" in root.entries or "defaults" in root.entries or "use" in locate(root, finding.path[:2]).node.entries
    )
    elsewhere = finding.span.file != found.file or brought or (finding.code == "R102" and filled)
    node = locate(root, finding.path).node
    environment = "${" in node.raw  # What the schema sees is a reference.
    known = any(finding.code == code and re.search(text, _described(finding, node)) for code, text, _ in UNSEEN)
    return finding.code in STRUCTURAL and not elsewhere and not environment and not known


def _described(finding: Diagnostic, node: Node) -> str:
    return f"{finding.message}{' (block scalar)' if node.raw.endswith(chr(10)) else ''}"


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(json.loads(json.dumps(published(toy_registry()))))


def _accepts(text: bytes) -> bool:
    return not _refused_at(text)


def _refused_at(text: bytes) -> list[Way]:
    """Where the published schema refuses."""
    root, _ = read_document(source_of(text, "f"))
    assert root is not None
    return [tuple(error.absolute_path) for error in _validator().iter_errors(data(root))]


def _nodes(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, dict):
        return [schema, *(one for value in schema.values() for one in _nodes(value))]
    return [one for value in schema for one in _nodes(value)] if isinstance(schema, list) else []


def test_the_schema_is_valid_draft_07() -> None:
    Draft7Validator.check_schema(published(toy_registry()))


def test_an_editor_accepts_a_good_recipe() -> None:
    assert _accepts(GOOD.encode())


def _documents() -> list[Path]:
    """Recipes that can be read; no schema sees the others."""
    read = [(path, read_document(read_source(path))) for path in (*GOOD_FILES, *BAD)]
    return [path for path, (root, problems) in read if root is not None and not problems]


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.stem)
def test_an_editor_and_the_pipeline_agree_on_structure(path: Path, toys: Pipeline) -> None:
    source = read_source(path, path.name)
    root, _ = read_document(source)
    assert root is not None
    found = toys.inspect_all(source)
    errors = [one for one in found.report.findings if one.severity == "error"]
    refused = _refused_at(path.read_bytes())
    if not refused:
        assert [one for one in errors if _visible(one, found, root)] == []
    elif not any(one.code in STRUCTURAL or one.code < "R100" for one in errors):
        # Within what is not supported yet nothing more is said.
        planned = [one.path for one in errors if one.code == "R320"]
        assert all(any(way[: len(path)] == path for path in planned) for way in refused)


@pytest.mark.parametrize(("code", "text", "_reason"), UNSEEN)
def test_what_a_schema_cannot_see_is_in_the_corpus(code: str, text: str, _reason: str, toys: Pipeline) -> None:
    for path in BAD:
        found = toys.inspect_all(read_source(path, path.name))
        for finding in found.report.findings:
            if finding.code == code and finding.span.file == path.name:
                root, _ = read_document(read_source(path))
                if root is not None and re.search(text, _described(finding, locate(root, finding.path).node)):
                    return
    raise AssertionError(f"nothing needs the exception {code} {text!r}: remove it")


def test_quantities_and_secrets_are_marked() -> None:
    nodes = _nodes(published(toy_registry()))
    units = {node["x-unit"] for node in nodes if isinstance(node.get("x-unit"), str)}
    assert {"wei", "lamports", "ratio", "duration_ms", "amount", "freshness"} <= units
    assert any(node.get("x-secret") is True for node in nodes)


def test_no_schema_names_a_type_of_the_language() -> None:
    assert not any("$ref" in node and not node["$ref"].startswith("#/") for node in _nodes(published(toy_registry())))
