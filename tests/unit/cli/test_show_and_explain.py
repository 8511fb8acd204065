"""`show` prints the loaded recipe with origins and without secrets; `explain` explains codes and fields."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.cli import main
from hoploop.plugin.registry import Registry

TOP = """\
include: [base.yaml]
recipe: top
vars: {least: "0.002 WETH"}
templates:
  slow: {cooldown: 5s}
strategies:
  - {id: cycles, use: slow, profit: {min: "${var:least}"}}
profiles:
  small:
    strategies: [{id: cycles, size: {max_notional: "1 WETH"}}]
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: toy_registry()))
    monkeypatch.setenv("CHAIN_ID", "31337")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(GOOD.replace("chain_id: 31337", "chain_id: ${env:CHAIN_ID}"), "utf-8")
    (tmp_path / "top.yaml").write_text(TOP, "utf-8")


def _lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main.run(["show", "top.yaml", *arguments]) == 0
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("recipe", "top # top.yaml:2"),
        ("mode", "paper # base.yaml:2, include"),
        ("chains.eth.chain_id", "${env:CHAIN_ID} # base.yaml:7, env CHAIN_ID, include"),
        ("strategies.cycles.cooldown", "5s # top.yaml:5, template slow"),
        ("venues.left.pools.one.token0", "weth # base.yaml:29, include"),
        ("strategies[0].profit.min", '"0.002 WETH" # top.yaml:3, var least'),
        ("strategies.cycles.size.max_notional", '"50 WETH" # base.yaml:50, include'),
        ("strategies.cycles.budget", "256 # default of the language"),
    ],
)
def test_every_value_says_where_it_is_from(path: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _lines(capsys, path, "--origin") == [line]


def test_a_profile_is_an_origin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ['"1 WETH" # top.yaml:10, profile small']
    assert _lines(capsys, "strategies.cycles.size.max_notional", "--origin", "--profile", "small") == shown
    monkeypatch.setenv("HOPLOOP_PROFILE", "small")
    assert _lines(capsys, "strategies.cycles.size.max_notional", "--origin") == shown


def test_without_origins_defaults_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert _lines(capsys, "strategies.cycles.profit") == ['min: "0.002 WETH"']
    assert "budget" not in "".join(_lines(capsys))


def test_json_has_the_recipe_and_the_origins(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["show", "top.yaml", "strategies.cycles", "--origin", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["recipe"]["cooldown"] == "5s"
    assert shown["origins"]["cooldown"]["ways"] == ["template slow"]
    assert shown["origins"]["cooldown"]["span"]["line"] == 5


def test_a_path_to_nothing_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["show", "top.yaml", "venues.middle"]) == 64


def test_a_recipe_with_findings_is_shown_with_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "top.yaml").write_text(TOP.replace("5s", "5"), "utf-8")
    assert main.run(["show", "top.yaml", "strategies.cycles.cooldown"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "5\n"
    assert "R106" in captured.err


def test_secrets_in_the_clear_are_masked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = GOOD.replace('"${secret:embedded/relay_identity}"', "hunter2-hunter2").replace(
        "${secret:embedded/evm_executor}", "hunter2-${env:CHAIN_ID}"
    )
    (tmp_path / "base.yaml").write_text(text, "utf-8")
    assert main.run(["show", "top.yaml", "--origin"]) == 1
    captured = capsys.readouterr()
    assert "hunter2" not in captured.out + captured.err
    assert captured.out.count("********") == 2


def test_a_folder_is_checked_without_its_parts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text("risk: {daily_loss: {weth: 2 WETH}}\n", "utf-8")
    (tmp_path / "top.yaml").write_text(TOP.replace("[base.yaml]", "[base.yaml, part.yaml]"), "utf-8")
    assert main.run(["validate", "."]) == 0
    assert capsys.readouterr().out == "2 recipes, no findings\n"
    assert main.run(["validate", "part.yaml"]) == 1


def test_validate_checks_every_profile(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "top.yaml").write_text(TOP.replace("1 WETH", "1 WEHT"), "utf-8")
    assert main.run(["validate", "top.yaml"]) == 1
    assert "under the profile 'small'" in capsys.readouterr().out
    assert main.run(["plan", "top.yaml"]) == 0
    assert main.run(["plan", "top.yaml", "--profile", "small"]) == 1


def test_an_unknown_profile_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["plan", "top.yaml", "--profile", "smal"]) == 1
    assert "did you mean 'small'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "strategies.profit.min",
            ["amount, required", "Least profit after all costs", "0.0005 WETH", "less of it raises"],
        ),
        ("strategies[0].profit.min", ["amount, required"]),
        ("strategies.cooldown", ["duration", "default: 0ms"]),
        ("risk.daily_loss.weth", ["amount"]),
        ("venues.fee", ["venues.toy_pairs.fee", "ratio, required", "30bps"]),
        ("venues.toy_pairs.pools.token0", ["id in assets"]),
        ("chains.endpoint", ["chains.toy_evm.endpoint", "chains.toy_solana.endpoint", "embedded, ipc:PATH"]),
        ("routes.key", ["secret reference"]),
        ("strategies.routes.policy", ["one of", "default: first", "not supported yet: all"]),
        ("wallets", ["not supported yet"]),
        ("profiles", ["--profile NAME"]),
        ("chains", ["list", "required"]),
        ("r101", ["unknown key", "exit code 1"]),
    ],
)
def test_fields_and_codes_are_explained(path: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["explain", path]) == 0
    shown = capsys.readouterr().out
    assert [word for word in words if word not in shown] == []


@pytest.mark.parametrize(
    ("path", "near"),
    [("strategies.profit.mn", "'min'"), ("stratgies", "'strategies'"), ("venues.fe", "'fee'"), ("R999", "errors.md")],
)
def test_an_unknown_field_is_a_usage_error_with_the_nearest(
    path: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["explain", path]) == 64
    assert near in capsys.readouterr().err


@pytest.mark.parametrize("recipe", ["top.yaml", "../{0}/top.yaml"])
def test_lists_of_included_files_keep_their_place(
    recipe: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    recipe = recipe.format(tmp_path.name)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "seen.txt").write_text("left/one\n", "utf-8")
    universe = "universes: [{id: seen, chain: eth, files: [{path: seen.txt}]}]\n"
    (tmp_path / "parts" / "part.yaml").write_text(universe, "utf-8")
    (tmp_path / "top.yaml").write_text(TOP.replace("[base.yaml]", "[base.yaml, parts/part.yaml]"), "utf-8")
    assert main.run(["show", recipe]) == 0
    shown = capsys.readouterr().out
    assert "path: parts/seen.txt\n" in shown
    (tmp_path / "saved.yaml").write_text(shown, "utf-8")
    assert main.run(["list", "recipes", "saved.yaml"]) == 0
    assert "valid" in capsys.readouterr().out
