"""What a field of a recipe means, from the schema of the language and of the connectors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from hoploop.recipe.language.head import LOADER_KEYS, RecipeHead
from hoploop.recipe.partial import USE
from hoploop.recipe.schema import Schema, Schemas, struct_schema
from hoploop.recipe.sections import ITEM_SECTIONS, SECTIONS, one_of
from hoploop.recipe.words import suggest

_APPLY = {
    "live": "at once",
    "component": "by rebuilding the parts of its chain",
    "engine": "by a restart of the engine",
}
_RISK = {"up": "more of it raises risk", "down": "less of it raises risk"}
_TYPES = {
    "object": "mapping", "array": "list", "string": "text", "integer": "whole number", "number": "number",
    "boolean": "true or false",
}  # fmt: skip


class NoSuchField(LookupError):
    """Nothing is at the path; the text says what is near."""


class _Field(NamedTuple):
    """A field, under the name it is explained by."""

    name: str
    schema: Schema
    required: bool


def explained(path: str, schemas: Schemas) -> str:
    """A text on the field at a path such as `strategies.profit.min`, `venues.uniswap_v2.fee` or `chains.endpoint`."""
    words = [word for word in re.sub(r"\[[^\]]*\]", "", path).split(".") if word]
    if not words:
        raise NoSuchField("name a section or a field of one, such as strategies.profit.min")
    seen: dict[str, list[str]] = {}
    for field in _fields(words, schemas):
        seen.setdefault("\n".join(_body(field)), []).append(field.name)
    return "\n\n".join("\n".join([*names, body]) for body, names in seen.items())


def below(path: str, schemas: Schemas) -> list[str]:
    """The keys of what is at a path, of a recipe when it is empty; none when nothing is there."""
    if not path:
        return sorted({*schemas.root["properties"], *LOADER_KEYS})
    if path in SECTIONS:
        items = {key: item for (section, key), item in schemas.items.items() if section == path}
        return sorted({*items, *(name for item in items.values() for name in item["properties"])})
    with suppress(NoSuchField):
        fields = _fields(path.split("."), schemas)
        return sorted({name for field in fields for name in _inner(field.schema).get("properties", {})})
    return []


def _inner(schema: Schema) -> Schema:
    while schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        schema = schema["items"]
    return schema


def about(schema: Schema, required: bool) -> list[str]:
    """What is said of a field, line by line: its type first, its own keys left out."""
    return [line.strip() for line in _said(_Field("", schema, required))]


def _fields(words: list[str], schemas: Schemas) -> Iterator[_Field]:
    """Below `profiles` and `defaults` stands what stands in a recipe; below `templates` what stands in any item."""
    section, rest = words[0], words[1:]
    if section == "profiles" and len(rest) > 1:
        yield from _fields(rest[1:], schemas)
        return
    if section == "defaults" and len(rest) > 1:
        yield from _fields(rest, schemas)
        return
    if section == "templates" and len(rest) > 1:
        yield from _in_any(rest[1:], schemas)
        return
    if section == "vars":
        rest = []
    if rest == ["use"] and section in ITEM_SECTIONS:
        yield _Field(f"{section}.use", USE, False)
        return
    if section not in SECTIONS:
        root = schemas.root
        if section in LOADER_KEYS:
            root = struct_schema(RecipeHead)
        yield _down(_Field("", root, False), [section, *rest])
        return
    items = {key: schema for (home, key), schema in schemas.items.items() if home == section}
    if not rest:
        yield _Field(section, schemas.root["properties"][section], section in schemas.root["required"])
    elif rest[0] in items:
        yield _down(_Field(f"{section}.{rest[0]}", items[rest[0]], False), rest[1:])
    else:
        tops = [_Field(f"{section}.{key}", item, False) for key, item in items.items()]
        found = [field for top in tops for field in _maybe(top, rest)]
        if not found:
            known = sorted({*items, *(name for item in items.values() for name in item["properties"])})
            raise NoSuchField(f"no {one_of(section)} has {'.'.join(rest)!r}; {suggest(rest[0], known)}")
        yield from found


def _in_any(words: list[str], schemas: Schemas) -> Iterator[_Field]:
    found = []
    for section in ITEM_SECTIONS:
        with suppress(NoSuchField):
            found += list(_fields([section, *words], schemas))
    if not found:
        raise NoSuchField(f"no item of a recipe has {'.'.join(words)!r}")
    yield from found


def _maybe(field: _Field, words: list[str]) -> Iterator[_Field]:
    try:
        yield _down(field, words)
    except NoSuchField:
        return


def _down(field: _Field, words: list[str]) -> _Field:
    for word in words:
        inner = _inner(field.schema)
        properties, others = inner.get("properties", {}), inner.get("additionalProperties")
        if word in properties:
            below = properties[word]
        elif isinstance(others, dict):
            below = others
        else:
            where = f"'{field.name}'" if field.name else "a recipe"
            raise NoSuchField(f"{where} has no key '{word}'; {suggest(word, properties)}")
        name = f"{field.name}.{word}" if field.name else word
        field = _Field(name, below, word in inner.get("required", ()))
    return field


def _body(field: _Field) -> Iterator[str]:
    yield from _said(field)
    yield from _keys(field.schema)


def _said(field: _Field) -> Iterator[str]:
    schema = field.schema
    yield f"  {type_text(schema)}{', required' if field.required else ''}"
    if text := schema.get("description"):
        yield f"  {text}"
    for item in [schema["items"]] if isinstance(schema.get("items"), dict) else []:
        if "description" in item and item["description"] != text:
            yield f"  each: {item['description']}"
    if schema.get("default") not in (None, (), {}, ""):
        yield f"  default: {_short(schema['default'])}"
    for example in schema.get("examples", ()):
        yield f"  example: {_short(example)}"
    if "x-planned" in schema:
        yield f"  not supported yet: {schema['x-planned']}"
    for value, instead in schema.get("x-planned-values", {}).items():
        yield f"  not supported yet: {value} ({instead})"
    said = [f"a change is applied {_APPLY[schema['x-apply']]}"] if schema.get("x-apply") in _APPLY else []
    said += [_RISK[schema["x-risk"]]] if schema.get("x-risk") in _RISK else []
    if said:
        yield f"  {'; '.join(said)}"


def _keys(schema: Schema) -> Iterator[str]:
    inner = _inner(schema)
    properties: dict[str, Any] = inner.get("properties", {})
    width = max(map(len, properties), default=0)
    for name, child in properties.items():
        mark = "*" if name in inner.get("required", ()) else " "
        yield f"   {mark} {name:<{width}}  {child.get('description', type_text(child))}"
    if any(name in inner.get("required", ()) for name in properties):
        yield "   * required"


def type_text(schema: Schema) -> str:
    """What kind of value a field takes, in words."""
    if "x-unit" in schema:
        return str(schema["x-unit"]).removesuffix("_ms")
    if schema.get("x-secret") is True:
        return "secret reference"
    if "x-ref" in schema:
        return f"id in {schema['x-ref']}"
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    name = _TYPES.get(str(schema.get("type")), "value")
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        return f"list of {type_text(schema['items'])}" if schema["items"] else "list"
    if isinstance(schema.get("additionalProperties"), dict) and not schema.get("properties"):
        return f"mapping of names to {type_text(schema['additionalProperties'])}"
    limits = (("minimum", "at least"), ("maximum", "at most"))
    bounds = [f"{word} {schema[key]}" for key, word in limits if key in schema]
    return " ".join([name, *([f"({', '.join(bounds)})"] if bounds else [])])


def _short(value: Any) -> str:
    text = str(list(value) if isinstance(value, tuple) else value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= 80 else text[:77] + "…"
