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

HERE = Path(__file__).parent
BAD, GOOD_FILES = sorted((HERE / "bad").glob("*.yaml")), sorted((HERE / "good").glob("*.yaml"))
STRUCTURAL = {"R030", "R037", "R039", "R101", "R102", "R103", "R104", "R105", "R106", "R107", "R109"}
"""Codes of what a schema can see: keys, kinds, forms, choices, bounds."""
_ARITHMETIC = re.compile(r"whole number of|more than any chain|decimal places|must be (more than|between|positive)")
"""Bounds of quantities: text to a schema."""
_BROUGHT = ("include", "template", "default", "var")


def _visible(finding: Diagnostic, found: Inspection, root: Node) -> bool:
    """Whether a schema can see it in this file alone, where it stands."""
    brought = any(step.by.startswith(_BROUGHT) for step in finding.related)
    filled = (
        "include" in root.entries or "defaults" in root.entries or "use" in locate(root, finding.path[:2]).node.entries
    )
    elsewhere = finding.span.file != found.file or brought or (finding.code == "R102" and filled)
    return finding.code in STRUCTURAL and not elsewhere and not _ARITHMETIC.search(finding.message)


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(json.loads(json.dumps(published(toy_registry()))))


def _accepts(text: bytes) -> bool:
    root, _ = read_document(source_of(text, "f"))
    assert root is not None
    return bool(_validator().is_valid(data(root)))


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
    if _accepts(path.read_bytes()):
        assert [one for one in errors if _visible(one, found, root)] == []
    else:
        assert any(one.code in STRUCTURAL or one.code < "R100" for one in errors)


def test_quantities_and_secrets_are_marked() -> None:
    nodes = _nodes(published(toy_registry()))
    units = {node["x-unit"] for node in nodes if isinstance(node.get("x-unit"), str)}
    assert {"wei", "lamports", "ratio", "duration_ms", "amount", "freshness"} <= units
    assert any(node.get("x-secret") is True for node in nodes)


def test_no_schema_names_a_type_of_the_language() -> None:
    assert not any("$ref" in node and not node["$ref"].startswith("#/") for node in _nodes(published(toy_registry())))
