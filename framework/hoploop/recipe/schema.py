"""JSON Schema composed from the language's and the connectors' Structs; draft-07."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from hoploop.plugin.connector import ItemConfig, Kind
from hoploop.plugin.registry import Registry
from hoploop.recipe.language.chains import ChainItem
from hoploop.recipe.language.head import LOADER_KEYS, RecipeHead
from hoploop.recipe.language.routes import RouteItem
from hoploop.recipe.sections import SECTIONS
from hoploop.recipe.spans import Path
from hoploop.recipe.units import UNITS, written

Schema = dict[str, Any]
_REQUIRED = ("chains", "venues", "routes")
_SECRET = r"^\$\{secret:(env|file|embedded)/.+\}$"
_MARKS = ("x-unit", "x-ref", "x-secret", "x-apply", "x-risk", "x-planned", "x-planned-values", "examples")
OF_EVERY: dict[Kind, type[msgspec.Struct]] = {"chain": ChainItem, "route": RouteItem}
"""What the language says of every item of a kind, beside its connector's keys."""
_PART: Schema = {"type": "boolean", "default": True, "description": "false leaves it out of the plan.", "x-part": True}
"""`enabled` of what stands in a list but is no item of a section; `without_disabled` takes it out."""
_LOOSE = r"^[^$]|^\$\{(env|secret|var):"


class Schemas(NamedTuple):
    """`root` checks everything but connector items; `items` checks those, by (section, connector key)."""

    root: Schema
    items: dict[tuple[str, str], Schema]


def compose(registry: Registry) -> Schemas:
    """Schemas without references, so that they can be walked beside the data."""
    root = struct_schema(RecipeHead)
    for key in LOADER_KEYS:
        del root["properties"][key]
    items: dict[tuple[str, str], Schema] = {}
    for section, kind in SECTIONS.items():
        keys = registry.keys(kind)
        for key in keys:
            items[section, key] = _item_schema(kind, key, registry.offer(kind, key).config)
        selector = {"type": "object", "required": ["connector"], "properties": {"connector": {"enum": list(keys)}}}
        root["properties"][section] = {"type": "array", "items": selector, "description": f"{section.capitalize()}."}
        if section in _REQUIRED:
            root["properties"][section]["minItems"] = 1
    root["required"] = sorted({*root["required"], *_REQUIRED})
    return Schemas(root, items)


def struct_schema(struct: type[msgspec.Struct]) -> Schema:
    """Schema of one Struct as a recipe author sees it: quantities and secrets are text."""
    (reference,), components = msgspec.json.schema_components([struct], ref_template="{name}")
    schema = _authored(_inlined(reference, components))
    assert isinstance(schema, dict)
    return schema


class Marked(NamedTuple):
    """A value that is present, with the schema that describes it."""

    path: Path
    schema: Schema
    value: Any


def walk(schema: Schema, value: Any, path: Path = ()) -> Iterator[Marked]:
    """Every present value with its schema, outside in."""
    yield Marked(path, schema, value)
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, child in value.items():
            inner = properties.get(key, others)
            if isinstance(inner, dict):
                yield from walk(inner, child, (*path, key))
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, child in enumerate(value):
            yield from walk(schema["items"], child, (*path, index))


def secret_names(schemas: Schemas) -> frozenset[str]:
    """Every key that must hold a secret anywhere in the language."""
    return frozenset(name for schema in (schemas.root, *schemas.items.values()) for name in _secret_keys(schema))


def _secret_keys(schema: Schema) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        if inner.get("x-secret") is True:
            yield name
        yield from _secret_keys(inner)
    for inner in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from _secret_keys(inner)


def _item_schema(kind: Kind, key: str, config: type[ItemConfig]) -> Schema:
    schema = struct_schema(config)
    language = OF_EVERY.get(kind)
    parts = [schema] if language is None else [struct_schema(language), schema]
    properties: Schema = {"connector": {"const": key}}
    required = ["connector"]
    for part in parts:
        for name, inner in part["properties"].items():
            properties.setdefault(name, inner)
        required += [name for name in part.get("required", ()) if name not in required]
    described = {"description": schema["description"]} if "description" in schema else {}
    return {
        "type": "object",
        **described,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _inlined(node: Any, components: dict[str, Any]) -> Any:
    """Replace references and `or null`; the language has no null."""
    if isinstance(node, list):
        return [_inlined(item, components) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if key != "title" or not isinstance(value, str)}
    if isinstance(node.get("default"), dict):
        node["default"] = {key: value for key, value in node["default"].items() if value is not None}
    if "$ref" in node:
        node = {**components[node.pop("$ref")], **node}
        node.pop("title", None)
    variants = node.get("anyOf")
    if variants is not None and {"type": "null"} in variants:
        rest = [variant for variant in variants if variant != {"type": "null"}]
        outer = {key: value for key, value in node.items() if key not in ("anyOf", "default")}
        return _inlined({**rest[0], **outer} if len(rest) == 1 else {**outer, "anyOf": rest}, components)
    return {key: _inlined(value, components) for key, value in node.items()}


def _authored(node: Any) -> Any:
    if isinstance(node, list):
        return [_authored(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "x-unit" in node:
        unit = UNITS[node["x-unit"]]
        kept = {key: node[key] for key in ("description", *_MARKS) if key in node}
        if node.get("default") is not None:
            kept["default"] = written(node["x-unit"], node["default"])
        return {"examples": [unit.example], **kept, "type": "string", "pattern": unit.pattern}
    if "x-secret" in node:
        kept = {key: node[key] for key in ("description", "minLength", *_MARKS) if key in node}
        pattern = _SECRET if node["x-secret"] is True else node.get("pattern", _LOOSE)
        return {**kept, "type": "string", "pattern": pattern}
    made = {key: _authored(value) for key, value in node.items()}
    parts = made.get("items")
    if isinstance(parts, dict) and "enabled" not in parts.get("properties", {"enabled": {}}):
        made["items"] = {**parts, "properties": {**parts["properties"], "enabled": _PART}}
    return made
