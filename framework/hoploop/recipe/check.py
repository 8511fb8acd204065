"""Checks a tree against the composed schema and turns it into a typed `Recipe`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from hoploop.plugin.registry import Registry
from hoploop.recipe.diagnostics import Diagnostic, has_errors
from hoploop.recipe.gate import Gates
from hoploop.recipe.language.chains import ChainItem
from hoploop.recipe.language.head import RecipeHead
from hoploop.recipe.nodes import Node, Secret, data, locate
from hoploop.recipe.partial import any_part, item_part
from hoploop.recipe.schema import Marked, Schema, Schemas, walk
from hoploop.recipe.sections import SECTIONS
from hoploop.recipe.spans import Path, dotted
from hoploop.recipe.types import Placed, PlacedChain, Recipe
from hoploop.recipe.units import BASE_UNITS, parse

_KEPT_AS_TEXT = ("amount", "freshness", "rate", "usd")
"""Read at compile, when the asset or the chain is known; their form is checked here."""
_KEY_IN_URL = re.compile(
    r"://([^/\s@]+@|[^\s?]*/(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{16,}|.*[?&]([a-z-]*key|token|auth|secret)=.)",
    re.IGNORECASE,
)
"""A user, a long word with digits and letters in the path, or a key in the query."""
_BOUND = re.compile(r"Expected `int` (>=|<=) (\d+)")
_S = TypeVar("_S", bound=msgspec.Struct)


def check_schema(root: Node, schemas: Schemas, gates: Gates) -> list[Diagnostic]:
    """Everything the schema finds wrong, in all items at once."""
    if root.kind != "map":
        return [Diagnostic(code="R103", span=root.span, message="a recipe is a mapping of keys", label="recipe: NAME")]
    document = data(root)
    findings: list[Diagnostic] = []
    secret_places: set[Path] = set()
    every = list(parts(document, schemas))
    for path, schema, value in every:
        marked = list(walk(schema, value, path))
        secret_places |= {found.path for found in marked if "x-secret" in found.schema}
        findings += _keys_in_urls(root, marked)
        planned = list(_planned(root, marked))
        findings += planned
        inside = [one.path for one in planned]
        findings += (
            one for one in _refused(root, path, schema, value, gates)
            if one.code == "R023" or not any(one.path[: len(other)] == other for other in inside)
        )  # fmt: skip
    findings = [_elsewhere(finding, root, schemas) for finding in findings]
    known = {path for path, _, _ in every}
    findings += (
        stray for stray in _stray_secrets(root, (), document, secret_places)
        if stray.path[:1] not in {(section,) for section in SECTIONS} or stray.path[:2] in known
    )  # fmt: skip
    return findings


def _refused(root: Node, path: Path, schema: Schema, value: Any, gates: Gates) -> Iterator[Diagnostic]:
    if not gates.accept(schema, value):
        from hoploop.recipe.messages import diagnose
        from hoploop.recipe.reasons import reasons

        yield from diagnose(root, path, reasons(schema, value))


def check_part(part: Node, path: Path, schemas: Schemas, gates: Gates) -> list[Diagnostic]:
    """What is wrong with a template or defaults that no item takes, whatever they are for."""
    if path[0] == "templates":
        schema = gates.schema("", lambda: any_part(schemas))
    else:
        section = str(path[1])
        schema = gates.schema(section, lambda: item_part(schemas, section))
    own = Node("map", part.span, entries={key: entry for key, entry in part.entries.items() if key != "use"})
    findings = _refused(own, (), schema, data(own), gates)
    return [msgspec.structs.replace(one, path=(*path, *one.path)) for one in findings]


def _planned(root: Node, marked: Iterable[Marked]) -> Iterator[Diagnostic]:
    """What the language says, but the engine cannot do yet; within a refused key nothing more is said."""
    inside: list[Path] = []
    chosen_at: dict[Path, str] = {}
    for found in marked:
        later = found.schema.get("x-planned-values", {})
        chosen = isinstance(found.value, str) and found.value in later
        if not (chosen or "x-planned" in found.schema) or any(found.path[: len(path)] == path for path in inside):
            continue
        inside.append(found.path)
        instead = later[found.value] if chosen else found.schema["x-planned"]
        if chosen:
            chosen_at[found.path[:-1]] = instead
        elif chosen_at.get(found.path[:-1]) == instead:
            continue  # It only says more of the refused choice beside it.
        what = f"{found.path[-1]}: {found.value}" if chosen else str(found.path[-1])
        place = locate(root, found.path)
        yield Diagnostic(
            code="R320",
            span=place.span if chosen else place.key or place.span,
            message=f"'{what}' is not supported yet",
            label=instead,
            path=found.path,
            related=place.related,
        )


def _keys_in_urls(root: Node, marked: Iterable[Marked]) -> Iterator[Diagnostic]:
    """Providers put keys into URLs; what the environment put there is not written in the clear."""
    for found in marked:
        text, place = found.value, locate(root, found.path)
        if found.schema.get("x-secret") != "allowed" or not isinstance(text, str) or isinstance(text, Secret):
            continue
        if place.node.public is None and _KEY_IN_URL.search(text):
            message = "a URL that holds a key is written in the clear; write ${secret:env/NAME} instead"
            yield Diagnostic(code="R023", span=place.span, message=message, path=found.path, related=place.related)


def _elsewhere(finding: Diagnostic, root: Node, schemas: Schemas) -> Diagnostic:
    """Say where a connector belongs that exists, but in another section."""
    if finding.code != "R109":
        return finding
    key = locate(root, finding.path).node.value
    homes = [section for section, other in schemas.items if other == key]
    label = f"'{key}' goes under {' and '.join(homes)}" if homes else finding.label
    return msgspec.structs.replace(finding, label=label)


def literal_secrets(root: Node, schemas: Schemas, gates: Gates) -> list[Node]:
    """Nodes in secret fields that hold text instead of a reference: to be masked wherever they are shown."""
    stack = [(schemas.root, root)]
    for section in SECTIONS:
        for item in root.entries[section].node.items if section in root.entries else ():
            key = item.entries["connector"].node.value if "connector" in item.entries else None
            if isinstance(key, str) and (section, key) in schemas.items:
                stack.append((schemas.items[section, key], item))
    found = []
    while stack:
        schema, node = stack.pop()
        if schema.get("x-secret") is True:
            found += [] if node.raw.startswith("${secret:") else [node]
            continue
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, entry in node.entries.items():
            inner = properties.get(name, others)
            if isinstance(inner, dict) and gates.hides(inner):
                stack.append((inner, entry.node))
        inner = schema.get("items")
        if isinstance(inner, dict) and gates.hides(inner):
            stack += [(inner, child) for child in node.items]
    return found


def convert(root: Node, schemas: Schemas, registry: Registry) -> tuple[Recipe | None, list[Diagnostic]]:
    """The typed recipe. `root` must have passed `check_schema`."""
    document = data(root)
    maker = _Maker(root, schemas)
    sections: dict[str, list[Any]] = {section: [] for section in SECTIONS}
    for path, schema, value in list(parts(document, schemas))[1:]:
        section, key = str(path[0]), value["connector"]
        config = registry.offer(SECTIONS[section], key).config
        make = maker.chain if section == "chains" else maker.item
        sections[section].append(make(path, key, _converted(schema, value), config))
    own = {key: value for key, value in document.items() if key not in SECTIONS}
    head = maker.struct((), _converted(schemas.root, own), RecipeHead)
    if head is None or has_errors(maker.findings):
        return None, maker.findings
    return Recipe(head=head, **{section: tuple(items) for section, items in sections.items()}), maker.findings


class _Maker:
    """Makes Structs and turns what they refuse into findings."""

    def __init__(self, root: Node, schemas: Schemas) -> None:
        self._root = root
        self._schemas = schemas
        self.findings: list[Diagnostic] = []

    def item(self, path: Path, key: str, value: Any, config: type[Any]) -> Placed | None:
        typed = self.struct(path, {name: part for name, part in value.items() if name != "connector"}, config)
        return None if typed is None else Placed(path, key, typed)

    def chain(self, path: Path, key: str, value: Any, config: type[Any]) -> PlacedChain | None:
        language, fields = set(ChainItem.__struct_fields__), set(config.__struct_fields__)
        item = self.struct(path, {name: part for name, part in value.items() if name in language}, ChainItem)
        rest = {name: part for name, part in value.items() if name in fields}
        typed: Any = self.struct(path, rest, config)
        return None if typed is None or item is None else PlacedChain(path, key, typed, item)

    def struct(self, path: Path, value: Any, struct: type[_S]) -> _S | None:
        try:
            return msgspec.convert(value, struct)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at `$")
            inner = (*path, *_struct_path(where))
            if bound := _BOUND.match(message):
                unit = BASE_UNITS.get(self._unit(inner), "")
                message = f"must be at {'least' if bound[1] == '>=' else 'most'} {bound[2]} {unit}".rstrip()
            place = locate(self._root, inner)
            self.findings.append(
                Diagnostic(code="R110", span=place.span, message=message, path=inner, related=place.related)
            )
            return None

    def _unit(self, wanted: Path) -> str:
        for path, schema, value in parts(data(self._root), self._schemas):
            for marked in walk(schema, value, path) if path == wanted[: len(path)] else ():
                if marked.path == wanted and "x-unit" in marked.schema:
                    return str(marked.schema["x-unit"])
        return ""


def parts(document: Any, schemas: Schemas) -> Iterator[tuple[Path, Schema, Any]]:
    """The root and every item whose connector is known, each with its schema."""
    yield (), schemas.root, document
    for section in SECTIONS:
        items = document.get(section) if isinstance(document, dict) else None
        for index, item in enumerate(items if isinstance(items, list) else ()):
            key = item.get("connector") if isinstance(item, dict) else None
            if isinstance(key, str) and (section, key) in schemas.items:
                yield (section, index), schemas.items[section, key], item


def _converted(schema: Schema, value: Any) -> Any:
    """The same value with every quantity as the type its Struct receives."""
    unit = schema.get("x-unit")
    if unit is not None:
        return value if unit in _KEPT_AS_TEXT else parse(unit, value)
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        return {key: _converted(properties.get(key, others), child) for key, child in value.items()}
    if isinstance(value, list):
        inner = schema.get("items", {})
        return [_converted(inner, child) for child in value]
    if isinstance(value, Secret):
        return f"${{secret:{value}}}" if schema.get("x-secret") == "allowed" else str(value)
    return value


def _stray_secrets(root: Node, path: Path, value: Any, allowed: set[Path]) -> Iterator[Diagnostic]:
    if path in allowed:
        return  # A list or mapping instead of the reference is a finding already.
    if isinstance(value, Secret):
        place = locate(root, path)
        message = f"{dotted(path)} cannot be a secret"
        label = "write the value itself, or ${env:NAME}"
        yield Diagnostic(code="R022", span=place.span, message=message, label=label, path=path, related=place.related)
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _stray_secrets(root, (*path, key), child, allowed)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _stray_secrets(root, (*path, index), child, allowed)


def _struct_path(where: str) -> Path:
    parts: list[str | int] = []
    for piece in where.rstrip("`").replace("[", ".[").split("."):
        if piece.startswith("[") and piece[1:-1].isdigit():
            parts.append(int(piece[1:-1]))
        elif piece and not piece.startswith("["):
            parts.append(piece)
    return tuple(parts)
