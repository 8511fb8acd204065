"""Recipes without findings compile, and the same text always compiles to the same plan."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from hoploop.recipe.describe import describe
from hoploop.recipe.emit import yaml_text
from hoploop.recipe.load import Pipeline
from hoploop.recipe.origin import public
from hoploop.recipe.source import read_source, source_of

GOOD = sorted((Path(__file__).parent / "good").glob("*.yaml"))
NAMES = [path.stem for path in GOOD]


def _plan(path: Path, toys: Pipeline):  # type: ignore[no-untyped-def]
    found = toys.inspect_all(read_source(path, path.name))
    assert found.report.findings == ()
    assert found.plan is not None
    return found.plan


@pytest.mark.parametrize("path", GOOD, ids=NAMES)
def test_a_good_recipe_compiles_to_this_plan(path: Path, toys: Pipeline, snapshot: SnapshotAssertion) -> None:
    assert describe(_plan(path, toys)) == snapshot


@pytest.mark.parametrize("path", GOOD, ids=NAMES)
def test_the_fingerprint_depends_on_the_text_alone(path: Path, toys: Pipeline, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "other_name.yaml"
    copy.parent.mkdir()
    shutil.copyfile(path, copy)
    shutil.copytree(path.parent / "parts", copy.parent / "parts")
    assert _plan(copy, toys).fingerprint == _plan(path, toys).fingerprint


@pytest.mark.parametrize("path", GOOD, ids=NAMES)
def test_a_recipe_shown_as_loaded_is_the_same_recipe_in_one_file(path: Path, toys: Pipeline) -> None:
    found = toys.inspect(read_source(path))
    assert found.root is not None
    for origins in (False, True):
        text = yaml_text(public(found.root, toys.schemas, found.file, defaults=origins), origins=origins)
        again = toys.inspect(source_of(text.encode(), "shown.yaml", str(path)))
        assert again.report.findings == ()
        assert again.plan == found.plan


def test_a_comment_does_not_change_the_fingerprint(toys: Pipeline, tmp_path: Path) -> None:
    copy = tmp_path / "toy.yaml"
    copy.write_text("# a comment\n" + GOOD[-1].read_text("utf-8"), "utf-8")
    assert _plan(copy, toys).fingerprint == _plan(GOOD[-1], toys).fingerprint


def test_a_changed_limit_changes_the_fingerprint(toys: Pipeline, tmp_path: Path) -> None:
    toy = next(path for path in GOOD if path.stem == "toy")
    copy = tmp_path / "toy.yaml"
    copy.write_text(toy.read_text("utf-8").replace("50 WETH", "51 WETH"), "utf-8")
    assert _plan(copy, toys).fingerprint != _plan(toy, toys).fingerprint


def test_disabled_items_stay_out_of_the_plan(toys: Pipeline) -> None:
    plan = _plan(next(path for path in GOOD if path.stem == "two_families"), toys)
    assert [route.id for route in plan.routes] == ["public", "private"]
