"""A change of a running recipe: worked out by the operator's command, worked out again by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hoploop.errors import RecipeError
from hoploop.plugin.registry import Registry
from hoploop.recipe.describe import public_endpoint
from hoploop.recipe.diff import Change, diff, patched, plain
from hoploop.recipe.load import Inspection, Pipeline
from hoploop.recipe.masking import hide_key_material
from hoploop.recipe.nodes import data
from hoploop.recipe.plan import Plan
from hoploop.recipe.source import source_of


class Loaded(msgspec.Struct, frozen=True):
    """A recipe that can run: its plan, and its document after loading (see `diff.plain`)."""

    plan: Plan
    document: Any


class Proposal(msgspec.Struct, frozen=True):
    """A recipe to go on with, and what is different."""

    loaded: Loaded
    changes: tuple[Change, ...]


def loaded(found: Inspection) -> Loaded:
    """What an inspection without errors found; its document needs no file, not even a list of pools."""
    assert found.plan is not None
    assert found.listed is not None
    return Loaded(found.plan, plain(data(found.listed)))


class Replayer:
    """Makes changes on a document and compiles it: operator and engine must come to the same plan by the same way.

    Environment variables are read when a recipe is loaded, never when it is changed.
    """

    def __init__(self, registry: Registry) -> None:
        self._pipeline = Pipeline(registry, {})

    def propose(self, running: Any, wanted: Any) -> Proposal:
        """From the document that runs to the wanted one. The result keeps the running one's order of items, so that the
        same changes always lead to the same plan. RecipeError R400 when it is invalid.
        """
        return self.replay(running, diff(running, wanted, self._pipeline.schemas))

    def replay(self, running: Any, changes: Sequence[Change]) -> Proposal:
        """Make the changes and compile; what they are is worked out anew, whatever they say of themselves.

        The result is what these differences lead to, for whoever makes them again: without words that mean nothing, and
        with an item under a new name in the last place.
        """
        try:
            text = msgspec.json.encode(patched(running, changes))
        except (LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
            raise RecipeError("R500", f"the changes do not fit the running recipe: {type(error).__name__}") from None
        made = self._compiled(text)
        differences = diff(running, made.document, self._pipeline.schemas)
        document = patched(running, differences)
        if document != made.document:
            made = self._compiled(msgspec.json.encode(document))
        return Proposal(made, differences)

    def _compiled(self, text: bytes) -> Loaded:
        found = self._pipeline.inspect(source_of(text, "the changed recipe"))
        if found.plan is None:
            first = next(finding for finding in found.report.findings if finding.severity == "error")
            raise RecipeError("R400", f"{first.code}: {first.message}", diagnostics=found.report.findings)
        return loaded(found)


def public_changes(changes: Sequence[Change]) -> tuple[dict[str, Any], ...]:
    """The changes as a log may keep them: URLs without user, path and query, nothing that looks like a key."""
    return tuple(msgspec.structs.asdict(public_change(change)) for change in changes)


def public_change(change: Change) -> Change:
    """One change as anybody may see it."""
    return msgspec.structs.replace(change, before=_public(change.before), after=_public(change.after))


def _public(text: str | None) -> str | None:
    return None if text is None else msgspec.json.encode(_shown(msgspec.json.decode(text))).decode()


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {hide_key_material(key): _shown(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_shown(child) for child in value]
    return hide_key_material(public_endpoint(value)) if isinstance(value, str) else value
