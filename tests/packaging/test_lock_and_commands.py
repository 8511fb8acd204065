"""The lock, the command list and the packages: what a fresh clone depends on."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NPM_LOCKS = [ROOT / folder / "package-lock.json" for folder in ("contracts/evm", "tests/support/yaml_language_server")]


def name_of(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def just(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('scripts'))"]
    scripts = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return subprocess.run(
        [f"{scripts}/just", "--justfile", str(ROOT / "Justfile"), *args], capture_output=True, text=True, check=False
    )


def test_every_declared_dependency_is_locked() -> None:
    declared = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dev"]]
    locked = {name_of(line) for line in LOCK.splitlines() if "==" in line}
    assert {name_of(one) for one in [*declared, *PROJECT["build-system"]["requires"]]} <= locked


def test_every_locked_package_has_a_hash() -> None:
    for block in re.split(r"\n(?=[a-z0-9])", LOCK):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_lock_names_no_index_and_no_folder() -> None:
    assert re.findall(r"https?://|--index|--find-links|file:|^/", LOCK, flags=re.MULTILINE) == []


@pytest.mark.parametrize(
    "lock", NPM_LOCKS, ids=lambda lock: lock.parent.relative_to(ROOT).as_posix()
)
def test_a_lock_of_npm_packages_has_hashes_and_names_no_registry(lock: Path) -> None:
    packages = {name: found for name, found in json.loads(lock.read_text())["packages"].items() if name}
    assert [name for name, found in packages.items() if "integrity" not in found or "resolved" in found] == []


def test_bare_just_lists_the_commands_in_groups() -> None:
    shown = just()
    assert shown.returncode == 0
    for word in ("[use]", "[check]", "demo", "test", "validate", "hoploop"):
        assert word in shown.stdout


@pytest.mark.parametrize("recipe", ["demo", "test", "validate", "hoploop", "lint", "types", "lock", "contracts"])
def test_every_promised_command_exists_and_says_what_it_does(recipe: str) -> None:
    recipes = json.loads(just("--dump", "--dump-format", "json").stdout)["recipes"]
    assert recipes[recipe]["doc"]


def test_a_command_is_one_or_two_lines() -> None:
    recipes = json.loads(just("--dump", "--dump-format", "json").stdout)["recipes"]
    assert {name: len(found["body"]) for name, found in recipes.items() if len(found["body"]) > 2} == {}


def test_arguments_reach_the_command_line_as_they_were_typed() -> None:
    shown = just("hoploop", "no such command; echo 'x'")
    assert shown.returncode == 64
    assert "no such command; echo 'x'" in shown.stderr


@pytest.mark.parametrize("script", ["justw", ".ci/run"])
def test_the_scripts_are_executable_and_parse(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    shell = "sh" if script == "justw" else "bash"
    assert subprocess.run([shell, "-n", str(path)], check=False).returncode == 0


def imported_packages(*folders: str) -> set[str]:
    found: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" in path.parts or "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    found.add(node.module.partition(".")[0])
    return found


def test_every_imported_package_is_declared() -> None:
    distributions = packages_distributions()
    declared = {name_of(one) for one in PROJECT["project"]["dependencies"]}
    ours = {path.name for source in ("framework", "connectors") for path in (ROOT / source).iterdir()}
    outside = imported_packages("framework", "connectors") - ours - set(sys.stdlib_module_names)
    missing = {
        package
        for package in outside
        if not {name_of(name) for name in distributions.get(package, [package])} & declared
    }
    assert missing == set()
