"""The recipes an editor has open: unsaved text goes before the disk, also for what recipes include."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from hoploop.editor.guide import Guide
from hoploop.editor.world import World
from hoploop.plugin.registry import Registry
from hoploop.recipe.diagnostics import Diagnostic, report
from hoploop.recipe.formatting import formatted
from hoploop.recipe.include import SUFFIXES
from hoploop.recipe.lint import lint
from hoploop.recipe.load import Inspection, Pipeline
from hoploop.recipe.reading import NotARecipeFile
from hoploop.recipe.source import read_included, source_of

_RECIPE = re.compile(r"^(?:recipe[ \t]*:|#.*recipe\.schema\.json)", re.MULTILINE)
_INCLUDE = re.compile(r"^include[ \t]*:", re.MULTILINE)
_LARGE = 100_000
"""Characters, from which on reading a recipe at every letter would be felt."""
_MOST_SEARCHED = 500
_SKIPPED = {"node_modules", "target", "__pycache__"}


class Project:
    """Open texts by path, what was last found in each recipe, and who includes whom."""

    def __init__(self, registry: Registry, environ: Mapping[str, str]) -> None:
        self._pipeline = Pipeline(registry, environ, self.read)
        self.registry = registry
        self.guide = Guide(self._pipeline.schemas)
        self.folders: list[str] = []
        self._open: dict[str, str] = {}
        self._found: dict[str, Inspection] = {}
        self._homes: dict[str, tuple[str, ...]] = {}
        self._worlds: dict[str, tuple[int, World]] = {}
        self._generation = 0

    def put(self, path: str, text: str) -> None:
        """A text as it is in the editor now."""
        self._open[path] = text
        self._generation += 1

    def drop(self, path: str) -> set[str]:
        """The editor closed a file; the files that had findings because of it."""
        self._open.pop(path, None)
        self.stale()
        found = self._found.pop(path, None)
        return set() if found is None else {path, *found.files}

    def stale(self) -> None:
        """Something changed on disk."""
        self._generation += 1
        self._homes.clear()

    def opened(self) -> list[str]:
        """The files the editor has."""
        return list(self._open)

    def line(self, path: str, number: int) -> str:
        """A line of a file that was checked, from 1, with secrets masked; empty before that."""
        found = next((one for one in list(self._found.values()) if path in one.files), None)
        return "" if found is None else found.snippets.line(path, number).strip()

    def read(self, path: str) -> bytes:
        """A file as the editor has it, else as the disk has it."""
        text = self._open.get(path)
        return read_included(path) if text is None else text.encode("utf-8", "replace")

    def text(self, path: str) -> str | None:
        """The same as text; None when it cannot be read."""
        try:
            return self.read(path).decode("utf-8", "replace")
        except (OSError, NotARecipeFile, ValueError):
            return None

    def check(self, path: str) -> set[str]:
        """Inspect every recipe a file is part of; the files whose findings may have changed."""
        touched = {path}
        for root in self.roots(path):
            before = self._found.get(root)
            touched |= set() if before is None else set(before.files)
            text = self.text(root)
            if text is not None:
                self._found[root] = found = self._inspected(text, root)
                touched |= set(found.files)
        if not self.roots(path):
            self._found.pop(path, None)
        self.world(path)
        return touched

    def _inspected(self, text: str, root: str) -> Inspection:
        """A recipe with the findings of every profile and, when it is valid, with advice."""
        source = source_of(text.encode("utf-8", "replace"), root, root)
        found = self._pipeline.inspect_all(source)
        if found.plan is None:
            return found
        plans = {name: self._pipeline.inspect(source, name).plan for name in found.profiles}
        told = report([*found.report.findings, *lint(found, plans)])
        return msgspec.structs.replace(found, report=told)

    def findings(self, path: str) -> list[Diagnostic]:
        """What is wrong in one file, in whatever recipe it is used."""
        unique: dict[object, Diagnostic] = {}
        for found in list(self._found.values()):
            for finding in found.report.findings:
                if finding.span.file == path:
                    unique.setdefault((finding.code, finding.span, finding.message), finding)
        return list(unique.values())

    def roots(self, path: str) -> list[str]:
        """The recipes a file is part of; itself when it is one."""
        own = [path] if _RECIPE.search(self.text(path) or "") else []
        users = [root for root, found in list(self._found.items()) if path in found.files and root != path]
        if not own and not users:
            users = list(self._users(path))
        return list(dict.fromkeys([*own, *users]))

    def world(self, path: str, *, hurry: bool = False) -> World:
        """The names a file can use: those of its recipe, or of the first recipe that includes it.

        In a `hurry`, those of a large recipe may be as they were before the last edits.
        """
        root = next(iter(self.roots(path)), path)
        known = self._worlds.get(root)
        late = hurry and len(self.text(root) or "") > _LARGE
        if known is None or (known[0] != self._generation and not late):
            last = {} if known is None else known[1].files
            known = self._worlds[root] = self._generation, World(root, self.text, self.guide, last)
        return known[1] if path in known[1].files else World(path, self.text, self.guide)

    def beside(self, path: str) -> Iterator[str]:
        """Files near one that it could include, as it would write them."""
        folder = os.path.dirname(path)
        for other in sorted(_recipes([folder])):
            if other != path:
                yield os.path.relpath(other, folder).replace(os.sep, "/")

    def laid_out(self, path: str) -> str | None:
        """A recipe's text as `hoploop fmt` writes it; None when it is no recipe or cannot be read."""
        text = self.text(path)
        if text is None or not self.roots(path):
            return None
        return formatted(source_of(text.encode("utf-8", "replace"), path)).text

    def _users(self, path: str) -> tuple[str, ...]:
        """Recipes of the workspace that include a file; found once, until something changes on disk."""
        if path not in self._homes:
            folders = [folder for folder in self.folders if path.startswith(f"{folder}/")] or [os.path.dirname(path)]
            name = os.path.basename(path)
            self._homes[path] = ()
            users = []
            for other in (*self._open, *_recipes(folders)):
                text = self.text(other) if other != path else None
                if text and name in text and _INCLUDE.search(text) and _RECIPE.search(text):
                    users += [other] if path in World(other, self.text, self.guide).files else []
            self._homes[path] = tuple(dict.fromkeys(users))
        return self._homes[path]


def _recipes(folders: Iterable[str]) -> list[str]:
    found: list[str] = []
    for top in folders:
        for folder, inside, names in os.walk(top):
            inside[:] = sorted(name for name in inside if name not in _SKIPPED and not name.startswith("."))
            found += [str(Path(folder) / name) for name in sorted(names) if name.endswith(SUFFIXES)]
            if len(found) > _MOST_SEARCHED:
                return found[:_MOST_SEARCHED]
    return found
