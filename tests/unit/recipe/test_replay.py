"""Operator and engine come to the same recipe by the same changes, and nothing that is asked for can break either."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from toy_connectors import toy_registry

from hoploop.errors import RecipeError
from hoploop.recipe.diff import Change, diff
from hoploop.recipe.load import Pipeline
from hoploop.recipe.propose import Loaded, Replayer, loaded
from hoploop.recipe.schema import compose
from hoploop.recipe.source import read_source

PATH = Path(__file__).parents[2] / "recipes" / "good" / "limits.yaml"
CYCLES = ("strategies", "cycles")


def start() -> Loaded:
    return loaded(Pipeline(toy_registry(), {}).inspect(read_source(PATH)))


def change(way: tuple[str, ...], value: Any = None) -> Change:
    after = None if value is None else json.dumps(value)
    return Change(way=way, before=None, after=after, apply="live", raises_risk=False)


@pytest.mark.parametrize(
    "changes",
    [
        [change(("mode",), "paper"), change((*CYCLES, "max_in_flight"), 3)],
        [change((*CYCLES, "trigger"), {"on": "update"}), change((*CYCLES, "max_age"))],
        [change((*CYCLES, "enabled"), True), change((*CYCLES, "universes"), ["blue"])],
        [change(("risk", "breakers", "reverts", "id"), "failures"), change((*CYCLES, "trigger"), {})],
    ],
)
def test_what_was_made_of_changes_can_be_made_again_of_the_differences(changes: list[Change]) -> None:
    before, replayer = start(), Replayer(toy_registry())
    made = replayer.replay(before.document, changes)
    assert replayer.replay(before.document, made.changes) == made
    assert diff(before.document, made.loaded.document, compose(toy_registry())) == made.changes


def test_taking_changes_back_leads_to_the_plan_of_before() -> None:
    before, replayer = start(), Replayer(toy_registry())
    made = replayer.replay(before.document, [change((*CYCLES, "trigger"), {"on": "update"}), change(("risk",))])
    assert made.loaded.plan != before.plan
    assert replayer.propose(made.loaded.document, before.document).loaded.plan == before.plan


@pytest.mark.parametrize(
    "wrong",
    [
        Change(way=(), before=None, after="1", apply="live", raises_risk=False),
        Change(way=("mode",), before=None, after="{", apply="live", raises_risk=False),
        Change(way=("mode",), before=None, after="[" * 100_000, apply="live", raises_risk=False),
        change(("strategies", "nobody", "max_age"), "1s"),
        change(("mode", "deeper"), 1),
        change(("recipe", "deeper", "still"), 1),
    ],
    ids=["nowhere", "no JSON", "deep JSON", "no such item", "below a text", "far below a text"],
)
def test_changes_that_do_not_fit_are_refused(wrong: Change) -> None:
    with pytest.raises(RecipeError) as refusal:
        Replayer(toy_registry()).replay(start().document, [wrong])
    assert refusal.value.code == "R500"
