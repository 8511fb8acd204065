"""Whatever surrounds a command, it ends with a message and its own exit code: pipes, folders, names, users."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from repository import ROOT

from hoploop.cli import main

RECIPE = ROOT / "recipes" / "paper" / "evm_flash.yaml"


def _hoploop(*words: str, stdout: int = PIPE, stderr: int = PIPE, **environ: str) -> tuple[int, str]:
    """Exit code and what was said, of a process of its own."""
    code = "from hoploop.cli.main import main; main()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], stdout=stdout, stderr=stderr, env=environment, check=False
    )
    return done.returncode, b"".join(filter(None, (done.stdout, done.stderr))).decode()


@pytest.fixture
def unread() -> int:
    """The end to write to of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("words", [["--help"], ["version"], ["list", "codes"]], ids=" ".join)
def test_a_reader_that_leaves_is_no_finding(words: list[str], unread: int) -> None:
    assert _hoploop(*words, stdout=unread) == (74, "")


def test_an_error_that_nobody_reads_keeps_its_exit_code(unread: int) -> None:
    assert _hoploop("destroy", stderr=unread) == (64, "")


def test_what_a_terminal_cannot_show_is_escaped() -> None:
    code, said = _hoploop("apply", "--help", PYTHONIOENCODING="latin-1")
    assert code == 0
    assert "\\u25b2" in said


def test_findings_of_a_file_whose_name_is_no_text_are_shown(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml")
    Path(name).write_text("recipe: 1\n", "utf-8")
    code, said = _hoploop("validate", name)
    assert code == 1
    assert "\ufffd.yaml:1:9" in said
    code, said = _hoploop("list", "recipes", name)
    assert code == 0
    assert "\\udcff.yaml" in said


@pytest.mark.parametrize("command", ["validate", "show", "plan", "graph", "lock", "dry-run", "run", "apply", "check"])
def test_an_empty_path_is_a_usage_error(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([command, ""]) == 64
    assert "the path is empty" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "graph", "show", "lock"])
def test_a_folder_for_a_recipe_is_a_usage_error(command: str, tmp_path: Path) -> None:
    assert main.run([command, str(tmp_path)]) == 64


@pytest.mark.parametrize("command", ["fmt", "migrate", "validate", "lint"])
def test_a_file_without_an_end_is_not_read_to_it(command: str) -> None:
    assert main.run([command, "/dev/zero"]) == 1


def test_served_chains_are_not_read_without_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["check", str(RECIPE), "--local", "/dev/zero"]) == 74
    assert "error[X108]" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["validate", "lint", "fmt", "test", "migrate"])
def test_of_a_folder_only_visible_regular_files_are_taken(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_bytes(RECIPE.read_bytes().partition(b"\ntests:")[0])
    Path(".#a.yaml").symlink_to("somebody@somewhere:1")
    Path("folder.yaml").mkdir()
    Path(".venv").mkdir()
    Path(".venv/b.yaml").write_text("a: [", "utf-8")
    assert main.run([command, "."]) == 0, capsys.readouterr()


@pytest.mark.parametrize("text", ["", "a: [", "- a\n"], ids=["empty", "broken", "list"])
@pytest.mark.parametrize(("command", "code"), [("lint", 1), ("test", 78), ("list profiles", 1)])
def test_a_named_file_that_is_no_recipe_is_not_passed_over(command: str, code: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, "utf-8")
    assert main.run([*command.split(), str(path)]) == code


def test_broken_files_of_a_folder_are_not_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text("a: [", "utf-8")
    assert main.run(["test", str(tmp_path)]) == 78
    assert main.run(["lint", str(tmp_path)]) == 1
    capsys.readouterr()
    assert main.run(["list", "recipes", str(tmp_path)]) == 0
    assert "1 error" in capsys.readouterr().out


def test_a_kept_dry_run_that_is_no_text_is_different(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix in (".yaml", ".market.json"):
        (tmp_path / f"evm_flash{suffix}").write_bytes(RECIPE.with_suffix(suffix).read_bytes())
    (tmp_path / "evm_flash.dry-run.txt").write_bytes(b"\xff\xfe")
    assert main.run(["dry-run", str(tmp_path / "evm_flash.yaml")]) == 1
    assert "+nothing was sent" in capsys.readouterr().out


def test_a_published_schema_that_is_no_text_is_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("schemas").mkdir()
    Path("schemas/recipe.schema.json").write_bytes(b"\xff\xfe")
    assert main.run(["schema", "--check"]) == 1


def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs with a number for a user."""

    def unknown(_: int) -> pwd.struct_passwd:
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "HOPLOOP_STATE", "XDG_STATE_HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("command", ["status", "kill", "tap"])
def test_a_user_without_a_name_can_act(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _nobody(monkeypatch)
    monkeypatch.setenv("HOPLOOP_STATE", str(tmp_path))
    assert main.run([command, "nothing_runs"]) == 69


def test_without_a_home_it_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _nobody(monkeypatch)
    assert main.run(["status", "nothing_runs"]) == 74
    assert "HOPLOOP_STATE" in capsys.readouterr().err
