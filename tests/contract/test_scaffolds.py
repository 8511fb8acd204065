"""What `hoploop create connector` writes keeps the contract, is well formed, and works once it is installed."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from editor_client import Editor, place
from lsprotocol import types as lsp
from repository import ROOT, first_party

from hoploop.cli import main
from hoploop.model.chain import Family
from hoploop.plugin.connector import KINDS
from hoploop.plugin.registry import Registry
from hoploop.plugin.scaffold.catalog import LONGEST_KEY

FAMILIES: tuple[Family, ...] = get_args(Family)
WHAT = [(family, kind) for family in FAMILIES for kind in KINDS]
EVERY = pytest.mark.parametrize(("family", "kind"), WHAT, ids=[f"{family}-{kind}" for family, kind in WHAT])
HOPLOOP = "import sys; from hoploop.cli.main import main; sys.exit(main())"
IN_TREE = """
import sys, pytest, hoploop_evm, hoploop_solana
hoploop_evm.__path__.append(sys.argv[1] + "/evm")
hoploop_solana.__path__.append(sys.argv[1] + "/solana")
sys.exit(pytest.main(sys.argv[2:]))
"""


def key_of(family: str, kind: str) -> str:
    """A name as long as names may be."""
    return f"our_{family}_{kind}".ljust(LONGEST_KEY, "x")


def run(folder: Path, *command: str, paths: tuple[Path, ...] = ()) -> str:
    """Output of a Python command in a folder; it must end well."""
    known = [*map(str, paths), str(ROOT / "framework"), str(ROOT / "connectors")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(known), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write_all(folder: Path, *options: str) -> None:
    """Every kind of every family, written into one folder a family."""
    for family in FAMILIES:
        (folder / family).mkdir()
        for kind in KINDS:
            named = ("create", "connector", key_of(family, kind), "--family", family, "--kind", kind)
            assert main.run([*named, "--into", str(folder / family), *options]) == 0


def passed(report: Path) -> Mapping[str, int]:
    """Tests that passed, by the connector whose they are."""
    counts: dict[str, int] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        assert list(case) == [], f"{case.get('name')} did not pass"
        for family, kind in WHAT:
            if key_of(family, kind) in case.get("classname", ""):
                counts[key_of(family, kind)] = counts.get(key_of(family, kind), 0) + 1
    return counts


def options(report: Path) -> tuple[str, ...]:
    """Of pytest, wherever the tests stand."""
    settings = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function", "-W", "error")
    return ("-q", "-p", "no:cacheprovider", "--import-mode=importlib", *settings, f"--junitxml={report}")


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("apart")
    write_all(folder, "--out-of-tree")
    return folder


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inside")
    write_all(folder)
    return folder


@pytest.fixture(scope="module")
def apart_passed(apart: Path) -> Mapping[str, int]:
    paths = tuple(apart / family / key_of(family, kind) for family, kind in WHAT)
    config = paths[0] / "pyproject.toml"
    run(apart, "-m", "pytest", "-c", str(config), *options(apart / "report.xml"), *map(str, paths), paths=paths)
    return passed(apart / "report.xml")


@pytest.fixture(scope="module")
def inside_passed(inside: Path) -> Mapping[str, int]:
    run(inside, "-c", IN_TREE, str(inside), *options(inside / "report.xml"), str(inside))
    return passed(inside / "report.xml")


@EVERY
def test_a_package_of_its_own_passes_its_tests(apart_passed: Mapping[str, int], family: str, kind: str) -> None:
    assert apart_passed[key_of(family, kind)] >= 10


@EVERY
def test_a_folder_of_the_family_passes_its_tests(inside_passed: Mapping[str, int], family: str, kind: str) -> None:
    assert inside_passed[key_of(family, kind)] >= 10


@pytest.mark.parametrize("check", [("check", "--quiet"), ("format", "--check", "--quiet")])
def test_what_is_written_is_formed_like_the_rest(apart: Path, inside: Path, check: tuple[str, ...]) -> None:
    (inside / "ruff.toml").write_text(
        f'extend = "{ROOT}/pyproject.toml"\n'
        '[lint.isort]\nknown-first-party = ["hoploop", "hoploop_evm", "hoploop_solana"]\n'
    )
    ruff = Path(sys.executable).with_name("ruff")
    for folder in (apart, inside):
        done = subprocess.run([ruff, *check, folder], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_written_is_typed(apart: Path) -> None:
    keys = [key_of(family, kind) for family, kind in WHAT]
    roots = [str(apart / family / key_of(family, kind)) for family, kind in WHAT]
    known = os.pathsep.join([*roots, str(ROOT / "framework"), str(ROOT / "connectors")])
    arguments = [
        "--strict",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        *(word for key in keys for word in ("-p", key)),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(apart / "mypy"), *arguments],
        cwd=apart, env=os.environ | {"MYPYPATH": known}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


INSTALLED = [("evm", "chain"), ("evm", "venue"), ("solana", "chain")]


@pytest.fixture(scope="module")
def installed(apart: Path) -> Path:
    """A folder that some of them were installed into, as `pip install` does it."""
    target = apart / "site"
    uv = Path(sys.executable).with_name("uv")
    packages = [apart / family / key_of(family, kind) for family, kind in INSTALLED]
    command = [uv, "pip", "install", "--offline", "--no-build-isolation", "--no-deps", "--python", sys.executable]
    done = subprocess.run(
        [*command, "--target", target, *packages], cwd=apart, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return target


def recipe_with(folder: Path, family: str, *replaced: tuple[str, str]) -> Path:
    """The repository's paper recipe of a family and its recorded market, with other connectors at some places."""
    source = ROOT / "recipes" / "paper" / f"{family}_flash.yaml"
    text = source.read_text("utf-8")
    for before, after in replaced:
        assert before in text
        text = text.replace(before, after)
    path = folder / "mine.yaml"
    path.write_text(text, "utf-8")
    path.with_suffix(".market.json").write_bytes(source.with_suffix(".market.json").read_bytes())
    return path


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """On an EVM chain of our own kind, with an exchange of our own kind."""
    venue = ("  - id: cake2\n    connector: uniswap_v2\n", f"  - id: cake2\n    connector: {key_of('evm', 'venue')}\n")
    return recipe_with(tmp_path, "evm", venue, ("    connector: evm\n", f"    connector: {key_of('evm', 'chain')}\n"))


def test_it_is_listed(installed: Path) -> None:
    out = run(installed, "-c", HOPLOOP, "list", "connectors", "--kind", "venue", "--format", "json", paths=(installed,))
    assert key_of("evm", "venue") in {row["key"] for row in json.loads(out)}


def test_it_is_in_the_schema_that_editors_get(installed: Path) -> None:
    assert f'"{key_of("evm", "venue")}"' in run(installed, "-c", HOPLOOP, "schema", paths=(installed,))


def test_recipes_may_use_it(installed: Path, recipe: Path) -> None:
    out = run(recipe.parent, "-c", HOPLOOP, "validate", recipe.name, paths=(installed,))
    assert "no findings" in out


def test_its_fields_are_checked_and_explained(installed: Path, recipe: Path) -> None:
    recipe.write_text(recipe.read_text("utf-8").replace("    fee: 20bps\n", "    fee: 20 bananas\n"), "utf-8")
    known = {"PYTHONPATH": os.pathsep.join([str(installed), str(ROOT / "framework"), str(ROOT / "connectors")])}
    done = subprocess.run(
        [sys.executable, "-c", HOPLOOP, "validate", recipe.name], cwd=recipe.parent, env=os.environ | known,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "error[R106]" in done.stdout
    assert "venues[1].fee" in done.stdout


def test_it_trades_what_a_recorded_market_offers(installed: Path, recipe: Path) -> None:
    out = run(recipe.parent, "-c", HOPLOOP, "dry-run", recipe.name, paths=(installed,))
    assert "cake2/weth_usdc" in out
    assert "signed 0x" in out


def test_so_it_does_on_solana(installed: Path, tmp_path: Path) -> None:
    chain = ("    connector: solana\n", f"    connector: {key_of('solana', 'chain')}\n")
    recipe = recipe_with(tmp_path, "solana", chain)
    assert "signed" in run(tmp_path, "-c", HOPLOOP, "dry-run", recipe.name, paths=(installed,))


async def test_editors_offer_it_and_its_fields(installed: Path, recipe: Path, tmp_path: Path) -> None:
    text, editor = recipe.read_text("utf-8"), Editor(tmp_path)
    known = [str(installed), str(ROOT / "framework"), str(ROOT / "connectors"), *sys.path]
    await editor.start_io(
        sys.executable, "-m", "hoploop", "lsp", env={**os.environ, "PYTHONPATH": os.pathsep.join(known)}
    )
    await editor.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities()))
    editor.initialized(lsp.InitializedParams())
    editor.open(recipe.name, text)
    await editor.codes(recipe.name, [])
    here = place(text, f"connector: {key_of('evm', 'venue')}", len("connector: "))
    assert key_of("evm", "venue") in await editor.offers(recipe.name, here)
    await editor.leave()


@pytest.mark.parametrize("family", FAMILIES)
def test_what_they_build_on_needs_no_network_code(family: str, tmp_path: Path) -> None:
    loaded = f"import sys, hoploop_{family}.sdk; print(sorted({{'aiohttp', 'websockets', 'web3'}} & set(sys.modules)))"
    assert run(tmp_path, "-c", loaded) == "[]\n"


@pytest.mark.parametrize("family", FAMILIES)
def test_what_they_build_on_is_all_there(family: str) -> None:
    for name in ("sdk", "testing"):
        module = importlib.import_module(f"hoploop_{family}.{name}")
        assert [one for one in module.__all__ if not hasattr(module, one)] == []


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("Mine", 1),
        ("my-venue", 1),
        ("a" * (LONGEST_KEY + 1), 1),
        ("class", 1),
        ("sdk", 1),
        ("uniswap_v2", 1),
        ("json", 1),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(
    key: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: first_party()))
    named = ("create", "connector", key, "--family", "evm", "--kind", "venue")
    assert main.run([*named, "--out-of-tree", "--into", str(tmp_path)]) == code
    assert "error[P106]" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    named = ("create", "connector", "mine", "--family", "evm", "--kind", "venue", "--into", str(tmp_path))
    assert main.run(list(named)) == 74
    assert list((tmp_path / "mine").iterdir()) == []
