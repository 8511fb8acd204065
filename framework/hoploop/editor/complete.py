"""What may be written at the cursor: keys, choices, ids, connectors, quantities, templates, variables, files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lsprotocol import types as lsp

from hoploop.editor.cursor import Cursor, cursor_at
from hoploop.editor.guide import KEYED_BY, Field, Guide, variants
from hoploop.editor.names import Mention, points_at
from hoploop.editor.text import Text
from hoploop.editor.world import World
from hoploop.plugin.registry import Registry
from hoploop.recipe.explain import about
from hoploop.recipe.masking import hide_key_material
from hoploop.recipe.nodes import Node
from hoploop.recipe.resolve import BACKENDS
from hoploop.recipe.schema import Schema
from hoploop.recipe.sections import SECTIONS

_REFERENCE = re.compile(r"\$\{?[a-z]*:?[A-Za-z0-9_/]*$")
_MOST = 500


class Choice(NamedTuple):
    """One thing that may be written."""

    word: str
    kind: lsp.CompletionItemKind = lsp.CompletionItemKind.Value
    detail: str = ""
    text: str = ""
    """Documentation."""
    rank: int = 1
    after: str = ""
    """What is inserted after the word."""


class Completer:
    """Answers for one set of connectors."""

    def __init__(self, registry: Registry, guide: Guide) -> None:
        self._registry = registry
        self._guide = guide

    def complete(
        self, text: Text, offset: int, path: str, world: World, files: Iterable[str] = ()
    ) -> lsp.CompletionList:
        """Everything that fits at an offset of the file at `path`; `files` could be included."""
        line, _ = text.place(offset)
        before = text.text[text.start(line - 1) : offset]
        if (match := _REFERENCE.search(before)) and "#" not in before:
            return self._references(text, offset - len(match[0]), offset, world)
        cursor = cursor_at(text, offset, path)
        if cursor is None:
            return lsp.CompletionList(is_incomplete=False, items=[])
        field = self._guide.field(cursor.tree, cursor.path, world.whole)
        if cursor.on_key and (field is None or field.holds_keys):
            choices = [] if field is None else list(self._keys(field, cursor, world))
        elif cursor.path[:1] == ("include",):
            choices = [Choice(file, lsp.CompletionItemKind.File) for file in files]
        else:
            choices = list(self._values(field, cursor, world))
        return _listed(text, cursor, choices)

    def _keys(self, field: Field, cursor: Cursor, world: World) -> Iterator[Choice]:
        here = _node(cursor.tree, cursor.path)
        present = set() if here is None else set(here.entries)
        colon = "" if cursor.colon else ":"
        names = KEYED_BY.get(str(cursor.path[-1])) if cursor.path else None
        for name, mention in (world.defined(names) if names else {}).items():
            if name not in present:
                yield Choice(name, lsp.CompletionItemKind.Reference, _item(mention), after=f"{colon} " if colon else "")
        for name, schema in field.properties.items():
            if name in present or "x-planned" in schema:
                continue
            needed = name in field.needed
            says = about(schema, needed)
            after = colon if schema.get("type") in ("object", "array") else f"{colon} " if colon else ""
            kind = lsp.CompletionItemKind.Property
            yield Choice(name, kind, says[0], "\n\n".join(says[1:]), 0 if needed else 1, after)

    def _values(self, field: Field | None, cursor: Cursor, world: World) -> Iterator[Choice]:
        path = cursor.path
        if path[-1:] == ("use",) or path[-2:-1] == ("use",):
            yield from (Choice(name, lsp.CompletionItemKind.Class) for name in world.defined("templates"))
            return
        if field is None:
            return
        if path[-1:] == ("connector",) and field.section in SECTIONS:
            yield from self._connectors(field, world)
            return
        if path[-1:] == ("id",) and "profiles" in path[:1]:
            yield from (Choice(name, lsp.CompletionItemKind.Reference) for name in world.defined(field.section))
        for kind in dict.fromkeys(points_at(_bare(path), field.schema)):
            yield from _ids(kind, field, world)
        for schema in variants(field.schema):
            yield from _plain(schema, field, path[-1], world)

    def _connectors(self, field: Field, world: World) -> Iterator[Choice]:
        wanted = self._family(field, world)
        for key in self._registry.keys(SECTIONS[field.section]):
            found = self._registry.get(key)
            if wanted in (None, found.family):
                detail = f"{found.family}, {found.stability.value}"
                yield Choice(key, lsp.CompletionItemKind.Module, detail, found.title)

    def _family(self, field: Field, world: World) -> str | None:
        chain = world.defined("chains").get(_chain(field.item) or "")
        key = "" if chain is None else self._guide.connector("chains", chain.item, world.whole)
        return self._registry.get(key).family if key in self._registry else None

    def _references(self, text: Text, start: int, end: int, world: World) -> lsp.CompletionList:
        variable = lsp.CompletionItemKind.Variable
        choices = [Choice(f"${{var:{name}}}", variable, "variable of the recipe") for name in world.defined("vars")]
        choices += [Choice(f"${{secret:{name}/", variable, "secret reference", after="}") for name in BACKENDS]
        choices.append(Choice("${env:", variable, "variable of the environment", after="}"))
        closed = text.text[end : end + 1] == "}"
        span = text.range(start, end + closed)
        items = [_completed(choice, span, choice.word + choice.after) for choice in choices]
        return lsp.CompletionList(is_incomplete=False, items=items)


def _ids(kind: str, field: Field, world: World) -> Iterator[Choice]:
    mine = _chain(field.item)
    for name, mention in world.defined(kind).items():
        home = world.defined("venues").get(name.partition("/")[0]) if kind == "pools" else mention
        theirs = None if home is None else _chain(home.item)
        if kind == "chains" or mine is None or theirs in (mine, None):
            yield Choice(name, lsp.CompletionItemKind.Reference, _item(mention))


def _plain(schema: Schema, field: Field, key: str | int, world: World) -> Iterator[Choice]:
    """Choices and quantities a schema itself names."""
    later = schema.get("x-planned-values", {})
    member = lsp.CompletionItemKind.EnumMember
    default = schema.get("default")
    words = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
    for word in words:
        if word not in later:
            yield Choice(str(word), member, "default" if word == default else "")
    if schema.get("type") == "boolean":
        for truth in (True, False):
            yield Choice(str(truth).lower(), member, "default" if truth is default else "")
    if schema.get("x-secret") is True:
        yield from (Choice(f"${{secret:{name}/}}", detail="secret reference") for name in BACKENDS)
    unit = schema.get("x-unit")
    if unit == "amount" and (asset := _asset(field, key, world)):
        yield Choice(f"1 {asset}", lsp.CompletionItemKind.Unit, "amount")
    elif unit is not None or "pattern" in schema:
        examples = [default, *schema.get("examples", ())]
        for word in dict.fromkeys(one for one in examples if isinstance(one, str)):
            yield Choice(word, lsp.CompletionItemKind.Unit, "default" if word == default else "for example")


def _asset(field: Field, key: str | int, world: World) -> str:
    """The unit of an amount: that of the strategy's base asset or of the asset it is keyed by."""
    assets = world.defined("assets")
    base = _word(field.item, "base")
    asset = assets.get(str(key)) or assets.get(base or "")
    return "" if asset is None else _word(asset.item, "symbol") or asset.name


def _listed(text: Text, cursor: Cursor, choices: list[Choice]) -> lsp.CompletionList:
    span = text.range(cursor.start, cursor.end)
    seen = {choice.word: choice for choice in reversed(choices) if _public(choice)}
    ordered = list(reversed(seen.values()))[:_MOST]
    items = [_completed(one, span, one.word + one.after if one.after else _quoted(one.word, cursor)) for one in ordered]
    return lsp.CompletionList(is_incomplete=len(seen) > _MOST, items=items)


def _public(choice: Choice) -> bool:
    """Whether nothing of it looks like a key that was written where a name goes."""
    words = f"{choice.word} {choice.detail}"
    return hide_key_material(words) == words


def _quoted(word: str, cursor: Cursor) -> str:
    return f'"{word}"' if " " in word or (cursor.bracket and ("{" in word or "%" in word)) else word


def _completed(choice: Choice, span: lsp.Range, written: str) -> lsp.CompletionItem:
    return lsp.CompletionItem(
        label=choice.word,
        kind=choice.kind,
        detail=choice.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, choice.text) if choice.text else None,
        sort_text=f"{choice.rank}{choice.word}",
        filter_text=written,
        text_edit=lsp.TextEdit(span, written),
    )


def _bare(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return path[2:] if path[:1] == ("profiles",) else path


def _item(mention: Mention) -> str:
    """What is told of an id beside its name."""
    item = mention.item
    words = [_word(item, key) for key in ("connector", "symbol", "chain")]
    return ", ".join(word for word in words if word)


def _chain(item: Node | None) -> str | None:
    return _word(item, "chain")


def _word(item: Node | None, key: str) -> str | None:
    entry = None if item is None else item.entries.get(key)
    return entry.node.value if entry is not None and isinstance(entry.node.value, str) else None


def _node(tree: Node, path: tuple[str | int, ...]) -> Node | None:
    node = tree
    for part in path:
        if isinstance(part, int):
            if part >= len(node.items):
                return None
            node = node.items[part]
        elif part in node.entries:
            node = node.entries[part].node
        else:
            return None
    return node
