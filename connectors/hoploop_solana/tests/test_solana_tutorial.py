"""The tutorial works word by word: its files are written to a folder outside the repository and used from there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hoploop_solana
from hoploop.local.solana import names

ROOT = Path(hoploop_solana.__file__).resolve().parents[2]
HOPLOOP = "import sys; from hoploop.cli.main import main; sys.exit(main())"
FILES = re.compile(r"^`toy/([\w./]+)`\n\n```\w+\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """The tutorial's folder, registered as an installed distribution would be."""
    page = (ROOT / "docs/connectors/tutorial.md").read_text("utf-8")
    for name, text in FILES.findall(page):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "toy_amm-0.1.dist-info").mkdir()
    (tmp_path / "toy_amm-0.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-amm\nVersion: 0.1\n")
    entry = "[hoploop.connectors]\ntoy = toy_amm:connectors\n"
    (tmp_path / "toy_amm-0.1.dist-info" / "entry_points.txt").write_text(entry)
    return tmp_path


def run(toy: Path, *command: str) -> str:
    """Output of a Python command in the folder; the command must succeed."""
    paths = [str(toy), str(ROOT / "framework"), str(ROOT / "connectors")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=toy, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass(toy: Path) -> None:
    out = run(toy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert re.search(r"\d+ passed", out)
    assert "failed" not in out


def test_its_recipe_is_valid_and_plans(toy: Path) -> None:
    assert "no findings" in run(toy, "-c", HOPLOOP, "validate", "recipe.yaml")
    assert "toy/sol_usdc_25" in run(toy, "-c", HOPLOOP, "plan", "recipe.yaml")


def test_the_command_it_names_writes_the_files_it_explains(tmp_path: Path) -> None:
    page = (ROOT / "docs/connectors/tutorial.md").read_text("utf-8")
    (command,) = re.findall(r"`hoploop (create connector [^`<]+out-of-tree)`", page)
    run(tmp_path, "-c", HOPLOOP, *command.split())
    written = {path.relative_to(tmp_path / "toy_amm").as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {name for name, _ in FILES.findall(page)} - {"recipe.yaml"}


def test_its_addresses_are_those_of_the_local_world() -> None:
    page = (ROOT / "docs/connectors/tutorial.md").read_text("utf-8")
    world = names.default_spec()
    known = {world.genesis, *(p.address for p in world.programs), *(m.address for m in world.mints)}
    known |= {w.address for w in world.wallets}
    known |= {key for p in world.pools for key in (p.address, p.authority, p.vault_a, p.vault_b)}
    named = set(re.findall(r'"([1-9A-HJ-NP-Za-km-z]{43,44})"', page))
    assert named
    assert named <= known
