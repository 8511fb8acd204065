"""Says in a fraction of jsonschema's time whether a value satisfies a schema; jsonschema says why, when it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hoploop.recipe.nodes import Secret
from hoploop.recipe.schema import Schema
from hoploop.recipe.units import BadQuantity, parse

Test = Callable[[Any], bool]
_NOTES = frozenset({
    "description", "default", "examples", "title", "x-ref", "x-apply", "x-risk", "x-planned", "x-planned-values",
    "x-part",
})  # fmt: skip


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: dict[str, Test] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": lambda value: isinstance(value, (int, Decimal)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


class Gates:
    """Compiled tests by schema; one object for the schemas of a pipeline, which outlive it."""

    def __init__(self) -> None:
        self._tests: dict[int, tuple[Schema, Test]] = {}
        self._hiding: dict[int, tuple[Schema, bool]] = {}
        self._made: dict[str, Schema] = {}

    def schema(self, name: str, make: Callable[[], Schema]) -> Schema:
        """A schema that is made of others: once, for its test is kept by what it is."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def accept(self, schema: Schema, value: Any) -> bool:
        """Whether the value satisfies the schema."""
        if id(schema) not in self._tests:
            self._tests[id(schema)] = schema, compiled(schema)
        return self._tests[id(schema)][1](value)

    def hides(self, schema: Schema) -> bool:
        """Whether a secret can stand anywhere below."""
        if id(schema) not in self._hiding:
            inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
            below = any(isinstance(one, dict) and self.hides(one) for one in inner)
            self._hiding[id(schema)] = schema, below or schema.get("x-secret") is True
        return self._hiding[id(schema)][1]


def overruled(word: str, schema: Schema) -> bool:
    """Whether a mark of the language says more than the keyword: quantities and secrets are read, not matched."""
    marked = "x-unit" in schema or schema.get("x-secret") is True
    return marked and word not in ("x-unit", "x-secret")


def compiled(schema: Schema) -> Test:
    """A test for the values of one schema. It refuses every value when the schema uses words it does not know."""
    tests = [_word(word, schema) for word in schema if word not in _NOTES]
    wanted = [test for test in tests if test is not None]
    if len(wanted) == 1:
        return wanted[0]
    return lambda value: all(test(value) for test in wanted)


def _word(word: str, schema: Schema) -> Test | None:
    """The test of one keyword; keywords hold only for values of their own type, as in JSON Schema."""
    if overruled(word, schema):
        return None
    rule = schema[word]
    if word == "type":
        kinds = [_TYPES[name] for name in (rule if isinstance(rule, list) else [rule])]
        return kinds[0] if len(kinds) == 1 else lambda value: any(kind(value) for kind in kinds)
    if word in ("properties", "additionalProperties"):
        # Both look at the same keys and are tested together.
        if word == "additionalProperties" and "properties" in schema:
            return None
        return _mapping(schema.get("properties", {}), schema.get("additionalProperties", True))
    if word == "items":
        item = compiled(rule)
        return lambda value: not isinstance(value, list) or all(map(item, value))
    if word == "anyOf":
        variants = [compiled(variant) for variant in rule]
        return lambda value: any(variant(value) for variant in variants)
    make = _SIMPLE.get(word)
    return (lambda value: False) if make is None else make(rule)


def _mapping(properties: Schema, others: Any) -> Test:
    known = {name: compiled(inner) for name, inner in properties.items()}
    rest = compiled(others) if isinstance(others, dict) else None

    def test(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        for key, child in value.items():
            inner = known.get(key, rest)
            if inner is None:
                if others is False:
                    return False
            elif not inner(child):
                return False
        return True

    return test


def _required(names: list[str]) -> Test:
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


def _enum(options: list[Any]) -> Test:
    """Equal, and of the same type: 1 is not true."""
    known = [(option, isinstance(option, bool)) for option in options]
    return lambda value: (value, isinstance(value, bool)) in known


def whole(pattern: str) -> re.Pattern[str]:
    """A schema's pattern as JSON Schema means it: Python alone lets `$` match before a last newline."""
    return re.compile(re.sub(r"(?<!\\)\$(?=$|\)|\|)", r"\\Z", pattern))


def _pattern(text: str) -> Test:
    search = whole(text).search
    return lambda value: not isinstance(value, str) or isinstance(value, Secret) or search(value) is not None


def _unit(unit: str) -> Test:
    def test(value: Any) -> bool:
        try:
            parse(unit, value)
        except BadQuantity:
            return False
        return True

    return test


def _secret(kind: Any) -> Test:
    return lambda value: kind is not True or isinstance(value, Secret)


def _bound(kind: type | tuple[type, ...], holds: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    return lambda limit: lambda value: not isinstance(value, kind) or isinstance(value, bool) or holds(value, limit)


_NUMBER = (int, Decimal)
_SIMPLE: dict[str, Callable[[Any], Test]] = {
    "required": _required,
    "enum": _enum,
    "const": lambda value: _enum([value]),
    "pattern": _pattern,
    "minLength": _bound(str, lambda value, limit: len(value) >= limit),
    "maxLength": _bound(str, lambda value, limit: len(value) <= limit),
    "minItems": _bound(list, lambda value, limit: len(value) >= limit),
    "maxItems": _bound(list, lambda value, limit: len(value) <= limit),
    "minimum": _bound(_NUMBER, lambda value, limit: value >= limit),
    "maximum": _bound(_NUMBER, lambda value, limit: value <= limit),
    "exclusiveMinimum": _bound(_NUMBER, lambda value, limit: value > limit),
    "exclusiveMaximum": _bound(_NUMBER, lambda value, limit: value < limit),
    "x-unit": _unit,
    "x-secret": _secret,
}
