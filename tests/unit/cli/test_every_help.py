"""The help of every command ends with exit codes and an example, and shells can complete what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from repository import ROOT

from hoploop.cli import main


def _commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _commands(inner, (*words, name))


COMMANDS = [words for words in _commands(main.cli, ()) if words]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_ends_with_exit_codes_and_an_example(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run([*words, "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    _, _, after = out.rpartition("Exit codes: ")
    assert after.startswith("0 ok, ")
    assert "64 usage" in after
    _, _, example = after.rpartition("Example: ")
    assert example.startswith(f"hoploop {words[0]}")


def test_help_of_the_whole_ends_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--help"]) == 0
    assert "Example: hoploop " in capsys.readouterr().out


def _completed(arguments: list[str], incomplete: str) -> list[str]:
    shell = ShellComplete(main.cli, {}, "hoploop", "_HOPLOOP_COMPLETE")
    return [item.value for item in shell.get_completions(arguments, incomplete)]


def test_commands_are_completed() -> None:
    assert _completed([], "vali") == ["validate"]


def test_recipe_files_and_folders_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes" / "more").mkdir(parents=True)
    for name in ("a.yaml", "b.yml", "c.json", ".hidden.yaml"):
        (tmp_path / "recipes" / name).write_text("", "utf-8")
    assert _completed(["validate"], "rec") == ["recipes/"]
    assert _completed(["plan"], "recipes/") == ["recipes/a.yaml", "recipes/b.yml", "recipes/more/"]
    assert _completed(["plan"], "nowhere/") == []


@pytest.mark.parametrize("arguments", [["explain"], ["validate", "--allow"], ["validate", "--deny"]])
def test_codes_are_completed(arguments: list[str]) -> None:
    assert "R101" in _completed(arguments, "r10")
    assert all(code.startswith("R10") for code in _completed(arguments, "r10"))


def test_profiles_of_the_named_recipe_are_completed(tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text("profiles: {live: {}}\n", "utf-8")
    recipe = tmp_path / "a.yaml"
    recipe.write_text("include: [part.yaml]\nprofiles: {careful: {}, careless: {}}\n", "utf-8")
    assert _completed(["plan", str(recipe), "--profile"], "care") == ["careful", "careless"]
    assert set(_completed(["run", str(recipe), "--profile"], "")) == {"careful", "careless", "live"}
    assert _completed(["validate", str(recipe), "--profile"], "l") == ["live"]
    assert _completed(["plan", str(tmp_path / "none.yaml"), "--profile"], "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["completion", shell]) == 0
    assert "_HOPLOOP_COMPLETE" in capsys.readouterr().out


def test_an_example_is_one_line_however_narrow_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert main.run(["init", "--help"]) == 0
    example = capsys.readouterr().out.splitlines()[-1].strip()
    assert example.startswith("Example: hoploop init ")
    assert example.endswith('"daily_loss=0.5 WETH"')


RECIPE = str(ROOT / "recipes" / "paper" / "two_chains.yaml")


@pytest.mark.parametrize(
    ("words", "incomplete", "found"),
    [
        (["show", RECIPE], "ven", ["venues"]),
        (["show", RECIPE], "venues.uni", ["venues.uni2", "venues.uni3"]),
        (["show", RECIPE], "venues.uni2.f", ["venues.uni2.fee"]),
        (["show", "nowhere.yaml"], "", []),
        (["explain"], "strategies.profit.m", ["strategies.profit.min"]),
        (["explain"], "venues.uniswap_v2.fe", ["venues.uniswap_v2.fee"]),
        (["explain"], "stra", ["strategies"]),
        (["explain"], "nothing.", []),
        (["tap", "--only"], "GateC", ["GateChanged"]),
        (["ledger", "attempts", "--state"], "land", ["landed"]),
    ],
)
def test_ids_keys_and_words_are_completed(words: list[str], incomplete: str, found: list[str]) -> None:
    assert _completed(words, incomplete) == found


@pytest.mark.parametrize("command", ["status", "kill", "console"])
def test_recipes_that_were_run_are_completed(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOPLOOP_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    assert _completed([command], "") == []
    (tmp_path / "state" / "my_bot").mkdir(parents=True)
    (tmp_path / "my_file.yaml").write_text("", "utf-8")
    assert _completed([command], "my") == ["my_bot", "my_file.yaml"]


GROUPS = {("ledger",), ("list",)}
NO_FORM = {"bench", "completion", "console", "create", "dry-run", "init", "local", "lsp", "schema", "tap", "top"}
"""They write files or show a screen, or print one kind of text: a script, a schema, JSON lines, a snapshot."""


WITH_FORM = [words for words in COMMANDS if words[0] not in NO_FORM and words not in GROUPS]


@pytest.mark.parametrize("words", WITH_FORM, ids=" ".join)
def test_commands_that_say_something_say_it_for_programs_too(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run([*words, "--help"]) == 0
    assert "--format [" in capsys.readouterr().out
