"""An example of every field of a recipe, made from its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hoploop.recipe.emit import scalar
from hoploop.recipe.schema import Schema
from hoploop.recipe.units import UNITS

Way = tuple[str, ...]
"""Keys from an item of a section, or from the recipe, down to a field; lists are passed through."""
_EVM = {
    "chains": "eth", "assets": "weth", "venues": "uni2", "lenders": "balancer", "routes": "eth_relay",
    "strategies": "cycles", "universes": "blue", "wallets": "spare",
}  # fmt: skip
_SOLANA = {**_EVM, "chains": "sol", "assets": "sol_w", "venues": "amm", "lenders": "lend", "routes": "sol_jito"}
_OWNERS = {"solana": "HCgDchdHiLzV1AXFRsobiwYkpZYE4H2ZMpgrMp7e82Mz"}
REFERENCES: Mapping[str, Mapping[str, str]] = {"evm": _EVM, "solana": _SOLANA}
"""Family -> section -> the id examples refer to."""


class Field(NamedTuple):
    """One key of a mapping of the language."""

    way: Way
    schema: Schema
    required: bool

    @property
    def name(self) -> str:
        """The key itself."""
        return self.way[-1]


def within(schema: Schema) -> Schema:
    """What a value is made of: the items of a list, at any depth, else itself."""
    while schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        schema = schema["items"]
    return schema


def fields(schema: Schema, way: Way = ()) -> Iterator[tuple[Way, tuple[Field, ...]]]:
    """Every mapping below `schema` that has keys of its own, outside in, with its fields."""
    inner = within(schema)
    properties, required = inner.get("properties", {}), inner.get("required", ())
    if not properties:
        return
    yield way, tuple(Field((*way, name), below, name in required) for name, below in properties.items())
    for name, below in properties.items():
        yield from fields(below, (*way, name))


class Sampler:
    """Makes examples that refer to the same ids everywhere. `name` is the `id` of an item."""

    def __init__(self, family: str = "evm", name: str = "") -> None:
        self._ids = REFERENCES[family]
        self._always = {key: text for key, text in (("id", name), ("owner", _OWNERS.get(family))) if text}
        self._name = name

    def value(self, schema: Schema) -> Any:
        """The smallest value that says something: the schema's own example where it has one."""
        if schema.get("examples"):
            return _own_example(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return _choice(schema)
        if schema.get("x-secret") is True:
            return "${secret:env/NAME}"
        kind = schema.get("type")
        if kind == "array":
            return [self.value(schema.get("items", {})) for _ in range(max(1, schema.get("minItems", 1)))]
        if kind == "object":
            return self._mapping(schema)
        if kind == "boolean":
            return not schema.get("default", False)
        if kind in ("integer", "number"):
            return schema.get("default", schema.get("minimum", 1))
        return self._text(schema)

    def field(self, field: Field) -> Any:
        """An example of one field."""
        return self._name if self._name and field.way in (("id",), ("recipe",)) else self.value(field.schema)

    def holding(self, schema: Schema, way: Way, value: Any) -> Any:
        """The smallest value of `schema` in which `way` leads to `value`."""
        if not way:
            return value
        if schema.get("type") == "array":
            return [self.holding(schema["items"], way, value)]
        below = schema.get("properties", {}).get(way[0], schema.get("additionalProperties", {}))
        return {**self.required(schema), way[0]: self.holding(below, way[1:], value)}

    def required(self, schema: Schema) -> dict[str, Any]:
        """The keys a mapping must have."""
        made = {name: self.value(schema["properties"][name]) for name in schema.get("required", ())}
        return {**made, **{key: text for key, text in self._always.items() if key in made}}

    def whole(self, schema: Schema) -> Any:
        """Every key that is supported, at any depth, with its example."""
        if schema.get("type") == "array" and "examples" not in schema:
            return [self.whole(schema.get("items", {}))]
        properties = schema.get("properties")
        if not properties:
            return self.value(schema)
        return {name: self.whole(below) for name, below in properties.items() if not {"x-planned", "x-part"} & {*below}}

    def _mapping(self, schema: Schema) -> Any:
        if made := self.required(schema):
            return made
        for name, below in schema.get("properties", {}).items():
            if "x-planned" not in below:
                return {name: self.value(below)}
        others = schema.get("additionalProperties")
        return {"name": self.value(others)} if isinstance(others, dict) else {}

    def _text(self, schema: Schema) -> str:
        if "x-ref" in schema:
            return self._ids.get(schema["x-ref"], "name")
        return str(schema.get("default") or "name")


def _own_example(schema: Schema) -> Any:
    """What a unit gives as example says less than a default."""
    unit = UNITS.get(schema.get("x-unit", ""))
    first = schema["examples"][0]
    return schema.get("default", first) if unit is not None and first == unit.example else first


def _choice(schema: Schema) -> Any:
    """One that is supported, and not the default where there is another."""
    known = [one for one in schema["enum"] if one not in schema.get("x-planned-values", {})]
    return next((one for one in known if one != schema.get("default")), known[0])


def flow(value: Any, *, nested: bool = False) -> str:
    """A value on one line, as YAML; `nested` within brackets or braces."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(name)}: {flow(below, nested=True)}" for name, below in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(below, nested=True) for below in value) + "]"
    if isinstance(value, str) and value.startswith("${"):
        return json.dumps(value) if nested else value
    return scalar(value)


def block(value: Mapping[str, Any], indent: str) -> str:
    """A mapping as lines of YAML, one a key; what is inside stands on its key's line, or on one an item of a list."""
    lines = []
    for name, below in value.items():
        if isinstance(below, list) and below and isinstance(below[0], Mapping):
            lines += [f"{name}:", *(f"  - {flow(item)}" for item in below)]
        else:
            lines.append(f"{name}: {flow(below)}")
    return "\n".join(indent + line for line in lines)
