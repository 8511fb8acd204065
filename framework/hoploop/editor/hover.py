"""What stands under the pointer: the field and its meaning, the thing a name stands for, the code of a finding."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from hoploop.codes import CODES
from hoploop.editor.guide import Guide
from hoploop.editor.names import Mention
from hoploop.editor.project import Project
from hoploop.editor.text import Text
from hoploop.editor.tree import readable, spot
from hoploop.editor.world import World
from hoploop.plugin.registry import Registry
from hoploop.recipe.explain import about
from hoploop.recipe.masking import shown as masked
from hoploop.recipe.nodes import Node
from hoploop.recipe.sections import SECTIONS, one_of
from hoploop.recipe.spans import Path, Span

_SHOWN = ("connector", "chain", "symbol", "decimals", "base", "mode")
"""Keys of an item that are shown of it; none of them may be a secret."""


def hover(text: Text, offset: int, path: str, project: Project) -> lsp.Hover | None:
    """What is to say of the word at an offset. Of values, names and `_SHOWN` are repeated, and lines as masked."""
    world, guide, registry = project.world(path), project.guide, project.registry
    line, col = text.place(offset)
    tree = None if path in world.stale else world.files.get(path)
    tree = readable(text.text, path) if tree is None else tree
    here = None if tree is None else spot(tree, line, col)
    blocks: list[str] = []
    if tree is not None and here is not None:
        field = _field(tree, here.path, world, guide)
        blocks += [field] if field else []
        if here.path[-1] == "connector" and not here.on_key:
            blocks += _connector(str(here.node.value), registry)
    mention = world.at(path, line, col)
    if mention is not None and not mention.definition:
        blocks += _thing(mention, world, project)
    for finding in project.findings(path):
        if _covers(finding.span, line, col):
            info = CODES[finding.code]
            blocks.append(f"`{finding.code}` {info.title}: {info.hint}")
    if not blocks:
        return None
    span = here.span if here is not None else None
    value = lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n---\n\n".join(blocks))
    return lsp.Hover(value, text.range_of(span) if span is not None else None)


def _field(tree: Node, path: Path, world: World, guide: Guide) -> str:
    field = guide.field(tree, path, world.whole)
    if field is None:
        return ""
    says = about(field.schema, field.required)
    name = ".".join(str(part) for part in path if not isinstance(part, int))
    return "  \n".join([f"**`{masked(name)}`**: {says[0]}", *says[1:]])


def _connector(key: str, registry: Registry) -> Iterator[str]:
    if key in registry:
        found = registry.get(key)
        yield f"`{key}`: {found.title} ({found.family}, {found.stability.value})"


def _thing(mention: Mention, world: World, project: Project) -> Iterator[str]:
    given = world.defined(mention.kind).get(mention.name)
    if given is None:
        return
    what = one_of(mention.kind) if mention.kind != "vars" else "variable"
    lines = [f"{what} `{masked(mention.name)}`"]
    if given.item is not None and mention.kind in (*SECTIONS, "assets", "strategies", "universes"):
        for key in _SHOWN:
            entry = given.item.entries.get(key)
            if entry is not None and entry.node.kind == "scalar" and "${" not in entry.node.raw:
                lines.append(f"{key}: `{masked(entry.node.raw)}`")
    if mention.kind == "vars" and (line := project.line(given.span.file, given.span.line)):
        lines.append(f"`{line.replace('`', ' ')}`")
    lines.append(f"line {given.span.line} of {given.span.file.rpartition('/')[2]}")
    yield "  \n".join(lines)


def _covers(span: Span, line: int, col: int) -> bool:
    return (span.line, span.col) <= (line, col) <= (span.end_line, span.end_col)
