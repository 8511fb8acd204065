"""`hoploop test` judges what recipes decide on recorded markets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from repository import RECIPES, ROOT, first_party, inspect_recipe

from hoploop.cli import main
from hoploop.plugin.registry import Registry
from hoploop.recipe.cases import cases

FORMS = ("human", "json", "junit")


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe with a recorded market and without tests."""
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: first_party()))
    monkeypatch.chdir(tmp_path)
    for name in ("solana_flash.yaml", "solana_flash.market.json"):
        shutil.copyfile(ROOT / "recipes" / "paper" / name, tmp_path / name)
    path = Path("solana_flash.yaml")
    path.write_text(path.read_text("utf-8").partition("\ntests:")[0] + "\n", "utf-8")
    return path


def _expect(recipe: Path, *expected: str, more: str = "") -> None:
    lines = "".join(f"      - {{strategy: sol_cycles, {one}}}\n" for one in expected)
    text = recipe.read_text("utf-8")
    recipe.write_text(f"{text}tests:\n  - name: it is so\n{more}    expect:\n{lines}", "utf-8")


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_of_the_repository_has_tests(path: Path) -> None:
    root = inspect_recipe(path).root
    assert root is not None
    assert cases(root)


def test_the_recipes_of_the_repository_pass_their_tests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: first_party()))
    assert main.run(["test", str(ROOT / "recipes")]) == 0
    assert capsys.readouterr().out.endswith(" passed, 0 failed\n")


@pytest.mark.parametrize(
    "expected",
    [
        "decision: attempt",
        'decision: attempt, net: "0.4 SOL", count: 1',
        "decision: refuse, count: 0",
        "decision: refuse, reason: min_profit, count: 0",
        "decision: attempt, shape: nowhere, count: 0",
    ],
)
def test_what_comes_up_passes(recipe: Path, expected: str) -> None:
    _expect(recipe, expected)
    assert main.run(["test", str(recipe)]) == 0


@pytest.mark.parametrize(
    "expected",
    [
        "decision: attempt, count: 2",
        'decision: attempt, net: "4 SOL"',
        "decision: attempt, count: 0",
        "decision: refuse",
        "decision: refuse, reason: min_profit",
        "decision: attempt, shape: nowhere",
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_what_does_not_come_up_fails_in_every_format(recipe: Path, expected: str, form: str) -> None:
    _expect(recipe, expected)
    assert main.run(["test", str(recipe), "--format", form]) == 1


def test_a_failure_says_what_came_up_instead(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _expect(recipe, "decision: attempt", "decision: refuse, reason: min_profit")
    assert main.run(["test", str(recipe)]) == 1
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "FAILED  solana_flash.yaml: it is so"
    assert second.strip() == (
        "refuse min_profit: at least 1 expected, 0 came up; decisions of 'sol_cycles': attempt"
    )
    assert third == "0 passed, 1 failed"


def test_a_limit_that_refuses_is_seen(recipe: Path) -> None:
    text = recipe.read_text("utf-8").replace('min: "0.0005 SOL"', 'min: "1 SOL"')
    recipe.write_text(text, "utf-8")
    _expect(recipe, "decision: attempt, count: 0")
    assert main.run(["test", str(recipe)]) == 0


def test_json_and_junit_tell_the_same(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _expect(recipe, "decision: refuse")
    main.run(["test", str(recipe), "--format", "json"])
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["test"], found["passed"], found["decisions"]) == ("it is so", False, 1)
    main.run(["test", str(recipe), "--format", "junit"])
    suites = ElementTree.fromstring(capsys.readouterr().out)
    failure = suites.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("message") == found["missing"][0]


def test_another_market_is_found_beside_the_recipe(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _expect(recipe, "decision: attempt", more="    market: markets/quiet.market.json\n")
    assert main.run(["test", str(recipe)]) == 74
    assert "error[R410]: markets/quiet.market.json" in capsys.readouterr().err
    Path("markets").mkdir()
    shutil.copyfile("solana_flash.market.json", "markets/quiet.market.json")
    assert main.run(["test", str(recipe)]) == 0


def test_a_profile_is_tested_on_request(recipe: Path) -> None:
    _expect(recipe, "decision: attempt")
    text = recipe.read_text("utf-8")
    recipe.write_text(text + 'profiles:\n  shy: {strategies: [{id: sol_cycles, profit: {min: "1 SOL"}}]}\n', "utf-8")
    assert main.run(["test", str(recipe)]) == 0
    assert main.run(["test", str(recipe), "--profile", "shy"]) == 1
    assert main.run(["test", str(recipe), "--profile", "sly"]) == 78


def test_an_invalid_recipe_is_not_tested(recipe: Path) -> None:
    _expect(recipe, "decision: sometimes")
    assert main.run(["test", str(recipe)]) == 78


def test_tests_are_no_part_of_the_fingerprint(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["plan", str(recipe)])
    before = capsys.readouterr().out
    _expect(recipe, "decision: attempt")
    main.run(["plan", str(recipe)])
    assert capsys.readouterr().out == before
