"""Files of an older language become files of the newest; comments and layout stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from recipe_mutator import corpus

from hoploop.cli import main
from hoploop.recipe.diagnostics import Edit
from hoploop.recipe.document import read_document
from hoploop.recipe.migrate import MIGRATIONS, migrated
from hoploop.recipe.nodes import Node, data
from hoploop.recipe.source import source_of


def _renamed(root: Node) -> Iterator[Edit]:
    """An imagined version 2 calls `routes` ways."""
    if "routes" in root.entries:
        yield Edit(root.entries["routes"].key, "ways")


IMAGINED = {**MIGRATIONS, 1: _renamed, 2: lambda root: ()}


def _now(text: str) -> str:
    made = migrated(source_of(text.encode(), "r.yaml"))
    assert made.findings == []
    return made.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# top\nrecipe: x  # name\nmode: dry\n", "# top\nlanguage: 1\nrecipe: x  # name\nmode: dry\n"),
        ("include: [a.yaml]\n\nrecipe: x\n", "include: [a.yaml]\n\nlanguage: 1\nrecipe: x\n"),
        ("venues: []  # a part\n", "language: 1\nvenues: []  # a part\n"),
        ("{recipe: x}", "{language: 1, recipe: x}"),
        ("  recipe: x\n  mode: dry\n", "  language: 1\n  recipe: x\n  mode: dry\n"),
    ],
)
def test_a_file_without_a_version_says_the_first(before: str, after: str) -> None:
    assert _now(before) == after


def test_a_file_of_the_newest_language_stays_as_it_is() -> None:
    text = "recipe: x\nlanguage: 1   # since the beginning\n"
    assert _now(text) == text


def test_every_step_to_the_newest_is_taken() -> None:
    text = "recipe: x\nlanguage: 1 # kept\nroutes: # ways to send\n  - {id: a}\n"
    made = migrated(source_of(text.encode(), "r.yaml"), IMAGINED)
    assert (made.before, made.after) == (1, 3)
    assert made.text == text.replace("language: 1", "language: 3").replace("routes:", "ways:")


def test_a_file_without_a_version_takes_every_step() -> None:
    made = migrated(source_of(b"recipe: x\nroutes: []\n", "r.yaml"), IMAGINED)
    assert (made.before, made.after, made.text) == (0, 3, "language: 3\nrecipe: x\nways: []\n")


@pytest.mark.parametrize(
    ("said", "code"), [("2", "R603"), ("0", "R107"), ("one", "R107"), ("true", "R107"), ("[1]", "R107")]
)
def test_a_version_that_is_not_known_is_a_finding(said: str, code: str) -> None:
    text = f"recipe: x\nlanguage: {said}\n"
    made = migrated(source_of(text.encode(), "r.yaml"))
    assert [finding.code for finding in made.findings] == [code]
    assert made.text == text


@pytest.mark.parametrize("text", ["", "[]", "a: [", "{}", "x", "a: &a {b: 1}\n<<: *a\n"])
def test_what_is_no_recipe_is_left_alone(text: str) -> None:
    made = migrated(source_of(text.encode(), "r.yaml"))
    assert made.text == text or read_document(source_of(made.text.encode(), "r.yaml"))[0] is not None


@pytest.mark.parametrize("name", sorted(corpus()))
def test_migrating_a_recipe_adds_its_version_and_nothing_else(name: str) -> None:
    source = source_of(corpus()[name], name)
    made = migrated(source)
    if not made.findings:
        before, _ = read_document(source)
        after, _ = read_document(source_of(made.text.encode(), name))
        assert before is not None
        assert after is not None
        assert data(after) == {**data(before), "language": 1}
        assert migrated(source_of(made.text.encode(), name)).text == made.text


def test_the_command_writes_or_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("a.yaml")
    path.write_text("recipe: x # name\n", "utf-8")
    assert main.run(["migrate", "a.yaml", "--check"]) == 1
    assert path.read_text("utf-8") == "recipe: x # name\n"
    assert main.run(["migrate", "a.yaml"]) == 0
    assert path.read_text("utf-8") == "language: 1\nrecipe: x # name\n"
    assert main.run(["migrate", "a.yaml", "--check"]) == 0
    path.write_text("recipe: x\nlanguage: 7\n", "utf-8")
    capsys.readouterr()
    assert main.run(["migrate", "a.yaml"]) == 1
    assert "error[R603]: language 7 is newer" in capsys.readouterr().err
