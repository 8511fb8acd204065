"""Writes a public recipe as YAML, each value with its origin as a comment when asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from hoploop.recipe.origin import Reference, Value
from hoploop.recipe.scalars import read_plain

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./%-]*\Z")
_REFERENCE = re.compile(r"\$\{[A-Za-z0-9_./:-]+\}\Z")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_COMMENT_AT = 48


def yaml_text(value: Value, *, origins: bool) -> str:
    """Block-style YAML in the dialect of the recipe language."""
    lines = []
    for text, owner in _lines(value, 0):
        note = f"# {owner.origin}" if origins and owner is not None else ""
        lines.append(f"{text:<{_COMMENT_AT}} {note}".rstrip() if note else text)
    return "\n".join(lines) + "\n"


def _lines(value: Value, depth: int) -> Iterator[tuple[str, Value | None]]:
    """Lines with the value that ends on each; those that only open a list or mapping carry none."""
    pad = "  " * depth
    if isinstance(value.shown, dict) and value.shown:
        for key, child in value.shown.items():
            if _holds(child):
                yield f"{pad}{scalar(key)}:", None
                yield from _lines(child, depth + 1)
            else:
                yield f"{pad}{scalar(key)}: {_flat(child)}", child
    elif isinstance(value.shown, list) and value.shown:
        for child in value.shown:
            if not _holds(child):
                yield f"{pad}- {_flat(child)}", child
                continue
            first = True
            for text, owner in _lines(child, depth + 1):
                yield (f"{pad}- {text[len(pad) + 2 :]}" if first else text), owner
                first = False
    else:
        yield f"{pad}{_flat(value)}", value


def _holds(value: Value) -> bool:
    return isinstance(value.shown, (dict, list)) and bool(value.shown)


def _flat(value: Value) -> str:
    return scalar(value.shown) if not isinstance(value.shown, (dict, list)) else "{}" if value.shown == {} else "[]"


def scalar(value: Any) -> str:
    """A scalar of the recipe language, quoted where it must be."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if isinstance(value, Reference) and _REFERENCE.match(value):
        return value
    if _PLAIN.match(value) and read_plain(value) == (value, ""):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
