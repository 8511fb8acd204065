"""Commands that touch no network: what they print and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.cli import main
from hoploop.codes import CODES
from hoploop.errors import InvariantError
from hoploop.plugin.registry import Registry


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: toy_registry()))


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "recipes" / "toy.yaml"
    path.parent.mkdir()
    path.write_text(GOOD, "utf-8")
    return path.relative_to(tmp_path)


def _break(recipe: Path, before: str = "base: weth", after: str = "base: wet") -> None:
    recipe.write_text(GOOD.replace(before, after), "utf-8")


def test_validate_finds_the_recipes_folder_by_itself(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["validate"]) == 0
    assert capsys.readouterr().out == "1 recipe, no findings\n"


def test_validate_ends_with_1_on_findings(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _break(recipe)
    assert main.run(["validate", str(recipe)]) == 1
    assert "did you mean 'weth'?" in capsys.readouterr().out


def test_warnings_are_denied_on_request(recipe: Path) -> None:
    _break(recipe, "lenders: [bank]", "lenders: []")
    assert main.run(["validate"]) == 0
    assert main.run(["validate", "--deny-warnings"]) == 1


def test_concise_findings_take_one_line_each(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _break(recipe)
    assert main.run(["validate", "--format", "concise"]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "recipes/toy.yaml:47:11: error[R201] no asset has the id 'wet' (did you mean 'weth'?)"


def test_json_findings_are_json(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _break(recipe)
    assert main.run(["validate", "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["recipes/toy.yaml"]["findings"]
    assert (finding["code"], finding["path"], finding["fix"]["text"]) == ("R201", "strategies[0].base", "weth")


def test_a_folder_without_recipes_is_a_usage_error(tmp_path: Path) -> None:
    assert main.run(["validate", str(tmp_path)]) == 64


def test_a_missing_recipe_is_an_io_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["plan", str(tmp_path / "none.yaml")]) == 74
    assert "error[R401]" in capsys.readouterr().err


def test_plan_prints_fingerprint_and_limits(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["plan", str(recipe)]) == 0
    out = capsys.readouterr().out
    assert "max_notional 50000000000000000000 (weth: 50 WETH)" in out
    assert "cycles 2 of 2 to 3 hops" in out


def test_plan_as_json_is_json(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["plan", str(recipe), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["recipe"] == "toy"


def test_plan_of_a_bad_recipe_shows_why(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _break(recipe)
    assert main.run(["plan", str(recipe)]) == 1
    assert "R201" in capsys.readouterr().err


def test_a_dry_run_without_a_market_says_how_to_get_one(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["dry-run", str(recipe)]) == 74
    assert "--market" in capsys.readouterr().err


def test_a_dry_run_of_a_bad_recipe_ends_with_78(recipe: Path) -> None:
    _break(recipe)
    assert main.run(["dry-run", str(recipe)]) == 78


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"recipe": "toy", "chains": {"eth": {"batches": [{"number": 1}]}}}'])
def test_a_market_that_is_none_is_refused(recipe: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    market = recipe.with_suffix(".market.json")
    market.write_text(text, "utf-8")
    assert main.run(["dry-run", str(recipe)]) == CODES["R411"].exit_code
    assert "error[R411]" in capsys.readouterr().err


def test_the_schema_is_printed_and_checked(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["schema"]) == 0
    text = capsys.readouterr().out
    assert main.run(["schema", "--check"]) == 1
    folder = Path("schemas")
    folder.mkdir()
    (folder / "recipe.schema.json").write_text(text, "utf-8")
    assert main.run(["schema", "--check"]) == 0


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_explained(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["explain", code.lower()]) == 0
    assert CODES[code].title in capsys.readouterr().out


def test_an_unknown_code_is_a_usage_error() -> None:
    assert main.run(["explain", "Z999"]) == 64


def test_connectors_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["list", "connectors"]) == 0
    assert "toy_pairs" in capsys.readouterr().out


def test_an_unknown_command_is_a_usage_error() -> None:
    assert main.run(["destroy"]) == 64


@pytest.mark.parametrize("error", [KeyError("zq-inner"), RecursionError(), InvariantError("G501", "broken")])
def test_a_bug_ends_with_70_and_no_traceback(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(main.cli, "main", fail)
    assert main.run(["validate"]) == 70
    err = capsys.readouterr().err
    assert "error[G501]" in err
    assert "Traceback" not in err


def test_the_traceback_of_a_bug_is_shown_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise KeyError("inner")

    monkeypatch.setenv("HOPLOOP_TRACEBACK", "1")
    monkeypatch.setattr(main.cli, "main", fail)
    assert main.run(["validate"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from hoploop.cli.main import run; code = run(['--help']);"
        "heavy = {'jsonschema', 'ruamel.yaml', 'aiohttp', 'textual', 'hoploop.cli.validate'} & set(sys.modules);"
        "sys.exit(code or bool(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_checking_a_good_recipe_imports_only_what_it_uses() -> None:
    """It runs at every keystroke of somebody's patience: no event loop, no sockets, no screen, no native module."""
    recipe = Path(__file__).parents[3] / "recipes" / "paper" / "two_chains.yaml"
    code = (
        f"import sys; from hoploop.cli.main import run; code = run(['validate', {str(recipe)!r}]);"
        "heavy = {'asyncio', 'jsonschema', 'aiohttp', 'textual', 'web3', 'sqlite3', 'hoploop.hot._native'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_every_command_of_the_table_can_be_imported() -> None:
    context = click.Context(main.cli)
    for name in main.COMMANDS:
        command = main.cli.get_command(context, name)
        assert command is not None
        assert command.help, name
