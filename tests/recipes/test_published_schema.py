"""The published schema is valid draft-07, carries our marks, and agrees with the pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from toy_connectors import GOOD, toy_registry

from hoploop.recipe.document import read_document
from hoploop.recipe.load import Pipeline
from hoploop.recipe.nodes import data
from hoploop.recipe.schema import published
from hoploop.recipe.source import read_source, source_of

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
_SHAPE = ("key_", "type_", "enum_", "connector_", "pattern_", "unit_bare", "section_")


def _accepts(text: bytes) -> bool:
    root, _ = read_document(source_of(text, "f"))
    assert root is not None
    return bool(Draft7Validator(json.loads(json.dumps(published(toy_registry())))).is_valid(data(root)))


def _nodes(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, dict):
        return [schema, *(one for value in schema.values() for one in _nodes(value))]
    return [one for value in schema for one in _nodes(value)] if isinstance(schema, list) else []


def test_the_schema_is_valid_draft_07() -> None:
    Draft7Validator.check_schema(published(toy_registry()))


def test_an_editor_accepts_a_good_recipe() -> None:
    assert _accepts(GOOD.encode())


@pytest.mark.parametrize("path", [path for path in BAD if path.stem.startswith(_SHAPE)], ids=lambda path: path.stem)
def test_an_editor_refuses_what_the_schema_stage_refuses(path: Path) -> None:
    assert not _accepts(path.read_bytes())


def test_quantities_and_secrets_are_marked() -> None:
    nodes = _nodes(published(toy_registry()))
    units = {node["x-unit"] for node in nodes if isinstance(node.get("x-unit"), str)}
    assert {"wei", "lamports", "ratio", "duration_ms", "amount", "freshness"} <= units
    assert any(node.get("x-secret") is True for node in nodes)


def test_no_schema_names_a_type_of_the_language() -> None:
    assert not any("$ref" in node and "definitions" not in node["$ref"] for node in _nodes(published(toy_registry())))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_what_an_editor_refuses_has_no_plan(path: Path) -> None:
    root, findings = read_document(read_source(path))
    if root is not None and not findings and not _accepts(path.read_bytes()):
        assert Pipeline(toy_registry(), {}).inspect(read_source(path)).plan is None
