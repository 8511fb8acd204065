"""Draws changes of a recipe from its schema: any field, any item, good and bad; a new field joins by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from hoploop.recipe.diff import Change, diff
from hoploop.recipe.schema import Schema, Schemas
from hoploop.recipe.sections import SECTIONS

MISSING: Any = object()
_NUMBER = re.compile(r"\d[\d_]*(\.\d+)?")
_DEEP = "[" * 5_000 + "]" * 5_000
_NEAR = 8
"""A number is drawn between this part and this multiple of what the recipe says at the start."""


class Place(NamedTuple):
    """A value that a recipe has or could have."""

    way: tuple[str, ...]
    schema: Schema
    value: Any
    required: bool
    chain: str
    """Where the item it belongs to lives; empty when it is everywhere."""


class Edit(NamedTuple):
    """Changes to ask for together, and what is wrong with asking."""

    kind: str
    changes: tuple[Change, ...]
    accept_risk: bool = True
    old_generation: bool = False
    wrong_fingerprint: bool = False


def places(schemas: Schemas, document: Any) -> Iterator[Place]:
    """Every field of every item, set or not, that is not refused as planned."""
    return _inside(schemas, schemas.root, document, (), "")


def _inside(
    schemas: Schemas, schema: Schema, value: Mapping[str, Any], way: tuple[str, ...], chain: str
) -> Iterator[Place]:
    others = schema.get("additionalProperties")
    named: dict[str, Schema] = schema.get("properties", {})
    keyed = {key: others for key in value if key not in named} if isinstance(others, dict) else {}
    for name, inner in (named | keyed).items():
        if "x-planned" not in inner and "const" not in inner:
            place = Place((*way, name), inner, value.get(name, MISSING), name in schema.get("required", ()), chain)
            yield from _below(schemas, place)


def _below(schemas: Schemas, place: Place) -> Iterator[Place]:
    value = place.value
    if "properties" in place.schema or isinstance(place.schema.get("additionalProperties"), dict):
        yield from _inside(schemas, place.schema, {} if value is MISSING else value, place.way, place.chain)
        if value is not MISSING and "additionalProperties" not in place.schema:
            yield place
    elif _are_items(value):
        for item in value:
            inner = schemas.items.get((place.way[-1], item.get("connector", "")), place.schema["items"])
            chain = item["id"] if place.way == ("chains",) else item.get("chain", place.chain)
            yield from _inside(schemas, inner, item, (*place.way, name_of(item)), chain)
    else:
        yield place


class Editor:
    """The same seed and the same documents make the same edits. Keeps near `start`, so that the recipe stays one that
    trades: numbers within a factor of what they were, and every fourth edit takes back what others did.
    """

    def __init__(self, seed: int, schemas: Schemas, start: Any) -> None:
        self._random, self._schemas, self._start = Random(seed), schemas, start
        self._first = {place.way: place.value for place in places(schemas, start)}

    def edit(self, running: Any) -> Edit:
        """One edit of what runs; about half of them must be refused for one reason or another."""
        random = self._random
        if random.random() < 0.1:
            return Edit("invalid", (self._invalid(running),))
        draw = random.choice((*[self._field] * 4, self._item, *[self._back] * 2, self._many))
        kind, changes = draw(running)
        fate = random.random()
        return Edit(kind, changes, fate > 0.1, old_generation=fate > 0.98, wrong_fingerprint=0.96 < fate <= 0.98)

    def _field(self, running: Any) -> tuple[str, tuple[Change, ...]]:
        found = list(places(self._schemas, running))
        while True:
            # By name, so that the many pools do not leave everything else behind.
            name = self._random.choice(sorted({place.way[-1] for place in found}))
            place = self._random.choice([place for place in found if place.way[-1] == name])
            value = self._value(place, found, running)
            if value is not MISSING:
                return "field", (change(place.way, value),)

    def _many(self, running: Any) -> tuple[str, tuple[Change, ...]]:
        drawn = [self._field(running)[1][0] for _ in range(self._random.randint(2, 4))]
        return "many", tuple({one.way: one for one in drawn}.values())

    def _back(self, running: Any) -> tuple[str, tuple[Change, ...]]:
        """Some of the way to the start, or all of it."""
        changes = diff(running, self._start, self._schemas)
        if not changes:
            return self._field(running)
        some = tuple(one for one in changes if self._random.random() < 0.5)
        return "back", some if some and self._random.random() < 0.5 else changes

    def _item(self, running: Any) -> tuple[str, tuple[Change, ...]]:
        """Leave one item out, or put one in beside it that differs in its name."""
        found = [(way, item) for way, items in _lists(running) for item in items]
        way, item = self._random.choice(found)
        if self._random.random() < 0.5:
            return "remove", (change((*way, name_of(item)), MISSING, item=True),)
        key = "id" if "id" in item else "name"
        twin = {**item, key: f"{item[key][:40]}_{self._random.randint(2, 9)}"}
        return "add", (change((*way, twin[key]), twin, item=True),)

    def _invalid(self, running: Any) -> Change:
        """Nothing that could run: of the wrong type, unknown, out of bounds, or not to be understood at all."""
        random, found = self._random, list(places(self._schemas, running))
        place = random.choice(found)
        bounded = [one for one in found if "maximum" in one.schema or "minimum" in one.schema]
        chosen = [one for one in found if isinstance(one.value, str) and "enum" in one.schema]
        refers = [one for one in found if "x-ref" in one.schema]
        return random.choice((
            change(place.way, {"no": ["such", "thing"]}),
            change((*place.way[:-1], "no_such_key"), 1),
            change((*place.way, "deeper", "still"), 1),
            change(random.choice(bounded).way, -(10**random.randint(1, 40))),
            change(random.choice(chosen).way, "nothing"),
            change(random.choice(refers).way, "nobody"),
            change(("nowhere", "at_all"), "x", item=True),
            Change(way=(), before=None, after="1", apply="live", raises_risk=False),
            Change(way=place.way, before=None, after=random.choice(("{", "", "nan", _DEEP)), apply="live",
                   raises_risk=False),
        ))  # fmt: skip

    def _value(self, place: Place, found: Sequence[Place], running: Any) -> Any:
        """Another value the schema allows; None to take it out, MISSING when nothing can be drawn."""
        schema, random = place.schema, self._random
        if place.value is not MISSING and not place.required and random.random() < 0.25:
            return None
        drawn: Any = MISSING
        if "enum" in schema:
            drawn = random.choice([one for one in schema["enum"] if one not in schema.get("x-planned-values", {})])
        elif schema.get("type") == "boolean":
            drawn = random.random() < 0.5
        elif schema.get("type") == "integer":
            drawn = self._integer(place)
        elif schema.get("type") == "array":
            drawn = self._list(place, running)
        elif "x-ref" in schema:
            drawn = random.choice(_named(running, schema["x-ref"], place.chain) or [MISSING])
        elif "x-unit" in schema:
            drawn = self._quantity(place, found)
        elif schema.get("type") == "string" and not schema.get("x-secret"):
            drawn = self._text(place, found)
        return MISSING if drawn == place.value else drawn

    def _integer(self, place: Place) -> int:
        first = self._first.get(place.way, MISSING)
        first = place.schema.get("default", place.schema.get("examples", [1])[0]) if first is MISSING else first
        least, most = place.schema.get("minimum", 0), place.schema.get("maximum", 1 << 32)
        return max(least, min(most, self._random.randint(first // _NEAR, first * _NEAR)))

    def _quantity(self, place: Place, found: Sequence[Place]) -> str:
        """The same unit as at the start, as another of its kind or as an example."""
        first = self._first.get(place.way, MISSING)
        if first is MISSING:
            unit = place.schema["x-unit"]
            alike = [one.value for one in _beside(place, found) if one.schema.get("x-unit") == unit]
            first = self._random.choice([*alike, *place.schema.get("examples", [])])
        return _NUMBER.sub(lambda match: self._near(match[0]), first, count=1)

    def _near(self, number: str) -> str:
        digits = len(number.partition(".")[2])
        scaled = int(number.replace(".", "").replace("_", ""))
        scaled = max(1, self._random.randint(scaled // _NEAR, scaled * _NEAR))
        return str(scaled) if not digits else f"{scaled // 10**digits}.{scaled % 10**digits:0{digits}d}"

    def _list(self, place: Place, running: Any) -> Any:
        """Some of it, or some of what could be in it."""
        schema, had = place.schema["items"], [] if place.value is MISSING else place.value
        if "x-ref" in schema:
            pool: list[Any] = _named(running, schema["x-ref"], place.chain)
        elif schema.get("type") == "string" and place.way[-1] in ("pools", "exclude"):
            pool = [name for venue in running["venues"] if venue["chain"] == place.chain for name in _pools(venue)]
        else:
            pool = [*had, *place.schema.get("examples", [[]])[0]]
        wanted = self._random.randint(0, min(len(pool), 1 + len(had)))
        return self._random.sample(pool, wanted)

    def _text(self, place: Place, found: Sequence[Place]) -> Any:
        """What another field of the name says, or an example."""
        alike = [one.value for one in _beside(place, found) if one.way[-1] == place.way[-1]]
        return self._random.choice([*alike, *place.schema.get("examples", [MISSING])])


def change(way: tuple[str, ...], value: Any, *, item: bool = False) -> Change:
    """A change as an operator's command sends it; None and MISSING take the value out."""
    gone = value is None or value is MISSING
    return Change(
        way=way, before=None, after=None if gone else json.dumps(value), apply="live", raises_risk=False, item=item
    )


def name_of(item: Mapping[str, Any]) -> str:
    """What changes call an item of a list by."""
    return str(item.get("id", item.get("name")))


def _beside(place: Place, found: Sequence[Place]) -> list[Place]:
    """What is set on the same chain."""
    return [one for one in found if one.chain == place.chain and one.value is not MISSING]


def _named(document: Any, section: str, chain: str) -> list[str]:
    """Items of a section on a chain."""
    return [name_of(item) for item in document.get(section, []) if item.get("chain", chain) == chain or not chain]


def _lists(document: Any) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Lists of items, with the keys and ids that lead to each."""
    for section, value in document.items():
        parts = [((section,), value)]
        if section in SECTIONS:
            parts += [((section, name_of(item), key), below) for item in value for key, below in item.items()]
        elif isinstance(value, dict):
            parts = [((section, key), below) for key, below in value.items()]
        yield from ((way, items) for way, items in parts if _are_items(items))


def _are_items(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(
        isinstance(one, dict) and ("id" in one or "name" in one) for one in value
    )


def _pools(venue: Mapping[str, Any]) -> list[str]:
    return [venue["id"], *(f"{venue['id']}/{pool['name']}" for pool in venue.get("pools", []))]
