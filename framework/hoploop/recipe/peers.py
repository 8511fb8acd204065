"""Judges the tables of docs/recipes/peers.md by the schema: what is said, not said yet, or left to a connector."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from hoploop.recipe.language.head import LOADER_KEYS, RecipeHead
from hoploop.recipe.samples import within
from hoploop.recipe.schema import Schema, Schemas, struct_schema
from hoploop.recipe.sections import SECTIONS

_ROW = re.compile(r"\| (.*?) \| (.*?) \|(?: [a-z/ ]*)?\|?\s*\Z")
_WORDS = re.compile(r"`([^`]+)`")
_PLACE = re.compile(r"([a-z_]+(?:\.[a-z0-9_]+)*)(?:: ([a-z_]+))?\Z")
_RULE = "|---|---|---|"


class BadRow(ValueError):
    """A row names what does not exist."""


class Judge(NamedTuple):
    """What exists: the language, commands (`hoploop …`) and connectors."""

    schemas: Schemas
    commands: Collection[str]
    connectors: Collection[str]

    def page(self, text: str) -> str:
        """The page with its last column written anew; BadRow says what is wrong with it."""
        lines, inside = [], False
        for line in text.splitlines():
            inside = line == _RULE or (inside and line.startswith("|"))
            match = _ROW.match(line) if inside and line != _RULE else None
            if inside and line != _RULE and match is None:
                raise BadRow(f"not a row of three columns: {line}")
            lines.append(line if match is None else f"| {match[1]} | {match[2]} | {self.verdict(match[2])} |")
        return "\n".join(lines) + "\n"

    def verdict(self, here: str) -> str:
        """`yes`, `not yet`, `connector` or `n/a`."""
        words = _WORDS.findall(here)
        if here.startswith("Not applicable: "):
            return "n/a"
        if here.startswith("Command: "):
            if not any(words[0] == f"hoploop {name}" for name in self.commands):
                raise BadRow(f"no such command: {here}")
            return "yes"
        if here.startswith("Connector: "):
            if words[0] in self.connectors:
                raise BadRow(f"there is a connector now: {here}")
            return "connector"
        places = [match for word in words if (match := _PLACE.match(word))]
        if not places:
            raise BadRow(f"neither a place in a recipe nor a reason: {here}")
        return "not yet" if any(self._planned(place[1], place[2]) for place in places) else "yes"

    def _planned(self, place: str, value: str | None) -> bool:
        """Whether a key, what it stands in, or a value of it is refused."""
        name, *rest = place.split(".")
        found = [self._down(top, rest) for top in self._tops(name, rest)]
        known = [schemas for schemas in found if schemas]
        if not known:
            raise BadRow(f"a recipe has no {place}")
        return all(_refused(schemas, value) for schemas in known)

    def _tops(self, name: str, rest: list[str]) -> Iterator[Schema]:
        if name in SECTIONS and rest:
            own = self.schemas.items.get((name, rest[0]))
            if own is not None:
                rest.pop(0)
                yield own
            else:
                yield from (item for (home, _), item in self.schemas.items.items() if home == name)
            return
        root = struct_schema(RecipeHead) if name in LOADER_KEYS else self.schemas.root
        yield from (root["properties"][key] for key in (name,) if key in root["properties"])

    def _down(self, schema: Schema, rest: list[str]) -> list[Schema]:
        """The schemas on the way, outside in; empty when there is none."""
        way = [schema]
        for key in rest:
            inner = within(way[-1])
            below = inner.get("properties", {}).get(key)
            if below is None:
                return []
            way.append(below)
        return way


def _refused(way: list[Schema], value: str | None) -> bool:
    if value is not None and value not in within(way[-1]).get("enum", ()):
        raise BadRow(f"not a value: {value}")
    return any("x-planned" in schema for schema in way) or value in way[-1].get("x-planned-values", {})


def judged(page: str) -> Iterator[tuple[str, str, str]]:
    """(heading, first column, last column) of every row."""
    heading = ""
    for line in page.splitlines():
        heading = line.removeprefix("## ") if line.startswith("## ") else heading
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if heading and line.startswith("| ") and len(cells) == 3 and cells[0] != "there":
            yield heading, cells[0], cells[2]
