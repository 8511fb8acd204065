"""Every recipe of the repository validates, and its plan and dry run are reviewed as snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import RECIPES, ROOT, first_party, inspect_recipe
from syrupy.assertion import SnapshotAssertion

from hoploop.recipe.describe import describe
from hoploop.recipe.publish import published_text
from hoploop.recipe.render import human
from hoploop.rehearsal.play import play
from hoploop.rehearsal.tape import read_tape, tape_path
from hoploop.rehearsal.text import transcript

NAMES = [path.relative_to(ROOT / "recipes").with_suffix("").as_posix() for path in RECIPES]


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
def test_a_recipe_has_no_findings(path: Path) -> None:
    found = inspect_recipe(path)
    assert human(found.report, found.snippets) == ""


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
def test_a_recipe_plans_as_reviewed(path: Path, snapshot: SnapshotAssertion) -> None:
    plan = inspect_recipe(path).plan
    assert plan is not None
    assert describe(plan) == snapshot


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
async def test_a_recipe_dry_runs_as_reviewed(path: Path, snapshot: SnapshotAssertion) -> None:
    plan = inspect_recipe(path).plan
    assert plan is not None
    tape = read_tape(tape_path(path))
    text = transcript(plan, await play(plan, tape, first_party()))
    assert text == transcript(plan, await play(plan, tape, first_party()))
    assert text == snapshot


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
async def test_the_native_module_counts_the_cycles_of_the_plan(path: Path) -> None:
    plan = inspect_recipe(path).plan
    assert plan is not None
    for played in await play(plan, read_tape(tape_path(path)), first_party()):
        planned = sum(strategy.cycles for strategy in plan.strategies if strategy.chain == played.chain.id)
        assert played.counts["cycles"] == planned


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
async def test_a_dry_run_shows_a_signed_transaction_on_every_chain(path: Path) -> None:
    plan = inspect_recipe(path).plan
    assert plan is not None
    for played in await play(plan, read_tape(tape_path(path)), first_party()):
        assert any(decision.built is not None for decision in played.decisions)


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
def test_a_recipe_names_its_schema_for_editors(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    depth = len(path.relative_to(ROOT).parts) - 1
    assert first == f"# yaml-language-server: $schema={'../' * depth}schemas/recipe.schema.json"


def test_the_published_schema_is_up_to_date() -> None:
    assert (ROOT / "schemas" / "recipe.schema.json").read_text("utf-8") == published_text(first_party())
