"""The loaded recipe as it may be shown, each value with the place and the way it came from."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from hoploop.recipe.check import parts
from hoploop.recipe.describe import public_endpoint
from hoploop.recipe.masking import hide_key_material, secret_word
from hoploop.recipe.nodes import Node, Secret, data
from hoploop.recipe.schema import Schema, Schemas
from hoploop.recipe.sections import SECTIONS
from hoploop.recipe.spans import Path, Span

MASK = "********"
_ENV = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


class Origin(NamedTuple):
    """Where a value is from: a place in a file, or the schema's default; `ways` are the nearest first."""

    span: Span | None
    ways: tuple[str, ...]

    def __str__(self) -> str:
        if self.span is None:
            return "default of the language"
        return ", ".join([f"{self.span.file}:{self.span.line}", *self.ways])


class Reference(str):
    """A reference written without quotes: what it stands for may be a number."""


class Value(NamedTuple):
    """One value of the recipe: `shown` is text, number, list of values or mapping of values."""

    shown: Any
    origin: Origin

    def plain(self) -> Any:
        """What is shown, without origins."""
        if isinstance(self.shown, list):
            return [item.plain() for item in self.shown]
        if isinstance(self.shown, dict):
            return {key: value.plain() for key, value in self.shown.items()}
        return self.shown


def as_builtins(origin: Origin) -> dict[str, Any]:
    """The origin for machines."""
    return {"span": None if origin.span is None else origin.span._asdict(), "ways": list(origin.ways)}


def public(root: Node, schemas: Schemas, file: str, *, defaults: bool) -> Value:
    """The whole recipe; with `defaults` also what the language says where the recipe is silent.

    Paths of lists are relative to `file`, the recipe as shown, wherever they are written.
    """
    known = {path: schema for path, schema, _ in parts(data(root), schemas)}
    return _Public(known, posixpath.dirname(file), defaults).of(root, schemas.root, (), (), False)


def follow(value: Value, path: str) -> Value | None:
    """The part at `venues.uni2.fee`, `venues[0].fee` or the like; items go by id, name or position."""
    for word in path.replace("[", ".").replace("]", "").split("."):
        if not word:
            continue
        if isinstance(value.shown, list):
            found = _item(value.shown, word)
        else:
            found = value.shown.get(word) if isinstance(value.shown, dict) else None
        if found is None:
            return None
        value = found
    return value


def names(value: Value) -> list[str]:
    """What `follow` takes next: keys, ids or names."""
    if isinstance(value.shown, dict):
        return list(value.shown)
    items = [item.shown for item in value.shown] if isinstance(value.shown, list) else []
    found = [item.get("id", item.get("name")) for item in items if isinstance(item, dict)]
    return [str(name.shown) for name in found if name is not None]


def leaves(value: Value, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """Every value that holds no others, with its way."""
    inner: Iterable[tuple[str | int, Value]] = ()
    if isinstance(value.shown, list):
        inner = enumerate(value.shown)
    elif isinstance(value.shown, dict):
        inner = value.shown.items()
    elif value.shown is not None or not path:
        yield path, value
        return
    if not value.shown:
        yield path, value
    for key, child in inner:
        yield from leaves(child, (*path, key))


_SILENT = Origin(None, ())


class _Public:
    """Makes one recipe public."""

    def __init__(self, known: Mapping[Path, Schema], folder: str, defaults: bool) -> None:
        self._known = known
        self._folder = folder
        self._defaults = defaults

    def of(self, node: Node, schema: Schema | None, path: Path, above: tuple[str, ...], secret: bool) -> Value:
        schema = self._known.get(path, schema)
        secret = secret or (schema or {}).get("x-secret") is True
        ways = tuple(dict.fromkeys([*_ways(node), *above]))
        origin = Origin(node.span, ways)
        if node.kind == "list":
            inner = None if schema is None else schema.get("items")
            items = [self.of(child, inner, (*path, place), ways, secret) for place, child in enumerate(node.items)]
            return Value(items, origin)
        if node.kind == "map":
            return Value(self._map(node, schema, path, ways, secret), origin)
        shown = _scalar(node, schema or {}, secret)
        return Value(self._list_path(node, shown) if _is_list_path(path) else shown, origin)

    def _list_path(self, node: Node, shown: Any) -> Any:
        if not isinstance(shown, str) or posixpath.dirname(node.span.file) == self._folder:
            return shown
        written = posixpath.join(posixpath.dirname(node.span.file), shown)
        return posixpath.relpath(written, self._folder or ".")

    def _map(
        self, node: Node, schema: Schema | None, path: Path, ways: tuple[str, ...], secret: bool
    ) -> dict[str, Value]:
        properties = (schema or {}).get("properties", {})
        others = (schema or {}).get("additionalProperties")
        shown = {}
        for key, entry in node.entries.items():
            inner = properties.get(key, others if isinstance(others, dict) else None)
            hidden = secret or (inner is None and not (not path and key in SECTIONS) and secret_word(key))
            shown[hide_key_material(key)] = self.of(entry.node, inner, (*path, key), ways, hidden)
        if self._defaults:
            for key, inner in properties.items():
                if key not in node.entries and "default" in inner and "x-planned" not in inner:
                    shown[key] = _default(inner)
        return shown


def _is_list_path(path: Path) -> bool:
    return len(path) == 5 and (path[0], path[2], path[4]) == ("universes", "files", "path")


def _scalar(node: Node, schema: Schema, secret: bool) -> Any:
    if isinstance(node.value, Secret):
        return Reference(f"${{secret:{node.value}}}")
    if secret:
        return MASK
    if node.public is not None and node.plain and _ENV.fullmatch(node.public):
        return Reference(node.public)
    text = node.public if node.public is not None else node.value
    if isinstance(text, str):
        text = hide_key_material(text if node.public is not None else text.replace("${", "$${"))
        return public_endpoint(text) if schema.get("x-secret") == "allowed" and "${" not in text else text
    return node.raw if type(text).__name__ == "Decimal" else text


def _default(schema: Schema) -> Value:
    """What the language says; of a mapping key by key, so that quantities are text."""
    inner = schema.get("properties")
    if inner is None:
        plain = schema["default"]
        return Value([] if plain == () else plain if plain != {} else {}, _SILENT)
    said = {key: child for key, child in inner.items() if "default" in child and "x-planned" not in child}
    return Value({key: _default(child) for key, child in said.items()}, _SILENT)


def _ways(node: Node) -> tuple[str, ...]:
    environment = [f"env {name}" for name in dict.fromkeys(_ENV.findall(node.public or ""))]
    return tuple(dict.fromkeys([*environment, *(step.by for step in node.way if step.by)]))


def _item(items: list[Value], word: str) -> Value | None:
    if word.isdigit() and int(word) < len(items):
        return items[int(word)]
    for item in items:
        names = item.shown if isinstance(item.shown, dict) else {}
        if any(key in names and names[key].shown == word for key in ("id", "name")):
            return item
    return None
