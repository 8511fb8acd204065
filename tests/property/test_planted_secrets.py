"""Secrets planted wherever one may stand are in no output of any command, in no format, in no log, in no file left."""

from __future__ import annotations

import functools
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from click.shell_completion import ShellComplete
from hypothesis import Phase, given, settings
from planted import leaks
from planted_recipes import MARKET, Planted, planted
from toy_connectors import TOYS, toy_registry

from hoploop.cli import main
from hoploop.errors import PermanentError
from hoploop.plugin.connector import ChainContext
from hoploop.plugin.registry import Registry
from hoploop.recipe import load
from hoploop.recipe.load import Pipeline
from hoploop.recipe.source import source_of
from hoploop.recipe.starters.catalog import STARTERS
from hoploop.runtime.local_chains import Served, write_served
from hoploop.runtime.secrets import SecretStore

FORMATS = ("concise", "json", "github", "sarif", "junit")
COMMANDS = [
    ["validate", "top.yaml"], *(["validate", "top.yaml", "--format", form] for form in FORMATS),
    ["validate", "."], ["validate", "README.md", "--fragments-in", "top.yaml"],
    ["validate", "top.yaml", "--profile", "q"],
    ["list", "recipes", "."], ["list", "profiles", "top.yaml"],
    ["plan", "top.yaml"], ["plan", "top.yaml", "--format", "json"], ["plan", "top.yaml", "--profile", "p"],
    ["plan", "top.yaml", "--diff"],
    ["show", "top.yaml"], ["show", "top.yaml", "--origin"], ["show", "top.yaml", "--origin", "--format", "json"],
    ["show", "top.yaml", "chains", "--profile", "p"],
    *(["graph", "top.yaml", "--format", form] for form in ("text", "dot")),
    ["lint", "top.yaml"],
    ["fmt", ".", "--diff"], ["migrate", "."],
    *(["test", "top.yaml", "--format", form] for form in ("human", "junit")),
    *(["check", "top.yaml", "--local", "chains.json", "--format", form] for form in ("human", "json")),
    ["dry-run", "top.yaml"], ["dry-run", "top.yaml", "--market", "toy.market.json"],
    ["run", "top.yaml", "--locked"], ["run", "top.yaml", "--profile", "q"], ["apply", "top.yaml"],
    *([act, "top.yaml"] for act in ("status", "kill", "pause", "top", "tap", "console")),
    *([act, "top.yaml", "--confirm", "toy"] for act in ("arm", "resume")),
    *(["ledger", of, "top.yaml"] for of in ("attempts", "days", "runs")),
    ["lock", "top.yaml", "--check"], ["lock", "top.yaml"], ["lock", "top.yaml", "--check"],
    ["validate", "top.yaml", "--fix"],
]  # fmt: skip
WITHOUT_A_RECIPE = [
    *(["init", "new.yaml", "--template", name] for name in STARTERS), ["init", "new.yaml"],
    ["create", "connector", "my_venue", "--family", "evm", "--kind", "venue", "--out-of-tree"],
    ["explain", "chains.key"], ["explain", "R023"], ["list", "connectors"], ["list", "codes"], ["schema"],
    ["completion", "bash"], ["version"], ["local", "up", "top.yaml"], ["demo", "--for", "x"], ["verify", "nothing"],
]  # fmt: skip


class Refusing:
    """A chain, and its examiner, that can be made with its key and does not answer."""

    def __init__(self, _config: object, context: Any) -> None:
        if isinstance(context, ChainContext):
            context.secrets.resolve(context.key)
        self.client = self

    async def open(self) -> Any:
        raise PermanentError("C103", "not today (-1)")

    async def close(self) -> None:
        """Nothing is open."""


@functools.cache
def registry() -> Registry:
    """Toys with a chain that can be looked at."""

    def offer(one: Any) -> Any:
        return msgspec.structs.replace(one, factory=Refusing, examiner=Refusing) if one.kind == "chain" else one

    return Registry([msgspec.structs.replace(toy, offers=tuple(map(offer, toy.offers))) for toy in TOYS])


@contextmanager
def _sown(found: Planted) -> Iterator[Path]:
    """The current folder, with everything in place."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setattr(Registry, "installed", classmethod(lambda cls: registry()))
        patch.setattr(load, "compose", functools.cache(load.compose))
        patch.chdir(folder)
        patch.setenv("HOPLOOP_STATE_DIR", str(folder / "state"))
        patch.setenv("HOPLOOP_STATE", str(folder / "state"))
        for key, value in found.environ.items():
            patch.setenv(key, value)
        served = Served(endpoint="ipc:nowhere", extras={"toy_private": "http://127.0.0.1:1"})
        write_served(folder / "chains.json", {"eth": served})
        for file, text in {"toy.market.json": MARKET, "README.md": "", **found.files}.items():
            (folder / file).write_text(text, "utf-8")
            (folder / file).chmod(0o600)
        yield folder


def _told(command: list[str]) -> str:
    """Everything one command prints and logs."""
    out, log = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        with redirect_stdout(out), redirect_stderr(out):
            code = main.run(command)
    finally:
        logging.getLogger().removeHandler(handler)
    assert code != 70, out.getvalue()
    return f"$ {' '.join(command)}\n{out.getvalue()}{log.getvalue()}"


def _completed() -> str:
    """What a shell offers after an option that takes a profile, and for a file."""
    shell = ShellComplete(main.cli, {}, "hoploop", "_HOPLOOP_COMPLETE")
    offered = [
        *shell.get_completions(["plan", "top.yaml", "--profile"], ""), *shell.get_completions(["validate"], "")
    ]  # fmt: skip
    return f"$ complete\n{[(item.value, item.help) for item in offered]}"


@settings(phases=[Phase.generate], max_examples=max(15, settings.default.max_examples // 4))
@given(planted())
def test_a_planted_secret_is_in_no_output(found: Planted) -> None:
    with _sown(found) as folder:
        named = {name for name in found.files if leaks(name, found.secrets)}
        for command in COMMANDS:
            if found.public and command[0] in ("plan", "graph"):
                continue
            told = _told(command)
            assert not leaks(told, found.secrets), told[:4000]
        if not named:
            assert not leaks(_completed(), found.secrets)
        for path in folder.rglob("*"):
            if path.is_file() and path.name not in found.files:
                assert not leaks(path.read_bytes(), found.secrets), path


@pytest.mark.parametrize("command", WITHOUT_A_RECIPE, ids=" ".join)
def test_the_environment_is_in_no_output(command: list[str]) -> None:
    """Keys are set in every variable a starter names, the right way or not."""
    names = sorted({name for starter in STARTERS.values() for name in starter.environment()})
    words = {name: f"https://h/zqOf{name}" if at % 2 else f"{at + 16:02x}" * 32 for at, name in enumerate(names)}
    secrets = tuple(word.removeprefix("https://h/") for word in words.values())
    found = Planted(secrets, {"top.yaml": "recipe: !x"}, words)
    with _sown(found):
        told = _told(command)
    assert not leaks(told, found.secrets), told


def test_no_reviewed_text_holds_a_key_of_the_embedded_chains() -> None:
    """Plans, dry runs and findings are kept as snapshots; the keys that signed them are not in there."""
    store = SecretStore(embedded=True)
    keys = [store.resolve(f"embedded/{name}") for name in ("evm_executor", "relay_identity", "solana_executor")]
    kept = Path(__file__).parents[1].rglob("*.ambr")
    texts = [path.read_text("utf-8").lower() for path in kept]
    assert texts
    assert not any(key.hex() in text for key in keys for text in texts)


@pytest.mark.parametrize(
    "key", ['key: "${var:signer}"', '{id: a, key: "${var:signer}", url: embedded}', 'key:\n      "${var:signer}"']
)
def test_a_variable_behind_a_secret_key_is_masked_before_anything_is_understood(key: str) -> None:
    text = f"vars:\n  signer: zq-hunter2\nrecipe: !t toy\nroutes:\n  - {key}\n"
    found = Pipeline(toy_registry(), {}).inspect(source_of(text.encode(), "r.yaml"))
    assert found.report.errors
    assert "hunter2" not in found.snippets.line("r.yaml", 2)
