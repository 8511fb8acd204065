"""Schema errors in the words of a recipe author, at the place of the mistake; never with a secret value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from hoploop.plugin.connector import ID_PATTERN
from hoploop.recipe.diagnostics import Diagnostic, Edit
from hoploop.recipe.masking import shown
from hoploop.recipe.nodes import Node, Secret, locate
from hoploop.recipe.samples import flow
from hoploop.recipe.spans import Path, Span, dotted
from hoploop.recipe.units import BadQuantity
from hoploop.recipe.words import nearest, suggest

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_TYPES = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "nothing",
}  # fmt: skip
_OF_ITS_ASSET = ", in its asset"
_FORMS = {"object": "{…}", "array": "[…]", "boolean": "true"}
_TRUTH = re.compile(r"(yes|on|y)\Z|(no|off|n)\Z", re.IGNORECASE)
_WORD = re.compile("[A-Za-z0-9_/.]{1,40}")
_PARTS = {
    "profit.min": "a part of what is put in goes into 'ratio'",
    "size.max_notional": "a part of the own balance goes into 'own_share'",
}
"""Amounts that other bots take as a percentage, too."""
_PATTERNS = {
    ID_PATTERN: "small letters, digits and _ only, a letter first",
    "^0x[0-9a-fA-F]{40}$": "0x and 40 hexadecimal digits",
    "^[1-9A-HJ-NP-Za-km-z]{32,44}$": "32 to 44 base58 characters",
    r"^[A-Za-z][A-Za-z0-9_.$+-]*$": "a letter, then letters, digits and any of _ . $ + -",
    r"^(embedded|https?://\S+|\$\{secret:\S+\})$": "embedded, http(s)://… or ${secret:env/NAME}",
    r"^(https?://\S+|\$\{secret:\S+\})?$": "http(s)://… or ${secret:env/NAME}",
    r"^(wss?://\S+|\$\{secret:\S+\})?$": "ws(s)://… or ${secret:env/NAME}",
}
"""What the patterns of the language and of common fields ask for."""
_LENGTHS = {
    "minItems": "at least {} needed", "maxItems": "at most {} allowed", "minLength": "at least {} characters needed",
    "maxLength": "at most {} characters allowed", "minimum": "must be at least {}", "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}", "exclusiveMaximum": "must be less than {}",
    "minProperties": "at least {} needed", "maxProperties": "at most {} allowed",
    "multipleOf": "must be a multiple of {}",
}  # fmt: skip


def diagnose(root: Node, base: Path, errors: Iterable[ValidationError]) -> Iterator[Diagnostic]:
    """Diagnostics for the errors of one item that lives at `base`."""
    errors = list(errors)
    empty = {(*base, *error.absolute_path) for error in errors if error.validator == "minLength"}
    misspelt = {
        (*base, *error.absolute_path, close)
        for error in errors
        if error.validator == "additionalProperties"
        for _, close in _meant(error)
    }
    for error in errors:
        path = (*base, *error.absolute_path)
        if error.validator == "pattern" and path in empty:
            continue
        word = str(error.validator)
        if word == "additionalProperties":
            yield from _unknown_keys(root, path, error)
        elif word == "required":
            yield from (one for one in _missing_key(root, path, error) if one.path not in misspelt)
        else:
            yield _value(root, path, word, error)


def _meant(error: ValidationError) -> Iterator[tuple[str, str | None]]:
    """Unknown keys, each with the one that was meant: one that is missing rather than one that is there."""
    known = list(error.schema["properties"])
    for key in error.instance:
        if key not in known:
            yield key, nearest(key, [name for name in known if name not in error.instance], also=True)


def _unknown_keys(root: Node, path: Path, error: ValidationError) -> Iterator[Diagnostic]:
    """A key that is not supported yet may be what was meant; it is not among those that are offered."""
    properties = error.schema["properties"]
    offered = [name for name, schema in properties.items() if not _later(schema)]
    for key, close in _meant(error):
        place = locate(root, (*path, key))
        span, near = place.key or place.span, nearest(key, properties, also=True)
        yield Diagnostic(
            code="R101",
            span=span,
            message=f"unknown key '{shown(key)}'",
            label=f"did you mean '{near}'?" if near else suggest("", offered),
            path=(*path, key),
            related=place.related,
            fix=Edit(span, close) if close and close == nearest(key, properties) else None,
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
                code="R102",
                span=span,
                message=f"missing key '{key}'",
                label=_wanted(key, error.schema["properties"].get(key, {})),
                path=(*path, key),
                related=place.related,
            )


def _wanted(key: str, schema: dict[str, Any]) -> str:
    """What to add, with a value that shows its form."""
    if key == "connector":
        return suggest("", schema.get("enum", ()))
    if schema.get("x-secret") is True:
        return f"add {key}: ${{secret:env/NAME}}"
    if schema.get("x-unit") == "amount":
        return f'add {key}: "1.5 WETH"{_OF_ITS_ASSET}'
    text = str(schema.get("examples", [""])[0])
    if text and len(text) <= 20:  # Longer ones are addresses, of no use to anyone else.
        return f'add {key}: "{text}"' if " " in text else f"add {key}: {text}"
    inner = schema.get("required", ())
    if len(inner) == 1:
        below = _wanted(inner[0], schema["properties"][inner[0]])
        return f"add {key}: {{{below.removeprefix('add ').removesuffix(_OF_ITS_ASSET)}}}"
    if "enum" in schema:
        later = schema.get("x-planned-values", {})
        return f"add {key}: {next(option for option in schema['enum'] if option not in later)}"
    return f"add {key}: {_FORMS.get(str(schema.get('type')), '…')}"


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
        label = label or (_PARTS.get(dotted(path[-2:]), "") if place.node.raw.endswith(("%", "bps")) else "")
    elif word == "x-secret":
        code, message = _clear(place.node, text)
    elif word in ("enum", "const"):
        options = error.validator_value if word == "enum" else [error.validator_value]
        code = "R109" if path[-1] == "connector" else "R104"
        message = f"no connector {text}" if code == "R109" else f"{text} is not allowed here"
        later = error.schema.get("x-planned-values", {}) if isinstance(error.schema, dict) else {}
        label = suggest(error.instance, [option for option in options if option not in later])
    elif word in _LENGTHS:
        code, message = "R107", _length(word, error.validator_value)
    elif word == "pattern":
        label = _pattern(error)
    elif word == "anyOf" and (quantity := _one_quantity(error)) is not None:
        code, message, label, fix = "R106", *_quantity(quantity, place.node)
    return Diagnostic(
        code=code, span=place.span, message=message, label=label, path=path, related=place.related, fix=fix
    )


def _clear(node: Node, text: str) -> tuple[str, str]:
    """A label would be hidden with the place it stands beside."""
    if node.kind == "scalar" and node.value is not None:
        return "R023", "a secret is written in the clear; write ${secret:env/NAME} instead"
    return "R103", f"expected a reference such as ${{secret:env/NAME}}, got {text}"


def _length(word: str, limit: Any) -> str:
    if limit == 1 and word.startswith("min") and word != "minimum":
        return "must not be empty"
    return _LENGTHS[word].format(limit)


def _one_quantity(error: ValidationError) -> ValidationError | None:
    """Where a value may have several forms and quantities are among them: what is wrong with it as the first one."""
    return next((one for one in error.context or () if one.validator == "x-unit"), None)


def _type(error: ValidationError, node: Node, text: str) -> tuple[str, str]:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    label = ""
    if "string" in wanted and node.kind == "scalar" and node.plain and node.value is not None:
        label = f'quote it: "{node.raw}"'
    elif wanted == ["boolean"] and (match := _TRUTH.match(node.raw)):
        label = f"write {'true' if match[1] else 'false'}"
    elif wanted == ["boolean"] and node.raw in ("true", "false"):
        label = f"write it without quotes: {node.raw}"
    elif wanted == ["boolean"] and node.raw in ("0", "1"):
        label = f"write {'true' if node.raw == '1' else 'false'}"
    elif wanted == ["integer"] and isinstance(node.value, str) and node.raw.isdigit():
        label = f"write it without quotes: {node.raw}"
    elif wanted == ["integer"] and re.fullmatch("0x[0-9a-fA-F]{1,13}", node.raw):
        label = f"write {int(node.raw, 16)}"
    elif wanted == ["array"] and error.absolute_path and isinstance(error.absolute_path[-1], int):
        label = "a list within the list: [[…]]"
    elif wanted == ["array"] and isinstance(node.value, str) and _WORD.fullmatch(node.raw):
        label = f"write [{node.raw}]"
    elif wanted == ["array"] and (key := next(iter(node.entries), "")).startswith("-"):
        label = f"write '- {shown(key[1:])}'"
    elif node.kind == "scalar" and node.value is None:
        label = "give it a value, or leave it out"
    elif wanted == ["object"] and isinstance(error.schema, dict):
        label = _keys(error.schema, node)
    return f"expected {' or '.join(_TYPES[name] for name in wanted)}, got {text}", label


def _keys(schema: dict[str, Any], node: Node) -> str:
    """What a mapping that is none could have been."""
    known = [name for name, below in schema.get("properties", {}).items() if "x-planned" not in below]
    if known == ["connector"]:  # An item of a section, whatever its connector.
        return "keys: id, connector, …"
    needed = [name for name in known if name in schema.get("required", ())] or known
    if len(needed) == 1 and isinstance(node.value, str) and _WORD.fullmatch(node.raw):
        return f"write {{{needed[0]}: {node.raw}}}"
    if len(needed) == 1 and node.kind == "list" and schema["properties"][needed[0]].get("type") == "array":
        return f"write {{{needed[0]}: […]}}"
    if not known and schema.get("examples"):
        return f"for example {flow(schema['examples'][0])}"
    return f"keys: {', '.join(known[:4])}{', …' if len(known) > 4 else ''}" if known else ""


def _quantity(error: ValidationError, node: Node) -> tuple[str, str, Edit | None]:
    cause = error.cause
    fix = cause.fix if isinstance(cause, BadQuantity) else ""
    text = f'"{fix}"' if " " in fix or "%" in fix else fix
    unit = error.schema.get("x-unit") if isinstance(error.schema, dict) else None
    bare = unit == "amount" and "has no unit" in str(cause)
    label = f"write {text}" if fix else ('write it with its asset: "50 WETH"' if bare else "")
    if match := re.fullmatch(r"\$([A-Za-z_][A-Za-z0-9_]*)", node.raw):
        label = f"write ${{env:{match[1]}}}"
    usable = fix and node.kind == "scalar" and "${" not in node.raw
    return str(cause), label, Edit(node.span, text) if usable else None


def _pattern(error: ValidationError) -> str:
    examples = error.schema.get("examples") if isinstance(error.schema, dict) else None
    if error.validator_value in _PATTERNS:
        return _PATTERNS[error.validator_value]
    return f"for example {examples[0]}" if examples else f"pattern: {error.validator_value}"


def _shown(node: Node) -> str:
    """The value as written, so that nothing that came from the environment is shown."""
    if node.kind != "scalar":
        return {"list": "a list", "map": "a mapping"}[node.kind]
    if isinstance(node.value, Secret):
        return "a secret reference"
    if node.value is None:
        return "nothing"
    return f"'{shown(' '.join(node.raw.split()) if chr(10) in node.raw else node.raw)}'"
