"""Takes the disabled parts of items out of a tree: pools, reserves, lists, whatever a list of mappings holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.nodes import Entry, Node
from hoploop.recipe.schema import Schema, Schemas
from hoploop.recipe.sections import SECTIONS
from hoploop.recipe.spans import Path
from hoploop.recipe.universe import folded

_KEY = "enabled"


class Enabled(NamedTuple):
    """The tree without what is disabled; `kept` says of every list that lost something what its items were before."""

    root: Node
    kept: Mapping[Path, tuple[int, ...]]
    names: frozenset[str]
    """What lists may call disabled venues and pools: their ids and addresses."""

    def restored(self, finding: Diagnostic) -> Diagnostic:
        """The finding at its path in the whole tree."""
        path: Path = ()
        for step in finding.path:
            kept = self.kept.get(path, ())
            path = (*path, kept[step] if isinstance(step, int) and step < len(kept) else step)
        return finding if path == finding.path else msgspec.structs.replace(finding, path=path)


def without_disabled(root: Node, schemas: Schemas) -> Enabled:
    """`root` has passed the schema. Items with an `enabled` of their own keep it; those of connectors whose parts are
    all disabled are disabled themselves."""
    pruner, keeper = _Pruner(), _Pruner(keep=True)
    entries = dict(root.entries)
    for name, entry in root.entries.items():
        if name not in SECTIONS:
            made = pruner.value(schemas.root["properties"].get(name, {}), entry.node, (name,))
            entries[name] = entry if made is None else Entry(entry.key, made)
            continue
        items = []
        for index, item in enumerate(entry.node.items):
            schema = schemas.items.get((name, str(item.entries["connector"].node.value)), {})
            way: Path = (name, index)
            items.append(pruner.value(schema, item, way) or _off(keeper.value(schema, item, way) or item))
        entries[name] = Entry(entry.key, entry.node.with_items(items))
    made = root.with_entries(entries)
    return Enabled(made, pruner.kept, frozenset(_names(root)) - frozenset(_names(made, off=False)))


def is_off(node: Node) -> bool:
    """Whether an item or a part of one says `enabled: false`."""
    return _KEY in node.entries and node.entries[_KEY].node.value is False


class _Pruner:
    """Walks a tree beside its schema; None stands for what has lost something it needs. `keep` loses nothing."""

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self._deep: dict[int, bool] = {}
        self.kept: dict[Path, tuple[int, ...]] = {}

    def value(self, schema: Schema, node: Node, path: Path) -> Node | None:
        if not self._holds_parts(schema):
            return node
        return self._items(schema, node, path) if node.kind == "list" else self._mapping(schema, node, path)

    def _mapping(self, schema: Schema, node: Node, path: Path) -> Node | None:
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        entries = {}
        for name, (key, child) in node.entries.items():
            inner = properties.get(name, others)
            made = self.value(inner, child, (*path, name)) if isinstance(inner, dict) else child
            if made is None:
                return None
            entries[name] = Entry(key, made)
        return node.with_entries(entries)

    def _items(self, schema: Schema, node: Node, path: Path) -> Node | None:
        inner = schema.get("items", {})
        part = _is_part(inner)
        kept: dict[int, Node] = {}
        for index, child in enumerate(node.items):
            if part and _KEY in child.entries:
                if is_off(child) and not self._keep:
                    continue
                child = child.with_entries({name: entry for name, entry in child.entries.items() if name != _KEY})
            made = self.value(inner, child, (*path, index))
            if made is not None:
                kept[index] = made
            elif not part:
                return None
        if len(kept) < len(node.items):
            self.kept[path] = tuple(kept)
            if len(kept) < schema.get("minItems", 0):
                return None
        return node.with_items(list(kept.values()))

    def _holds_parts(self, schema: Schema) -> bool:
        """Whether anything below can be disabled by itself."""
        if id(schema) not in self._deep:
            below = [*schema.get("properties", {}).values(), schema.get("additionalProperties"), schema.get("items")]
            found = _is_part(schema.get("items", {})) or any(
                self._holds_parts(one) for one in below if isinstance(one, dict)
            )
            self._deep[id(schema)] = found
        return self._deep[id(schema)]


def _is_part(schema: Schema) -> bool:
    return "x-part" in schema.get("properties", {}).get(_KEY, {})


def _names(root: Node, *, off: bool = True) -> Iterator[str]:
    """What venues and their pools are called; without `off` only of those that are enabled."""
    for venue in root.entries["venues"].node.items:
        if off or not is_off(venue):
            name = venue.entries["id"].node.value
            yield name
            pools = venue.entries["pools"].node.items if "pools" in venue.entries else ()
            yield from (f"{name}/{pool.entries['name'].node.value}" for pool in pools if "name" in pool.entries)
            yield from (folded(str(pool.entries["address"].node.value)) for pool in pools if "address" in pool.entries)


def _off(item: Node) -> Node:
    """An item whose parts are all disabled."""
    place = next(entry.key for entry in item.entries.values())
    off = Node("scalar", place, value=False, raw="false", plain=True)
    return item.with_entries({**item.entries, _KEY: Entry(place, off)})
