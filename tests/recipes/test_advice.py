"""Every piece of advice has a recipe that earns it, and says what to do; the messages are reviewed as snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import RECIPES, first_party, inspect_recipe
from syrupy.assertion import SnapshotAssertion
from toy_connectors import toy_registry

from hoploop.cli import main
from hoploop.codes import CODES
from hoploop.plugin.registry import Registry
from hoploop.recipe.diagnostics import Report, report
from hoploop.recipe.lint import lint
from hoploop.recipe.load import Pipeline
from hoploop.recipe.render import human
from hoploop.recipe.source import read_source, source_of
from hoploop.recipe.starters.catalog import STARTERS, Starter

ADVICE = sorted((Path(__file__).parent / "advice").glob("*.yaml"))
ALONE = {
    "evm-live": ["R381"],  # by a relay or not at all: what others see first is lost
    "solana-live": ["R381"],  # there is one node to send to until its operator names another
}
"""Starter -> advice it does not take, on purpose."""
FORMATS = ("human", "concise", "json", "github", "sarif", "junit")


def _linted(path: Path, toys: Pipeline) -> tuple[Report, str]:
    source = read_source(path, path.name)
    base = toys.inspect(source)
    assert base.report.errors == 0
    found = report(lint(base, {name: toys.inspect(source, name).plan for name in base.profiles}))
    return found, human(found, base.snippets)


@pytest.mark.parametrize("path", ADVICE, ids=lambda path: path.stem)
def test_advice_is_explained(path: Path, toys: Pipeline, snapshot: SnapshotAssertion) -> None:
    assert _linted(path, toys)[1] == snapshot


def test_there_is_a_recipe_for_every_piece_of_advice(toys: Pipeline) -> None:
    seen = {finding.code for path in ADVICE for finding in _linted(path, toys)[0].findings}
    assert seen == {code for code in CODES if code.startswith("R38")}


def test_a_recipe_can_be_without_any(toys: Pipeline) -> None:
    assert _linted(ADVICE[0].with_stem("nothing_to_say"), toys)[0].findings == ()


def test_advice_is_no_error(toys: Pipeline) -> None:
    assert all(_linted(path, toys)[0].errors == 0 for path in ADVICE)


@pytest.fixture
def advised(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: toy_registry()))
    return str(ADVICE[0].with_stem("one_route"))


def test_advice_ends_with_0_and_denied_with_1(advised: str) -> None:
    assert main.run(["lint", advised]) == 0
    assert main.run(["lint", advised, "--deny-warnings"]) == 1
    assert main.run(["lint", advised, "--deny", "R381"]) == 1
    assert main.run(["lint", advised, "--deny-warnings", "--allow", "R381", "--allow", "R390"]) == 0


@pytest.mark.parametrize("form", FORMATS)
def test_advice_is_printed_in_every_format(advised: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["lint", advised, "--format", form]) == 0
    assert "R381" in capsys.readouterr().out


def test_of_a_bad_recipe_its_errors_are_printed(
    advised: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(Path(advised).read_text("utf-8").replace("base: weth", "base: wet"), "utf-8")
    assert main.run(["lint", str(bad)]) == 1
    out = capsys.readouterr().out
    assert "R201" in out
    assert "R381" not in out


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_of_the_repository_needs_no_advice(path: Path) -> None:
    found = inspect_recipe(path)
    assert human(report(lint(found, {})), found.snippets) == ""


@pytest.mark.parametrize("starter", STARTERS.values(), ids=list(STARTERS))
def test_a_starter_needs_no_advice_in_any_profile(starter: Starter) -> None:
    source = source_of(starter.render("mine", "mine.yaml", {}).encode(), "mine.yaml")
    read = Pipeline(first_party(), starter.examples)
    base = read.inspect(source)
    plans = {name: read.inspect(source, name).plan for name in base.profiles}
    found = [*lint(base, plans), *(one for name in plans for one in lint(read.inspect(source, name), {}))]
    assert None not in plans.values()
    assert [one for one in found if one.code not in ALONE.get(starter.name, ())] == []
