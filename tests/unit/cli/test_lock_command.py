"""`hoploop lock` notices every change of what a recipe is made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.cli import main
from hoploop.plugin.registry import Registry

PROFILES = "profiles:\n  careful: {risk: {rate: 1/s}}\n"


@pytest.fixture(autouse=True)
def _locked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: toy_registry()))
    monkeypatch.chdir(tmp_path)
    Path("recipes/parts").mkdir(parents=True)
    Path("recipes/parts/toy.yaml").write_text(GOOD, "utf-8")
    Path("recipes/top.yaml").write_text("include: [parts/toy.yaml]\nrecipe: top\n" + PROFILES, "utf-8")
    assert main.run(["lock", "recipes/top.yaml"]) == 0


def test_a_lock_names_files_connectors_and_plans() -> None:
    lock = json.loads(Path("recipes/top.lock.json").read_text("utf-8"))
    assert set(lock["files"]) == {"top.yaml", "parts/toy.yaml"}
    assert set(lock["plans"]) == {"(none)", "careful"}
    assert "venues.toy_pairs" in lock["connectors"]


def test_nothing_changed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["lock", "recipes/top.yaml", "--check"]) == 0
    assert capsys.readouterr().out.endswith("as in recipes/top.lock.json\n")


def test_a_changed_included_file_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    Path("recipes/parts/toy.yaml").write_text(GOOD.replace("50 WETH", "51 WETH"), "utf-8")
    assert main.run(["lock", "recipes/top.yaml", "--check"]) == 1
    out = capsys.readouterr().out
    assert "file parts/toy.yaml: changed" in out
    assert "plan careful: changed" in out
    assert "file top.yaml" not in out


def test_a_comment_changes_the_file_but_no_plan(capsys: pytest.CaptureFixture[str]) -> None:
    Path("recipes/parts/toy.yaml").write_text(GOOD + "# why\n", "utf-8")
    assert main.run(["lock", "recipes/top.yaml", "--check"]) == 1
    assert "plan" not in capsys.readouterr().out


def test_a_changed_recipe_does_not_run_locked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("recipes/parts/toy.yaml").write_text(GOOD.replace("50 WETH", "51 WETH"), "utf-8")
    assert main.run(["run", "recipes/top.yaml", "--locked"]) == 78
    assert "error[R413]" in capsys.readouterr().err


@pytest.mark.parametrize("text", [None, "{}", "[]", "x"])
def test_without_a_usable_lock_nothing_is_compared(text: str | None) -> None:
    path = Path("recipes/top.lock.json")
    path.unlink()
    if text is not None:
        path.write_text(text, "utf-8")
    assert main.run(["lock", "recipes/top.yaml", "--check"]) == 74


def test_an_invalid_recipe_is_not_locked() -> None:
    Path("recipes/parts/toy.yaml").write_text(GOOD.replace("base: weth", "base: wet"), "utf-8")
    assert main.run(["lock", "recipes/top.yaml"]) == 78
