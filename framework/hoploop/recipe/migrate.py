"""Brings files of an older language to this one: edits of spans, so that comments and layout stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from hoploop.errors import InvariantError
from hoploop.recipe.diagnostics import Diagnostic, Edit
from hoploop.recipe.document import read_document
from hoploop.recipe.fixes import edited
from hoploop.recipe.nodes import Node
from hoploop.recipe.source import Source, source_of
from hoploop.recipe.spans import Span

Migration = Callable[[Node], Iterable[Edit]]
"""What must change in one file from one version to the next; `language` itself is not its business."""


def _says_its_version(_root: Node) -> Iterable[Edit]:
    """Version 1 is what files without `language:` are of."""
    return ()


MIGRATIONS: Mapping[int, Migration] = {0: _says_its_version}
"""Version a file has -> how to get to the next one; 0 is a file that says none."""


class Migrated(NamedTuple):
    """One file after all steps: `text` is what it was when `before` and `after` are the same, or with findings."""

    text: str
    before: int
    after: int
    findings: list[Diagnostic]


def migrated(source: Source, table: Mapping[int, Migration] = MIGRATIONS) -> Migrated:
    """The file in the newest language of the table. Findings: it is no YAML, or of a newer or no version."""
    root, findings = read_document(source)
    if root is None or not any(not entry.node.came for entry in root.entries.values()):
        wrong = findings or [Diagnostic(code="R103", span=_start(source), message="a recipe is a mapping of keys")]
        return Migrated(source.text, 0, 0, wrong)
    newest = max(table) + 1
    before, problem = _version(root, newest)
    if problem is not None:
        return Migrated(source.text, before, before, [problem])
    text = source.text
    for version in range(before, newest):
        text = edited(text, [*table[version](root), _bumped(root, version + 1)])
        root, _ = read_document(source_of(text.encode(), source.file))
        if root is None or _version(root, newest)[0] != version + 1:
            raise InvariantError("G501", f"the migration from language {version} broke {source.file}")
    return Migrated(text, before, newest, [])


def _version(root: Node, newest: int) -> tuple[int, Diagnostic | None]:
    entry = root.entries.get("language")
    if entry is None:
        return 0, None
    value, span = entry.node.value, entry.node.span
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        return 0, Diagnostic(code="R107", span=span, message="a version of the language is a whole number from 1")
    if value > newest:
        message = f"language {value} is newer than this Hoploop, which reads up to {newest}"
        return value, Diagnostic(code="R603", span=span, message=message, path=("language",))
    return value, None


def _bumped(root: Node, version: int) -> Edit:
    """Say the version where it is said, else above the name, else above the first key."""
    own = {name: entry.key for name, entry in root.entries.items() if not entry.node.came}
    if "language" in own:
        return Edit(root.entries["language"].node.span, str(version))
    first = next(iter(own.values()))
    key = own.get("recipe", first)
    flow = (root.span.line, root.span.col) != (first.line, first.col)
    after = ", " if flow else "\n" + " " * (key.col - 1)
    return Edit(key._replace(end_line=key.line, end_col=key.col), f"language: {version}{after}")


def _start(source: Source) -> Span:
    return Span(source.file, 1, 1, 1, 2)
