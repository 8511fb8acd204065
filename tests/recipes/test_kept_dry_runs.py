"""A dry run's text is kept beside its recipe and compared with later ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from repository import ROOT, first_party

from hoploop.cli import main
from hoploop.plugin.registry import Registry


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: first_party()))
    monkeypatch.chdir(tmp_path)
    for name in ("solana_flash.yaml", "solana_flash.market.json"):
        shutil.copyfile(ROOT / "recipes" / "paper" / name, tmp_path / name)
    return "solana_flash.yaml"


def test_the_same_dry_run_is_as_it_was_kept(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["dry-run", recipe]) == 0
    text = capsys.readouterr().out
    assert main.run(["dry-run", recipe, "--update"]) == 0
    assert Path("solana_flash.dry-run.txt").read_text("utf-8") == text
    capsys.readouterr()
    assert main.run(["dry-run", recipe]) == 0
    assert capsys.readouterr().out == "as in solana_flash.dry-run.txt\n"


def test_another_dry_run_is_shown_as_a_difference(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("solana_flash.dry-run.txt").write_text("recipe solana_flash\nold\n", "utf-8")
    assert main.run(["dry-run", recipe]) == 1
    out = capsys.readouterr().out
    assert "-old\n" in out
    assert "+nothing was sent\n" in out


def test_another_market_is_not_compared(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("solana_flash.dry-run.txt").write_text("old\n", "utf-8")
    shutil.copyfile("solana_flash.market.json", "other.json")
    assert main.run(["dry-run", recipe, "--market", "other.json"]) == 0
    assert capsys.readouterr().out.startswith("recipe solana_flash\n")
    assert main.run(["dry-run", recipe, "--market", "other.json", "--update"]) == 64
