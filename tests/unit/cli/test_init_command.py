"""`init` writes a recipe, its schema and its market; asks on a terminal; replaces nothing and writes nothing bad."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from repository import first_party

from hoploop.cli import init as module
from hoploop.cli import main
from hoploop.plugin.registry import Registry
from hoploop.recipe.publish import published_text

PAPER = ("--template", "evm-paper")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: first_party()))
    monkeypatch.chdir(tmp_path)


def answering(monkeypatch: pytest.MonkeyPatch, answers: Sequence[str]) -> None:
    """A terminal at which somebody types these, one after the other."""
    typed = iter(answers)
    monkeypatch.setattr(module, "_terminal", lambda: True)
    monkeypatch.setattr(click.termui, "visible_prompt_func", lambda _: next(typed))


def test_it_writes_the_recipe_its_market_and_the_schema_its_first_line_names() -> None:
    assert main.run(["init", "my_bot.yaml", *PAPER]) == 0
    first, *_ = Path("my_bot.yaml").read_text("utf-8").splitlines()
    schema = Path(first.removeprefix("# yaml-language-server: $schema="))
    assert schema.read_text("utf-8") == published_text(first_party())
    assert "eth" in json.loads(Path("my_bot.market.json").read_bytes())["chains"]


def test_the_name_is_that_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["init", "My Bot.yaml", *PAPER]) == 0
    assert "\nrecipe: my_bot\n" in Path("My Bot.yaml").read_text("utf-8")


def test_the_file_is_called_like_the_recipe() -> None:
    assert main.run(["init", "--name", "arb", *PAPER]) == 0
    assert "\nrecipe: arb\n" in Path("arb.yaml").read_text("utf-8")


def test_without_either_it_is_called_like_the_template() -> None:
    assert main.run(["init", *PAPER]) == 0
    assert Path("evm_paper.yaml").exists()


def test_values_are_put_in() -> None:
    assert main.run(["init", "a.yaml", *PAPER, "--set", "daily_loss=0.25 WETH", "--set", "most=3 WETH"]) == 0
    text = Path("a.yaml").read_text("utf-8")
    assert '  daily_loss: "0.25 WETH" ' in text
    assert '  most: "3 WETH" ' in text


@pytest.mark.parametrize("template", ["evm-paper", "solana-paper", "two-chains"])
def test_the_tests_it_writes_pass(template: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["init", "a.yaml", "--template", template]) == 0
    assert main.run(["test", "a.yaml"]) == 0


def test_it_says_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["init", "a.yaml", *PAPER])
    assert capsys.readouterr().out.splitlines() == [
        "wrote a.yaml",
        "wrote a.market.json",
        "wrote .hoploop/recipe.schema.json",
        "",
        "next:",
        "  hoploop validate a.yaml",
        "  hoploop plan a.yaml",
        "  hoploop test a.yaml",
        "  hoploop dry-run a.yaml",
        "  hoploop run a.yaml --for 30s",
    ]


def test_for_live_it_says_which_variables_are_not_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOPLOOP_EVM_OWNER", "0x00000000000000000000000000000000000000ab")
    assert main.run(["init", "a.yaml", "--template", "evm-live"]) == 0
    out = capsys.readouterr().out
    assert "  HOPLOOP_EVM_EXECUTOR\n" in out
    assert "HOPLOOP_EVM_OWNER" not in out
    assert not Path("a.market.json").exists()


@pytest.mark.parametrize("there", ["a.yaml", "a.market.json"])
def test_nothing_is_replaced_unless_told_so(there: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(there).write_text("mine", "utf-8")
    assert main.run(["init", "a.yaml", *PAPER]) == 74
    assert "error[R430]" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == [there]
    assert main.run(["init", "a.yaml", *PAPER, "--force"]) == 0
    assert Path(there).read_text("utf-8") != "mine"


def test_a_value_that_does_not_fit_is_shown_and_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["init", "a.yaml", *PAPER, "--set", "most=3 SOL"]) == 1
    assert "error[R204]" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("a.yaml",),
        ("a.txt", *PAPER),
        ("a.yaml", "--name", "1st", *PAPER),
        ("a.yaml", "--template", "evm"),
        ("a.yaml", *PAPER, "--set", "most"),
        ("a.yaml", *PAPER, "--set", "more=1 WETH"),
        ("a.yaml", *PAPER, "--set", "most=1 WETH # or so"),
        ("a.yaml", *PAPER, "--set", "most=1 WETH\nmode: live"),
        ("a.yaml", *PAPER, "--set", "most={a: b}"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert main.run(["init", *arguments]) == 64
    assert list(Path().iterdir()) == []


def test_a_folder_that_is_not_there_is_an_io_error() -> None:
    assert main.run(["init", "none/a.yaml", *PAPER]) == 74


def test_on_a_terminal_it_asks_with_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["", "", "", "", ""])
    assert main.run(["init"]) == 0
    assert "\nrecipe: evm_paper\n" in Path("evm_paper.yaml").read_text("utf-8")


def test_what_is_answered_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["solana", "live", "careful", "0.1 SOL", "0.05 SOL"])
    assert main.run(["init"]) == 0
    text = Path("careful.yaml").read_text("utf-8")
    assert "\nrecipe: careful\n" in text
    assert '  daily_loss: "0.1 SOL" ' in text
    assert '  daily_fees: "0.05 SOL" ' in text


def test_an_answer_that_is_no_amount_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["evm", "paper", "0.1: x", "0.1 WETH", ""])
    assert main.run(["init", "a.yaml"]) == 0
    assert '  daily_loss: "0.1 WETH" ' in Path("a.yaml").read_text("utf-8")


def test_both_chains_leave_no_choice_of_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["both", "pair", "", "", "", ""])
    assert main.run(["init"]) == 0
    assert "\nmode: paper" in Path("pair.yaml").read_text("utf-8")


def test_what_is_said_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, [])
    assert main.run(["init", *PAPER]) == 0
