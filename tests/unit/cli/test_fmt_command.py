"""`hoploop fmt` writes, checks or shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import ROOT

from hoploop.cli import main

CROOKED = "recipe:   x  # name\r\nrisk:\r\n    rate: 1/s\r\n"
STRAIGHT = "recipe: x  # name\n\nrisk:\n  rate: 1/s\n"


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("recipes/a.yaml")
    path.parent.mkdir()
    path.write_bytes(CROOKED.encode())
    return path


def test_a_recipe_is_laid_out_in_place(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["fmt"]) == 0
    assert recipe.read_bytes() == STRAIGHT.encode()
    assert capsys.readouterr().out == "laid out recipes/a.yaml\n1 file, 1 laid out\n"
    assert main.run(["fmt"]) == 0
    assert capsys.readouterr().out == "1 file, 0 laid out\n"


def test_check_names_files_and_writes_nothing(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["fmt", "--check"]) == 1
    assert "recipes/a.yaml is not laid out" in capsys.readouterr().out
    assert recipe.read_bytes() == CROOKED.encode()
    recipe.write_text(STRAIGHT, "utf-8")
    assert main.run(["fmt", "--check"]) == 0


def test_diff_shows_lines_and_writes_nothing(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["fmt", "--diff"]) == 1
    out = capsys.readouterr().out
    assert "+recipe: x  # name\n" in out
    assert "+  rate: 1/s\n" in out
    assert recipe.read_bytes() == CROOKED.encode()


def test_diff_masks_secrets(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe.write_text("chains:\n- key:   hunter2-in-the-clear\n", "utf-8")
    assert main.run(["fmt", "--diff"]) == 1
    out = capsys.readouterr().out
    assert "hunter2" not in out
    assert "+  - key: ****" in out


def test_diff_says_when_only_line_ends_change(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe.write_bytes(STRAIGHT.replace("\n", "\r\n").encode())
    assert main.run(["fmt", "--diff"]) == 1
    assert "only line ends would change" in capsys.readouterr().out


def test_a_file_that_is_no_yaml_is_left_alone_and_named(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = Path("recipes/b.yaml")
    other.write_text("a: [\n", "utf-8")
    assert main.run(["fmt"]) == 1
    assert "error[R001]" in capsys.readouterr().err
    assert other.read_text("utf-8") == "a: [\n"
    assert recipe.read_bytes() == STRAIGHT.encode()


def test_a_byte_order_mark_goes(recipe: Path) -> None:
    recipe.write_bytes(b"\xef\xbb\xbf" + STRAIGHT.encode())
    assert main.run(["fmt"]) == 0
    assert recipe.read_bytes() == STRAIGHT.encode()


def test_the_recipes_of_the_repository_are_laid_out() -> None:
    assert main.run(["fmt", "--check", str(ROOT / "recipes")]) == 0
