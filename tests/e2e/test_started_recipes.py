"""What `hoploop init` writes trades on the embedded chains as it was written."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from live_street import command

pytestmark = [pytest.mark.e2e, pytest.mark.chain]


def hoploop(folder: Path, *arguments: str) -> str:
    """Output of a command in a folder with a state of its own; it must end well."""
    patch = pytest.MonkeyPatch()
    patch.setenv("HOPLOOP_STATE", str(folder / "state"))
    done = subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    patch.undo()
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("template", "profile"),
    [
        ("evm-paper", None),
        ("solana-paper", None),
        ("solana-paper", "paper"),
        ("two-chains", None),
        ("evm-live", "paper"),
        ("solana-live", "paper"),
    ],
)
def test_a_started_recipe_lands_trades(template: str, profile: str | None, tmp_path: Path) -> None:
    hoploop(tmp_path, "init", "bot.yaml", "--template", template)
    chosen = () if profile is None else ("--profile", profile)
    out = hoploop(tmp_path, "run", "bot.yaml", *chosen, "--for", "20s", "--json")
    for chain in json.loads(out.splitlines()[-1])["chains"].values():
        assert chain["attempts"]["landed"] > 0
        assert chain["attempts"]["unknown"] == 0
