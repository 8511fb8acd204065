"""The schema file for editors: accepts what the loader accepts, references and partial items included."""

from __future__ import annotations

import json
from typing import Any

from hoploop.plugin.registry import Registry
from hoploop.recipe.include import MAX_INCLUDES
from hoploop.recipe.language.head import LOADER_KEYS, RecipeHead
from hoploop.recipe.partial import USE, any_part, item_part, needs, partial
from hoploop.recipe.schema import Schema, Schemas, compose, struct_schema
from hoploop.recipe.sections import ITEM_SECTIONS, NAME_PATTERN, SECTIONS

_REFERENCE = r"\$\{(env|var):[^}]+\}"
_WHOLE = rf"^{_REFERENCE}$"
_VARIABLE = r"^\$\{var:[^}]+\}$"
_INCLUDE = r"^(?!/)(?!.*(\$\{|\\|://)).*\.ya?ml$"
_FILLED = ("include", "defaults")
"""With one of these keys, items may lack what the loader gives them."""


def published(registry: Registry) -> Schema:
    """Draft-07. The structure holds for every recipe; what is required only where nothing else can provide it."""
    schemas = compose(registry)
    definitions = {f"{home}.{key}": _structure(item) for (home, key), item in schemas.items.items()}
    definitions |= {f"{home}.{key}.needs": needs(item) for (home, key), item in schemas.items.items()}
    for section in ITEM_SECTIONS:
        definitions[f"{section}.any"] = _shared(_structure(item_part(schemas, section)), definitions)
    definitions["any"] = _shared(_structure(any_part(schemas)), definitions)
    properties = {
        name: _referable(partial(inner))
        for name, inner in schemas.root["properties"].items()
        if name not in ITEM_SECTIONS
    }
    for section in ITEM_SECTIONS:
        properties[section] = _section(schemas, section)
    properties |= _loader_keys(properties)
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Hoploop recipe",
        **{key: value for key, value in schemas.root.items() if key not in ("title", "required")},
        "properties": properties,
        "if": {"anyOf": [{"required": [key]} for key in _FILLED]},
        "else": _required(schemas),
        "definitions": definitions,
    }
    made = _warned(whole)
    assert isinstance(made, dict)
    return made


def published_text(registry: Registry) -> str:
    """The schema file's bytes as text: sorted, indented, with a final newline."""
    return json.dumps(published(registry), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _warned(node: Any) -> Any:
    """Editors mark what is not supported yet and do not offer it."""
    if isinstance(node, list):
        return [_warned(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _warned(child) for key, child in node.items()}
    if isinstance(instead := node.get("x-planned"), str):
        made["deprecationMessage"] = f"not supported yet: {instead}"
    return made


def _section(schemas: Schemas, section: str) -> Schema:
    """A list of items; those of connectors dispatch on `connector`."""
    own = schemas.root["properties"][section]
    array = {key: value for key, value in own.items() if key != "items"}
    keys = [key for home, key in schemas.items if home == section]
    if section not in SECTIONS:
        return _or_variable({**array, "items": {"$ref": f"#/definitions/{section}.any"}})
    branches = [{"if": _is(key), "then": {"$ref": f"#/definitions/{section}.{key}"}} for key in keys]
    unsaid = {"if": {"required": ["connector"]}, "else": {"$ref": f"#/definitions/{section}.any"}}
    connector = {"anyOf": [{"enum": keys}, {"type": "string", "pattern": _REFERENCE}]}
    items = {"type": "object", "properties": {"connector": connector}, "allOf": [*branches, unsaid]}
    return _or_variable({**array, "items": items})


def _required(schemas: Schemas) -> Schema:
    """What a recipe and its items must say when nothing but a template can say it for them."""
    whole = needs(schemas.root)
    properties = dict(whole.get("properties", {}))
    for section in ITEM_SECTIONS:
        keys = [key for home, key in schemas.items if home == section]
        branches = [{"if": _is(key), "then": {"$ref": f"#/definitions/{section}.{key}.needs"}} for key in keys]
        below = {"required": ["connector"], "allOf": branches} if keys else properties.get(section, {}).get("items")
        if below:
            properties[section] = {"items": {"if": {"required": ["use"]}, "else": below}}
    return {**whole, "properties": properties}


def _loader_keys(properties: Schema) -> Schema:
    """The keys the loader takes out of the recipe."""
    own = struct_schema(RecipeHead)["properties"]
    parts = {
        section: {"allOf": [{"$ref": f"#/definitions/{section}.any"}], "not": {"required": ["use"]}}
        for section in ITEM_SECTIONS
    }
    overlay = {name: {"$ref": f"#/properties/{name}"} for name in (*properties, "vars", "defaults", "templates")}
    shapes: Schema = {
        "include": {"type": "array", "maxItems": MAX_INCLUDES, "items": {"type": "string", "pattern": _INCLUDE}},
        "vars": {"type": "object", "propertyNames": {"pattern": NAME_PATTERN}},
        "defaults": {"type": "object", "properties": parts, "additionalProperties": False},
        "templates": {
            "type": "object",
            "propertyNames": {"pattern": NAME_PATTERN},
            "additionalProperties": {"$ref": "#/definitions/any"},
        },
        "profiles": {
            "type": "object",
            "propertyNames": {"pattern": NAME_PATTERN},
            "additionalProperties": {"type": "object", "properties": overlay, "additionalProperties": False},
        },
    }
    return {key: {"description": own[key]["description"], **shapes[key]} for key in LOADER_KEYS}


def _is(key: str) -> Schema:
    return {"properties": {"connector": {"const": key}}, "required": ["connector"]}


def _structure(item: Schema) -> Schema:
    """An item without what is required, with `use`, with references."""
    made = partial(item)
    properties = {"use": USE, **{name: _referable(inner) for name, inner in made["properties"].items()}}
    return {**made, "properties": properties}


def _shared(item: Schema, definitions: Schema) -> Schema:
    """The same item; fields that another definition describes in the same words refer to it."""
    known: dict[str, str] = {}
    for name, other in definitions.items():
        for field, schema in other.get("properties", {}).items():
            known.setdefault(_words(schema), f"#/definitions/{name}/properties/{field}")
    properties = {}
    for field, schema in item["properties"].items():
        variants = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
        found = [
            {"$ref": known[_words(one)]} if len(_words(one)) > 80 and _words(one) in known else one for one in variants
        ]
        properties[field] = found[0] if len(found) == 1 else {"anyOf": found}
    return {**item, "properties": properties}


def _reference(schema: Schema, known: dict[str, str]) -> Schema:
    words = _words(schema)
    return {"$ref": known[words]} if len(words) > 80 and words in known else schema


def _words(schema: Schema) -> str:
    return json.dumps(schema, sort_keys=True, default=str)


def _or_variable(schema: Schema) -> Schema:
    """A list or mapping may be a variable."""
    return {**schema, "type": [schema["type"], "string"], "pattern": _VARIABLE}


def _referable(schema: Any) -> Any:
    """The same schema, with ${env:…} and ${var:…} where a value may come from there."""
    if not isinstance(schema, dict) or not schema or set(schema) == {"const"}:
        return schema
    if "anyOf" in schema:
        return {**schema, "anyOf": [_referable(inner) for inner in schema["anyOf"]]}
    if "enum" in schema:
        kept = {key: value for key, value in schema.items() if key not in ("enum", "type")}
        return {**kept, "anyOf": [{"enum": schema["enum"]}, {"type": "string", "pattern": _WHOLE}]}
    kind = schema.get("type")
    if kind == "string":
        if "pattern" not in schema:
            return schema
        reference = _VARIABLE if schema.get("x-secret") is True else _REFERENCE
        return {**schema, "pattern": f"(?:{schema['pattern']})|{reference}"}
    if kind in ("array", "object"):
        made = dict(schema)
        for key in ("items", "additionalProperties"):
            if key in made:
                made[key] = _referable(made[key])
        if "properties" in made:
            made["properties"] = {name: _referable(inner) for name, inner in made["properties"].items()}
        return _or_variable(made)
    return {**schema, "type": [kind, "string"], "pattern": _WHOLE} if isinstance(kind, str) else schema
