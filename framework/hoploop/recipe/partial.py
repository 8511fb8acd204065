"""Schemas of parts of items: what templates, defaults, profiles and patches may say without saying everything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hoploop.recipe.schema import Schema, Schemas
from hoploop.recipe.sections import ITEM_SECTIONS, SECTIONS

_INNER = ("items", "additionalProperties")
USE: Schema = {
    "description": "Templates whose keys it has, later ones over earlier ones.",
    "type": ["string", "array"],
    "minLength": 1,
    "items": {"type": "string", "minLength": 1},
}


def partial(schema: Schema) -> Schema:
    """The same without required keys, at any depth."""
    made = {key: value for key, value in schema.items() if key != "required"}
    if "properties" in made:
        made["properties"] = {name: partial(inner) for name, inner in made["properties"].items()}
    for key in _INNER:
        if isinstance(made.get(key), dict):
            made[key] = partial(made[key])
    return made


def needs(schema: Schema) -> Schema:
    """Only the required keys, at any depth; empty when there are none. Editors offer no key that is planned only."""
    made: Schema = {"required": schema["required"]} if schema.get("required") else {}
    inner = {
        name: {**below, "doNotSuggest": True} if "x-planned" in child else below
        for name, child in schema.get("properties", {}).items()
        if (below := needs(child))
    }
    if inner:
        made["properties"] = inner
    for key in _INNER:
        if isinstance(schema.get(key), dict) and (below := needs(schema[key])):
            made[key] = below
    return made


def item_part(schemas: Schemas, section: str) -> Schema:
    """A part of any item of one section, whatever its connector."""
    if section in SECTIONS:
        return _union(part for (home, _), part in schemas.items.items() if home == section)
    return partial(schemas.root["properties"][section]["items"])


def any_part(schemas: Schemas) -> Schema:
    """A part of any item of any section: what a template may say."""
    return _union([item_part(schemas, section) for section in ITEM_SECTIONS])


def _union(schemas: Iterable[Schema]) -> Schema:
    """Every key of any of the schemas; one that several describe in different ways may follow any of them."""
    found: dict[str, dict[str, Any]] = {}
    for schema in schemas:
        for name, inner in partial(schema)["properties"].items():
            variants = inner["anyOf"] if set(inner) == {"anyOf"} else [inner]
            for variant in variants:
                bare = {key: value for key, value in variant.items() if key not in ("description", "default")}
                found.setdefault(name, {}).setdefault(json.dumps(bare, sort_keys=True, default=str), variant)
    properties = {}
    for name, variants in found.items():
        values = list(variants.values())
        keys = [value["const"] for value in values if set(value) == {"const"}]
        one = {"enum": keys} if len(keys) == len(values) > 1 else values[0] if len(values) == 1 else {"anyOf": values}
        properties[name] = one
    return {"type": "object", "properties": properties, "additionalProperties": False}
