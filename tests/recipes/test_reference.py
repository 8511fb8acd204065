"""The reference lists every field with an example that is accepted as it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from repository import ROOT, first_party

from hoploop.cli.document import pages
from hoploop.recipe.document import read_document
from hoploop.recipe.load import Pipeline
from hoploop.recipe.nodes import data
from hoploop.recipe.reference import owned, shared, top
from hoploop.recipe.samples import Field, Sampler, Way, fields, within
from hoploop.recipe.schema import Schema
from hoploop.recipe.sections import SECTIONS
from hoploop.recipe.source import read_source, source_of

READER = Pipeline(first_party(), {}, {"parts/chain.yaml": b"vars: {most: 1 WETH}"}.__getitem__)
SCHEMAS = READER.schemas
DOCS = ROOT / "docs"
PAGES = pages(first_party(), DOCS)
_OTHER_SOURCES = {"examples", "const", "enum", "x-ref", "x-secret", "x-unit"}


class Place(NamedTuple):
    """A field, where it stands in a recipe, and who makes examples for it."""

    field: Field
    section: str
    connector: str
    schema: Schema
    """Of the item, or of the section."""
    way: Way
    planned: bool

    def __str__(self) -> str:
        return ".".join(filter(None, (self.section, self.connector, *self.way)))


def _below(section: str, connector: str, schema: Schema, listed: Schema) -> Iterator[Place]:
    planned: set[Way] = set()
    for _, found in fields(listed):
        for field in found:
            if "x-planned" in field.schema or any(field.way[: len(outer)] == outer for outer in planned):
                planned.add(field.way)
            yield Place(field, section, connector, schema, field.way, field.way in planned)


def _places() -> Iterator[Place]:
    """Every row of the language's page and of the connectors' pages."""
    for field in top(SCHEMAS, first_party()):
        yield Place(field, "", "", {}, field.way, "x-planned" in field.schema)
    for name, schema in SCHEMAS.root["properties"].items():
        if name in SECTIONS:
            connector = next(key for home, key in SCHEMAS.items if home == name)
            yield from _below(name, connector, SCHEMAS.items[name, connector], shared(name, SCHEMAS))
        elif within(schema).get("properties"):
            for place in _below(name, "", schema, schema):
                yield place._replace(planned=place.planned or "x-planned" in schema)
    for kind, connector_, _ in first_party().offers():
        section = next(section for section, home in SECTIONS.items() if home == kind)
        item = SCHEMAS.items[section, connector_.key]
        yield from _below(section, connector_.key, item, owned(connector_, kind, SCHEMAS))


PLACES = list(_places())


def _base() -> dict[str, Any]:
    root, problems = read_document(read_source(ROOT / "recipes/paper/two_chains.yaml"))
    assert root is not None
    assert problems == []
    return dict(json.loads(json.dumps(data(root), default=lambda secret: f"${{secret:{secret}}}")))


BASE = _base()


def _document(place: Place) -> dict[str, Any]:
    """A good recipe with the example of one field, and with nothing else that the field does not need."""
    sampler = Sampler(first_party().get(place.connector).family if place.connector else "evm")
    value = sampler.field(place.field)
    if not place.section:
        return {**BASE, place.field.name: value}
    made = sampler.holding(place.schema, place.way, value)
    if place.connector:
        made = [{**made, "connector": place.connector}]
    return {**BASE, place.section: made}


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_example_is_accepted(place: Place) -> None:
    found = READER.inspect(source_of(json.dumps(_document(place)).encode(), "example.yaml"))
    structural = [one for one in found.report.findings if one.code < "R200" or one.code == "R320"]
    if place.planned:
        assert {one.code for one in structural} == {"R320"}, structural
    else:
        assert structural == []


def test_every_ratio_is_written_with_its_unit() -> None:
    """A mark on one member of a union is lost: it belongs around the whole."""
    assert [str(place) for place in PLACES if place.field.name in ("num", "den")] == []


CHOICES = [(place, value) for place in PLACES for value in place.field.schema.get("x-planned-values", {})]


@pytest.mark.parametrize(("place", "value"), CHOICES, ids=str)
def test_a_value_that_is_not_supported_yet_is_refused(place: Place, value: str) -> None:
    chosen = place._replace(field=place.field._replace(schema={**place.field.schema, "examples": [value]}))
    found = READER.inspect(source_of(json.dumps(_document(chosen)).encode(), "example.yaml"))
    assert "R320" in {one.code for one in found.report.findings}


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_no_text_has_a_made_up_example(place: Place) -> None:
    schema = within(place.field.schema)
    told = _OTHER_SOURCES & (set(schema) | set(place.field.schema)) or place.field.way == ("id",)
    assert schema.get("type") != "string" or told, f"{place} needs `examples`"


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_written_page_is_up_to_date(page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == PAGES[page], "`just docs` writes it again"


def test_connectors_that_are_gone_have_no_page() -> None:
    written = {path.stem for path in (DOCS / "connectors/reference").glob("*.md")}
    assert written == {connector.key for connector in first_party()}


def test_the_pages_list_every_key_of_the_language() -> None:
    text = PAGES["recipes/reference.md"]
    missing = [str(place) for place in PLACES if f"| `{place.field.name}` |" not in text and not place.connector]
    assert missing == []
