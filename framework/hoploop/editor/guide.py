"""What the language says of a place: the schema there, whatever section, template, default or profile it is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from hoploop.recipe.language.head import LOADER_KEYS, RecipeHead
from hoploop.recipe.nodes import Node
from hoploop.recipe.partial import USE, any_part, item_part
from hoploop.recipe.schema import Schema, Schemas, struct_schema
from hoploop.recipe.sections import ITEM_SECTIONS, SECTIONS
from hoploop.recipe.spans import Path

KEYED_BY: Mapping[str, str] = {
    "daily_loss": "assets",
    "daily_fees": "assets",
    "floors": "assets",
    "max_exposure": "assets",
    "lender_caps": "lenders",
}
"""Mappings whose keys are ids."""


class Field(NamedTuple):
    """The schema at a place. `section` is that of the item around it, `item` the item itself."""

    schema: Schema
    required: bool = False
    section: str = ""
    item: Node | None = None
    """None outside of items."""
    whole: bool = False
    """Whether it is the item (or template, or default) itself."""

    @property
    def properties(self) -> Mapping[str, Schema]:
        """Keys that may stand here."""
        found: dict[str, Schema] = {}
        for variant in variants(self.schema):
            found.update(variant.get("properties", {}))
        return found

    @property
    def needed(self) -> tuple[str, ...]:
        """Keys that must."""
        return tuple(self.schema.get("required", ()))

    @property
    def holds_keys(self) -> bool:
        """Whether a mapping may stand here."""
        return any(
            "properties" in one or isinstance(one.get("additionalProperties"), dict) for one in variants(self.schema)
        )


class Guide:
    """Leads from a place in a tree to its schema; one object a set of connectors."""

    def __init__(self, schemas: Schemas) -> None:
        own = struct_schema(RecipeHead)["properties"]
        properties = {**schemas.root["properties"], **{key: own[key] for key in LOADER_KEYS}}
        self.schemas = schemas
        self.root: Schema = {**schemas.root, "properties": properties}
        self._part = cache(lambda section: _usable(item_part(schemas, section)))
        self._whole = cache(self._made)
        self._any = cache(lambda: _usable(any_part(schemas)))

    def field(self, tree: Node, path: Path, whole: Node | None = None) -> Field | None:
        """The field at `path` of a tree; `whole` is the recipe with its includes, for templates and defaults."""
        whole = tree if whole is None else whole
        if not path:
            return Field(self.root)
        head, rest = path[0], path[1:]
        if head == "profiles" and rest:
            return self._in_profile(tree, rest, whole)
        if head == "templates" and rest:
            return _down(Field(self._any(), item=_at(tree, path[:2]), whole=True), rest[1:])
        if head == "defaults" and rest:
            section = str(rest[0])
            if section not in ITEM_SECTIONS:
                return None
            part = Field(self._part(section), section=section, item=_at(tree, path[:2]), whole=True)
            return _down(part, rest[1:])
        if head in ITEM_SECTIONS and rest and isinstance(rest[0], int):
            item = _at(tree, path[:2])
            schema = self._item(str(head), item, whole)
            return _down(Field(schema, section=str(head), item=item, whole=True), rest[1:])
        return _down(Field(self.root), path)

    def connector(self, section: str, item: Node | None, whole: Node) -> str:
        """The connector of an item: its own word, else its templates', else that of the defaults; empty for none."""
        if item is None:
            return ""
        templates, defaults = _at(whole, ("templates",)), _at(whole, ("defaults", section))
        use = _at(item, ("use",))
        words = () if use is None else (*reversed(use.items), use)
        below = [_at(templates, (str(word.value),)) for word in words]
        for place in (item, *below, defaults):
            found = None if place is None else _at(place, ("connector",))
            if found is not None and isinstance(found.value, str):
                return found.value
        return ""

    def _item(self, section: str, item: Node | None, whole: Node) -> Schema:
        return self._whole(section, self.connector(section, item, whole) if section in SECTIONS else "")

    def _made(self, section: str, connector: str) -> Schema:
        if section not in SECTIONS:
            schema: Schema = self.schemas.root["properties"][section]["items"]
            return _usable(schema)
        known = self.schemas.items.get((section, connector))
        if known is None:
            return self._part(section)
        selector = self._part(section)["properties"].get("connector", {})
        return _usable({**known, "properties": {**known["properties"], "connector": selector}})

    def _in_profile(self, tree: Node, rest: Path, whole: Node) -> Field | None:
        if len(rest) == 1:
            properties = {key: value for key, value in self.root["properties"].items() if key not in _NOT_OVERLAID}
            return Field({"type": "object", "properties": properties})
        profile = _at(tree, ("profiles", rest[0]))
        return None if profile is None or rest[1] in _NOT_OVERLAID else self.field(profile, rest[1:], whole)


_NOT_OVERLAID = ("include", "profiles", "recipe", "language")


def variants(schema: Schema) -> Iterator[Schema]:
    """A schema, or each of those it is any of."""
    if "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from variants(one)
    else:
        yield schema


def _usable(schema: Schema) -> Schema:
    return {**schema, "properties": {**schema.get("properties", {}), "use": USE}}


def _at(node: Node | None, path: Path) -> Node | None:
    for part in path:
        if node is None:
            return None
        if isinstance(part, int):
            node = node.items[part] if part < len(node.items) else None
        else:
            entry = node.entries.get(part)
            node = None if entry is None else entry.node
    return node


def _down(field: Field, path: Path) -> Field | None:
    for part in path:
        inner = next((found for one in variants(field.schema) if (found := _step(one, part)) is not None), None)
        if inner is None:
            return None
        field = Field(inner, part in field.schema.get("required", ()), field.section, field.item)
    return field


def _step(schema: Schema, part: str | int) -> Schema | None:
    if isinstance(part, int):
        found = schema.get("items")
    else:
        found = schema.get("properties", {}).get(part, schema.get("additionalProperties"))
    return found if isinstance(found, dict) else None
