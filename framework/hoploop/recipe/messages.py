"""Schema errors in the words of a recipe author, at the place of the mistake; never with a secret value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from hoploop.plugin.connector import ID_PATTERN
from hoploop.recipe.diagnostics import Diagnostic, Edit
from hoploop.recipe.masking import shown
from hoploop.recipe.nodes import Node, Secret, locate
from hoploop.recipe.spans import Path, Span
from hoploop.recipe.units import BadQuantity
from hoploop.recipe.words import nearest, suggest

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_TYPES = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "nothing",
}  # fmt: skip
_TRUTH = re.compile(r"(yes|on|y)\Z|(no|off|n)\Z", re.IGNORECASE)
_LENGTHS = {
    "minItems": "at least {} needed", "maxItems": "at most {} allowed", "minLength": "at least {} characters needed",
    "maxLength": "at most {} characters allowed", "minimum": "must be at least {}", "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}", "exclusiveMaximum": "must be less than {}",
    "minProperties": "at least {} needed", "maxProperties": "at most {} allowed",
    "multipleOf": "must be a multiple of {}",
}  # fmt: skip


def diagnose(root: Node, base: Path, errors: Iterable[ValidationError]) -> Iterator[Diagnostic]:
    """Diagnostics for the errors of one item that lives at `base`."""
    for error in errors:
        path = (*base, *error.absolute_path)
        schema = error.schema if isinstance(error.schema, dict) else {}
        word = str(error.validator)
        if word == "additionalProperties":
            yield from _unknown_keys(root, path, error.instance, schema.get("properties", {}))
        elif word == "required":
            yield from _missing_key(root, path, error)
        else:
            yield _value(root, path, word, error)


def _unknown_keys(root: Node, path: Path, instance: dict[str, Any], known: dict[str, Any]) -> Iterator[Diagnostic]:
    """A key that is not supported yet may be what was meant; it is not among those that are offered."""
    offered = [name for name, schema in known.items() if not _later(schema)]
    for key in instance:
        if key in known:
            continue
        place = locate(root, (*path, key))
        span, close = place.key or place.span, nearest(key, [name for name in known if name not in instance])
        yield Diagnostic(
            code="R101",
            span=span,
            message=f"unknown key '{shown(key)}'",
            label=f"did you mean '{close}'?" if close else suggest("", offered),
            path=(*path, key),
            related=place.related,
            fix=Edit(span, close) if close else None,
        )


def _later(schema: dict[str, Any]) -> bool:
    """Whether no section takes it yet."""
    return all("x-planned" in one for one in schema.get("anyOf", (schema,)))


def _missing_key(root: Node, path: Path, error: ValidationError) -> Iterator[Diagnostic]:
    place = locate(root, path)
    for key in error.validator_value:
        if key not in error.instance and error.message.startswith(f"'{key}'"):
            owner = place.key or place.span
            where = place.span if path and isinstance(path[-1], int) else owner
            start = _first_key(place.node) if path and isinstance(path[-1], int) else None
            span = start or (where if path else where._replace(end_line=where.line, end_col=where.col + 1))
            yield Diagnostic(
                code="R102", span=span, message=f"missing key '{key}'", path=(*path, key), related=place.related
            )


def _first_key(node: Node) -> Span | None:
    return next((entry.key for entry in node.entries.values()), None)


def _value(root: Node, path: Path, word: str, error: ValidationError) -> Diagnostic:
    place = locate(root, path)
    text = _shown(place.node)
    code, message, label, fix = "R105", f"{text} does not have the required form", "", None
    if word == "type":
        code, message, label = "R103", *_type(error, place.node, text)
    elif word == "x-unit":
        code, message, label, fix = "R106", *_quantity(error, place.node)
    elif word == "x-secret":
        code, message, label = "R023", "a secret is written in the clear", "write ${secret:env/NAME}"
    elif word in ("enum", "const"):
        options = error.validator_value if word == "enum" else [error.validator_value]
        code = "R109" if path[-1] == "connector" else "R104"
        message = f"no connector {text}" if code == "R109" else f"{text} is not allowed here"
        label = suggest(error.instance, options)
    elif word in _LENGTHS:
        code, message = "R107", _LENGTHS[word].format(error.validator_value)
    elif word == "pattern":
        label = _pattern(error)
    return Diagnostic(
        code=code, span=place.span, message=message, label=label, path=path, related=place.related, fix=fix
    )


def _type(error: ValidationError, node: Node, text: str) -> tuple[str, str]:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    label = ""
    if "string" in wanted and node.kind == "scalar" and node.plain and node.value is not None:
        label = f'quote it: "{node.raw}"'
    elif wanted == ["boolean"] and (match := _TRUTH.match(node.raw)):
        label = f"write {'true' if match[1] else 'false'}"
    elif wanted == ["integer"] and isinstance(node.value, str) and node.raw.isdigit():
        label = f"write it without quotes: {node.raw}"
    return f"expected {' or '.join(_TYPES[name] for name in wanted)}, got {text}", label


def _quantity(error: ValidationError, node: Node) -> tuple[str, str, Edit | None]:
    cause = error.cause
    fix = cause.fix if isinstance(cause, BadQuantity) else ""
    text = f'"{fix}"' if " " in fix or "%" in fix else fix
    unit = error.schema.get("x-unit") if isinstance(error.schema, dict) else None
    label = f"write {text}" if fix else ('write it with its asset: "50 WETH"' if unit == "amount" else "")
    usable = fix and node.kind == "scalar" and "${" not in node.raw
    return str(cause), label, Edit(node.span, text) if usable else None


def _pattern(error: ValidationError) -> str:
    examples = error.schema.get("examples") if isinstance(error.schema, dict) else None
    if error.validator_value == ID_PATTERN:
        return "small letters, digits and _ only"
    if examples:
        return f"for example {examples[0]}"
    return f"pattern: {error.validator_value}"


def _shown(node: Node) -> str:
    """The value as written, so that nothing that came from the environment is shown."""
    if node.kind != "scalar":
        return {"list": "a list", "map": "a mapping"}[node.kind]
    if isinstance(node.value, Secret):
        return "a secret reference"
    if node.value is None:
        return "nothing"
    return f"'{shown(node.raw)}'"
