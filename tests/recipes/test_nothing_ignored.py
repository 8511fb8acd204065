"""Nothing a recipe says is accepted and then ignored: it changes the plan, is refused, or is explained here."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from repository import first_party
from toy_connectors import GOOD, toy_registry

from hoploop.plugin.connector import Offer
from hoploop.recipe.check import parts
from hoploop.recipe.document import read_document
from hoploop.recipe.load import Pipeline
from hoploop.recipe.nodes import data
from hoploop.recipe.samples import Sampler, Way, fields
from hoploop.recipe.schema import Schema, compose, walk
from hoploop.recipe.source import read_source, source_of
from hoploop.recipe.spans import Path as Place
from hoploop.recipe.spans import dotted

HOME = Path(__file__).parent / "good" / "everything.yaml"
SCHEMAS = compose(toy_registry())
ELSEWHERE = {
    "language": "there is one version; `migrate` brings others to it",
    "tests": "`hoploop test` reads them; they are no part of what runs",
    "strategies.trigger.on": "every other choice is refused",
    "universes.files.max_age": "older lists are refused",
    "strategies.guard": "every other choice is refused",
}
"""Prefix of a way -> why it may be changed without changing the plan."""


def _whole() -> dict[str, Any]:
    root, problems = read_document(read_source(HOME))
    assert root is not None
    assert problems == []
    return dict(json.loads(json.dumps(data(root))))


WHOLE = _whole()
TOYS = Pipeline(toy_registry(), {})
EVERYTHING = TOYS.inspect(source_of(json.dumps(WHOLE).encode(), "everything.yaml", str(HOME)))


def _leaves() -> Iterator[tuple[Place, Schema, Any]]:
    """Every value of the recipe with everything that holds no others."""
    for base, schema, value in parts(WHOLE, SCHEMAS):
        for marked in walk(schema, value, base):
            if not isinstance(marked.value, (dict, list)):
                yield marked.path, marked.schema, marked.value


LEAVES = [leaf for leaf in _leaves() if leaf[0][-1] != "connector"]


def _way(place: Place) -> str:
    return ".".join(str(part) for part in place if isinstance(part, str))


def _other(schema: Schema, value: Any) -> Any:
    """Another value of the same form."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if value < schema.get("maximum", value + 1) else value - 1
    if "enum" in schema:
        later = schema.get("x-planned-values", {})
        return next((one for one in schema["enum"] if one != value and one not in later), value)
    if "x-unit" in schema:
        return re.sub(r"\d+", lambda digits: str(int(digits[0]) + 1), value, count=1)
    if value.startswith("0x"):
        return f"{value[:-1]}{'1' if value[-1] == '0' else '0'}"
    return value.replace("embedded/", "file/") if value.startswith("${") else f"{value}x"


def _changed(place: Place, value: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(WHOLE))
    owner: Any = document
    for part in place[:-1]:
        owner = owner[part]
    owner[place[-1]] = value
    return document


@pytest.mark.parametrize(("place", "schema", "value"), LEAVES, ids=[dotted(place) for place, _, _ in LEAVES])
def test_a_changed_value_changes_the_plan(place: Place, schema: Schema, value: Any) -> None:
    other = _other(schema, value)
    found = TOYS.inspect(source_of(json.dumps(_changed(place, other)).encode(), "everything.yaml", str(HOME)))
    assert EVERYTHING.plan is not None
    explained = [prefix for prefix in ELSEWHERE if f"{_way(place)}.".startswith(f"{prefix}.")]
    if explained:
        return
    assert other != value, "there is no other value: explain it"
    if found.plan is None:
        # Refused by what it means, not by its form.
        codes = {finding.code for finding in found.report.findings if finding.severity == "error"}
        assert min(codes) >= "R200" or codes <= {"R107", "R110"}, found.report.findings
    else:
        assert found.plan.fingerprint != EVERYTHING.plan.fingerprint


def test_everything_holds_every_field_that_is_supported() -> None:
    present = {_way(place) for place, _, _ in LEAVES}
    wanted = {".".join(way) for way in _supported()}
    assert {way for way in wanted if not any(f"{one}.".startswith(f"{way}.") for one in present)} == set()


def _supported() -> Iterator[Way]:
    for name, schema in SCHEMAS.root["properties"].items():
        if name not in ("venues", "lenders", "routes", "chains") and "x-planned" not in schema:
            yield (name,)
            yield from _open(schema, (name,))
    for section, key in SCHEMAS.items:
        yield from (way for way in _open(SCHEMAS.items[section, key], (section,)) if way[-1] != "connector")


def _open(schema: Schema, start: Way) -> Iterator[Way]:
    closed: set[Way] = set()
    for _, found in fields(schema):
        for field in found:
            if "x-planned" in field.schema or any(field.way[: len(outer)] == outer for outer in closed):
                closed.add(field.way)
            else:
                yield (*start, *field.way)


def _planned_values() -> Iterator[tuple[str, Way, Schema, str]]:
    for name, schema in SCHEMAS.root["properties"].items():
        for _, found in fields(schema):
            for field in found:
                yield from ((name, field.way, schema, option) for option in field.schema.get("x-planned-values", ()))


PLANNED = list(_planned_values())


@pytest.mark.parametrize(("section", "way", "schema", "option"), PLANNED, ids=str)
def test_a_planned_value_is_refused(section: str, way: Way, schema: Schema, option: str) -> None:
    root, _ = read_document(source_of(GOOD.encode(), "good.yaml"))
    assert root is not None
    document = json.loads(json.dumps(data(root), default=lambda secret: f"${{secret:{secret}}}"))
    document[section] = Sampler().holding(schema, way, option)
    found = TOYS.inspect(source_of(json.dumps(document).encode(), "planned.yaml"))
    assert "R320" in {finding.code for finding in found.report.findings}


def test_there_are_planned_values() -> None:
    assert len(PLANNED) >= 4


def _offers() -> list[tuple[str, Offer]]:
    return [(connector.key, offer) for _, connector, offer in first_party().offers()]


def _names(config: Any) -> Iterator[str]:
    """Fields of a config Struct and of the Structs within it, but for those every item has."""
    base = {"id", "enabled", "chain"}
    for field in msgspec.structs.fields(config):
        if field.name not in base:
            yield field.name
        for inner in _structs(field.type):
            yield from _names(inner)


def _structs(kind: Any) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__.startswith("hoploop_"):
        yield kind
    for inner in getattr(kind, "__args__", ()):
        yield from _structs(inner)


def _read_in(config: Any) -> set[str]:
    """Every attribute that the connector's own folder or what its family shares reads."""
    folder = Path(inspect.getfile(config)).parent
    shared = [path for parent in folder.parents[:2] for path in parent.glob("_shared")]
    files = [path for home in (folder, *shared) for path in home.rglob("*.py") if "tests" not in path.parts]
    trees = (ast.parse(path.read_text("utf-8")) for path in files)
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize(("key", "offer"), _offers(), ids=lambda one: one if isinstance(one, str) else one.kind)
def test_a_connector_reads_every_field_of_its_config(key: str, offer: Offer) -> None:
    handed = {"route": {"url"}, "chain": {"websocket"}}  # by the runtime, which knows the secrets
    read = _read_in(offer.config) | handed.get(offer.kind, set())
    assert [name for name in _names(offer.config) if name not in read] == []


def test_what_is_explained_as_the_one_choice_is_the_one_choice() -> None:
    alone = [leaf for leaf in LEAVES if "choice" in ELSEWHERE.get(_way(leaf[0]), "")]
    assert alone
    assert [dotted(place) for place, schema, value in alone if _other(schema, value) != value] == []
