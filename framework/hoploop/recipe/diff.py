"""What is different between two recipes: value by value, how a running engine takes it, and whether it raises risk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

import msgspec

from hoploop.model.money import Ratio
from hoploop.recipe.language.marks import Apply
from hoploop.recipe.nodes import Secret
from hoploop.recipe.schema import Schema, Schemas
from hoploop.recipe.sections import SECTIONS
from hoploop.recipe.units import Amount, BadQuantity, Freshness, Rate, parse

_MISSING: Any = object()
_ORDER: Mapping[Apply, int] = {"live": 0, "component": 1, "engine": 2}
_BRACKET = re.compile(r"[\[\]{}]")
_DEEPEST = 100
_SAFER_WITH_MORE = frozenset({"risk.breakers", "tests", "alerts", "assets", "universes"})
"""Lists whose new items let nothing more happen."""
_RISKIER_WITH_LESS = frozenset({"risk.breakers"})


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One value that is different."""

    way: tuple[str, ...]
    """Keys and item ids that lead to it."""
    before: str | None
    """As JSON; None when it was not there."""
    after: str | None
    apply: Apply
    raises_risk: bool
    item: bool = False
    """Whether it is a whole item of a list."""

    @property
    def path(self) -> str:
        """`strategies.cycles.size.max_notional`."""
        return ".".join(self.way)

    def __str__(self) -> str:
        sign = "+" if self.before is None else "-" if self.after is None else "~"
        both = " → ".join(text for text in (self.before, self.after) if text is not None)
        return f"{sign} {self.path} {both}  {self.apply}{'  ▲ raises risk' if self.raises_risk else ''}"


def diff(before: Any, after: Any, schemas: Schemas) -> tuple[Change, ...]:
    """Every difference between two loaded documents (see `plain`), in the order of the language."""
    return tuple(_Differ(schemas).mapping(schemas.root, before, after, _Where((), "component", False)))


def patched(document: Any, changes: Iterable[Change]) -> Any:
    """The document with the changes made; new items come last. `diff(document, patched(document, c))` is `c`."""
    result = _copied(document)
    for change in changes:
        *way, last = change.way
        owner = result
        for at, part in enumerate(way):
            owner = _step(owner, part, [] if change.item and at == len(way) - 1 else {})
        _put(owner, last, _MISSING if change.after is None else _read(change.after))
    return result


def _read(text: str) -> Any:
    """JSON of a change; ValueError when it is none, or so deep that reading it could end the process."""
    steps = (1 if bracket in "[{" else -1 for bracket in _BRACKET.findall(text))
    if max(accumulate(steps), default=0) > _DEEPEST:
        raise ValueError("nested too deeply")
    return msgspec.json.decode(text)


def hardest(changes: Sequence[Change]) -> Apply | None:
    """What a running engine must do for all of them; None when there is nothing to do."""
    return max((change.apply for change in changes), key=_ORDER.__getitem__, default=None)


class _Where(msgspec.Struct, frozen=True):
    """A place in both documents: its name, how changes there are applied, and whether a connector owns it."""

    way: tuple[str, ...]
    apply: Apply
    foreign: bool

    @property
    def path(self) -> str:
        return ".".join(self.way)

    def inner(self, name: str, schema: Schema) -> _Where:
        return _Where((*self.way, name), schema.get("x-apply", self.apply), self.foreign)


class _Differ:
    """Walks two documents beside their schema."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def mapping(self, schema: Schema, before: Any, after: Any, where: _Where) -> Iterator[Change]:
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        names = [name for name in properties if name in before or name in after]
        names += [name for name in {**before, **after} if name not in properties]
        for name in names:
            inner = properties.get(name, others)
            if name not in properties and "x-risk" in schema:
                inner = {"x-risk": schema["x-risk"], **inner}
            old, new = before.get(name, _MISSING), after.get(name, _MISSING)
            yield from self.value(inner, old, new, where.inner(name, inner))

    def value(self, schema: Schema, before: Any, after: Any, where: _Where) -> Iterator[Change]:
        before = _default(schema) if before is _MISSING else before
        after = _default(schema) if after is _MISSING else after
        if before == after and type(before) is type(after):
            return
        there = [value for value in (before, after) if value is not _MISSING]
        if all(isinstance(value, dict) for value in there):
            one, other = ({} if value is _MISSING else value for value in (before, after))
            yield from self.mapping(schema, one, other, where)
        elif there and all(isinstance(value, list) and _are_items(value) for value in there):
            one, other = ([] if value is _MISSING else value for value in (before, after))
            yield from self.items(schema, one, other, where)
        else:
            yield _change(schema, before, after, where)

    def items(self, schema: Schema, before: list[Any], after: list[Any], where: _Where) -> Iterator[Change]:
        old, new = ({_name(item): item for item in items} for items in (before, after))
        for name in {**old, **new}:
            one, other = old.get(name, _MISSING), new.get(name, _MISSING)
            inner, foreign = self._item(schema, where.path, other if one is _MISSING else one)
            place = msgspec.structs.replace(where.inner(name, {}), foreign=where.foreign or foreign)
            if one is _MISSING or other is _MISSING or one.get("connector") != other.get("connector"):
                yield _whole(one, other, place, where.path)
            else:
                yield from self.mapping(inner, one, other, place)

    def _item(self, schema: Schema, section: str, item: Any) -> tuple[Schema, bool]:
        if section in SECTIONS:
            return self._schemas.items.get((section, item.get("connector", "")), {}), True
        inner = schema.get("items", {})
        return (inner if isinstance(inner, dict) else {}), False


def _default(schema: Schema) -> Any:
    """What a missing value means; the fields of a missing mapping have defaults of their own."""
    default = schema.get("default", _MISSING)
    if isinstance(default, dict) and "properties" in schema:
        return {}
    return list(default) if isinstance(default, tuple) else default


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(child) for key, child in value.items()}
    return [_copied(child) for child in value] if isinstance(value, list) else value


def _step(owner: Any, part: str, empty: Any) -> Any:
    if isinstance(owner, list):
        return next(item for item in owner if _name(item) == part)
    return owner.setdefault(part, empty)


def _put(owner: Any, part: str, value: Any) -> None:
    if isinstance(owner, dict):
        if value is _MISSING:
            owner.pop(part, None)
        else:
            owner[part] = value
        return
    at = next((index for index, item in enumerate(owner) if _name(item) == part), len(owner))
    owner[at : at + 1] = [] if value is _MISSING else [value]


def _are_items(values: list[Any]) -> bool:
    return all(isinstance(value, dict) and ("id" in value or "name" in value) for value in values)


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("id", item.get("name")))


def _whole(before: Any, after: Any, where: _Where, section: str) -> Change:
    added = before is _MISSING
    raises = section not in _SAFER_WITH_MORE if added or after is not _MISSING else section in _RISKIER_WITH_LESS
    # Chains are opened when the engine starts; there is nothing to swap one with.
    how: Apply = "engine" if section == "chains" else where.apply
    return Change(way=where.way, before=_said(before), after=_said(after), apply=how, raises_risk=raises, item=True)


def _change(schema: Schema, before: Any, after: Any, where: _Where) -> Change:
    return Change(
        way=where.way,
        before=_said(before),
        after=_said(after),
        apply=where.apply,
        raises_risk=_raises(schema, before, after, where),
    )


def _raises(schema: Schema, before: Any, after: Any, where: _Where) -> bool:
    """What cannot be judged counts as raised: that is every key of a connector that does not say."""
    risk = schema.get("x-risk")
    if risk is None:
        if isinstance(after, list):
            had = before if isinstance(before, list) else []
            # An empty list may mean any.
            return where.foreign or _lacks(had, after) or bool(had and not after)
        return after is True if where.path.endswith(".enabled") else where.foreign
    if after is _MISSING or risk == "any":
        return True
    if before is _MISSING:
        return False
    if isinstance(before, list) and isinstance(after, list):
        return _lacks(before, after) if risk == "up" else _lacks(after, before)
    try:
        (kind, old), (other, new) = _size(schema, before), _size(schema, after)
    except (TypeError, BadQuantity):
        return True
    return kind != other or (new > old if risk == "up" else new < old)


def _lacks(some: list[Any], others: list[Any]) -> bool:
    """Whether any of the others is not among some."""
    return any(one not in some for one in others)


def _size(schema: Schema, value: Any) -> tuple[str, Fraction]:
    """A number that grows with the value, and what it counts."""
    if schema.get("x-unit") and isinstance(value, str):
        value = parse(schema["x-unit"], value)
    if isinstance(value, Amount):
        return value.word, Fraction(value.number.replace("_", ""))
    if isinstance(value, Ratio):
        return "", Fraction(value.num, value.den)
    if isinstance(value, Rate):
        return "", Fraction(value.times, value.per_ms)
    if isinstance(value, Freshness):
        return ("ms", Fraction(value.ms)) if value.ms is not None else ("blocks", Fraction(value.blocks or 0))
    if isinstance(value, (bool, int, Decimal)):
        return "", Fraction(value)
    raise TypeError(type(value).__name__)


def _said(value: Any) -> str | None:
    if value is _MISSING:
        return None
    return msgspec.json.encode(value).decode()


def plain(value: Any) -> Any:
    """A loaded document as JSON types, and as a recipe says it: read once more it is the same document.

    Secrets stay references; a text that looks like a reference is written so that it stays text.
    """
    if isinstance(value, Secret):
        return f"${{secret:{value}}}"
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return str(value) if isinstance(value, Decimal) else value
