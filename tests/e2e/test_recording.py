"""`dry-run --record` on embedded chains: what was heard is played again; a market that is silent is no recording."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from live_street import command
from repository import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

RECIPE = (ROOT / "recipes" / "paper" / "solana_flash.yaml").read_text("utf-8")


def recorded(folder: Path, recipe: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What `dry-run --record` of this recipe said."""
    (folder / "bot.yaml").write_text(recipe, "utf-8")
    asked = command("dry-run", "bot.yaml", "--record", *options)
    return subprocess.run(asked, cwd=folder, capture_output=True, text=True, timeout=240, check=False)


def test_what_was_heard_is_played_again(tmp_path: Path) -> None:
    done = recorded(tmp_path, RECIPE)
    assert done.returncode == 0, done.stderr
    assert "opportunity 1 of strategy sol_cycles" in done.stdout
    asked = command("dry-run", "bot.yaml")
    again = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert (again.returncode, again.stdout) == (0, done.stdout)


def test_a_market_that_is_silent_is_no_recording(tmp_path: Path) -> None:
    assert "traffic: true" in RECIPE
    done = recorded(tmp_path, RECIPE.replace("traffic: true", "traffic: false"), "--for", "2s")
    assert done.returncode == 1, done.stdout
    assert "error[R411]: sol: nothing was heard in 2 s" in done.stderr
    assert not (tmp_path / "bot.market.json").exists()
