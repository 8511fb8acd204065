"""Whatever is asked of a running engine, however its node fails: keys are in no answer, log, book or file of it."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from echoing_node import EchoingProxy, serving
from live_street import PAPER, EngineProcess, chains, variant, wait_for
from live_street import serving as served_as
from planted import leaks

from hoploop.cli import main
from hoploop.console.source import Engine as Recorder
from hoploop.local.keys import local_seed

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

SOURCE = PAPER / "solana_flash.yaml"
NODE_KEY, FEED_KEY, OTHER_KEY = "zqNodeKey0f5c2b91d7Zk", "zqFeedKey8a41e6c03bXw", "zqOtherKey77e1b2d9c4Qp"
TYPED = "5d" * 32
OWNER = local_seed("solana/executor")
SECRETS: tuple[str | bytes, ...] = (NODE_KEY, FEED_KEY, OTHER_KEY, bytes.fromhex(TYPED), OWNER)
Ask = Callable[..., str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with chains(SOURCE, tmp_path_factory.mktemp("chains")) as file:
        yield file


@pytest.fixture
def node(served: Path) -> Iterator[EchoingProxy]:
    chain = served_as(served, "sol")
    proxy = EchoingProxy(chain.endpoint, chain.extras["ws"], chain.extras["jito"])
    with serving(proxy):
        yield proxy


@pytest.fixture
def recipe(node: EchoingProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Live, on a node that knows us by keys: two behind references, one of the environment."""
    here = f"127.0.0.1:{node.port}"
    monkeypatch.setenv("LIVE_OWNER", OWNER.hex())
    monkeypatch.setenv("LIVE_NODE", f"http://{here}/v2/{NODE_KEY}")
    monkeypatch.setenv("LIVE_ENGINE", f"http://me:{OTHER_KEY}@{here}")
    monkeypatch.setenv("LIVE_FEED", f"ws://{here}/?api-key={FEED_KEY}")
    return variant(
        SOURCE,
        tmp_path / "recipe.yaml",
        ("mode: paper", "mode: live"),
        ("    ingest: native\n", ""),
        ("endpoint: embedded", "endpoint: ${secret:env/LIVE_NODE}"),
        ("    embedded: {seed: 7, slot_time: 200ms, traffic: true}\n", '    websocket: "${env:LIVE_FEED}"\n'),
        ("${secret:embedded/solana_executor}", "${secret:env/LIVE_OWNER}"),
        ("url: embedded", "url: ${secret:env/LIVE_ENGINE}"),
    )


def told(*command: object) -> str:
    """Everything one command prints and logs."""
    out, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(out)
    root.addHandler(handler)
    try:
        with redirect_stdout(out), redirect_stderr(out):
            code = main.run([str(word) for word in command])
    finally:
        root.removeHandler(handler)
    assert code != 70, out.getvalue()
    return f"$ {' '.join(map(str, command))}\n{out.getvalue()}"


def everything(recipe: Path, folder: Path) -> Iterator[str]:
    """Every command that looks at a running engine."""
    at = ("--state-dir", folder)
    for command in ("status", "status --json", "top --for 200ms", "tap --for 200ms"):
        name, *options = command.split()
        yield told(name, "solana_flash", *options, *at)
    for form in ("human", "json", "csv"):
        for of in ("attempts", "days", "runs"):
            yield told("ledger", of, "solana_flash", "--format", form, *at)
    for options in ([], ["--format", "json"], ["--detailed-exitcode"]):
        yield told("plan", recipe, "--diff", *options, *at)
    yield told("arm", "solana_flash", "--confirm", OTHER_KEY[2:8], *at)


async def recorded(socket: Path, into: Path) -> None:
    """What `console --record` writes of a few frames."""
    with into.open("wb") as file:
        frames = Recorder(socket, by="test", record=file).frames()
        for _ in range(5):
            await anext(frames)
        await frames.aclose()  # type: ignore[attr-defined]


def edits(recipe: Path, folder: Path, here: str) -> Iterator[tuple[Path, list[str]]]:
    """Changes of the recipe that are taken, refused, impossible and invalid, with keys coming and going."""
    plain = recipe.read_text("utf-8")
    for number, (before, after, options) in enumerate([
        ('max_notional: "500 SOL"', 'max_notional: "20 SOL"', []),
        ('max_notional: "500 SOL"', 'max_notional: "501 SOL"', ["--json"]),
        ('"${env:LIVE_FEED}"', f'"ws://{here}/?api-key={OTHER_KEY}"', ["--accept-risk"]),
        ("${secret:env/LIVE_ENGINE}", f"http://{here}/{NODE_KEY}", ["--accept-risk", "--json"]),
        ("${secret:env/LIVE_NODE}", f"http://{here}/{NODE_KEY}", []),
        ("${secret:env/LIVE_OWNER}", TYPED, []),
        ("fee: 25bps", "fee: 26bps", ["--accept-risk"]),
        ("mode: live", "mode: dry", ["--json"]),
        ("name: sol_usdc_5\n", f"name: {TYPED}\n", []),
        ("base: sol_w", f"base: [{TYPED}]", []),
    ]):  # fmt: skip
        assert before in plain, before
        edited = folder / f"edit{number}.yaml"
        edited.write_text(plain.replace(before, after, 1), "utf-8")
        yield edited, options


def fails(node: EchoingProxy, manner: str, engine: EngineProcess) -> None:
    """From now on the node repeats what it is asked, in some manner; until the engine heard it or gave up."""
    node.manner, before = manner, node.asked
    wait_for(lambda: node.asked > before + 3 or engine.process.poll() is not None, 90, f"answers: {manner}")


def test_keys_of_a_running_engine_are_nowhere(
    recipe: Path, node: EchoingProxy, served: Path, tmp_path: Path
) -> None:
    state, outputs = tmp_path / "s", []
    engine = EngineProcess(recipe, state, served)
    try:
        wait_for(lambda: engine.attempts() if engine.gate() else (), 90, "a dry attempt")
        outputs += [told("arm", "solana_flash", "--confirm", "solana_flash", "--state-dir", state)]
        wait_for(lambda: engine.landed() >= 1, 90, "a landed attempt")
        for edited, options in edits(recipe, tmp_path, f"127.0.0.1:{node.port}"):
            outputs.append(told("plan", edited, "--diff", "--state-dir", state))
            outputs.append(told("apply", edited, "--state-dir", state, *options))
        asyncio.run(recorded(engine.paths.socket, state / "console.jsonl"))
        outputs.append(told("console", "--replay", state / "console.jsonl", "--picture", state / "console.svg"))
        outputs += everything(recipe, state)
        fails(node, "behind", engine)
        outputs += everything(recipe, state)
        node.manner = "pass"
        outputs += [told("pause", "solana_flash", "--state-dir", state), str(engine.ask("status"))]
        outputs.append(told("resume", "solana_flash", "--confirm", "solana_flash", "--state-dir", state))
        fails(node, "error", engine)
        outputs.append(told("kill", "solana_flash", "--state-dir", state, "--json"))
    finally:
        if engine.status() is not None:
            engine.ask("kill")
        engine.wait()
    outputs.append(told("run", recipe, "--state-dir", state, "--for", "1s"))
    for output in outputs:
        assert not leaks(output, SECRETS), output
    kept = [path for path in state.rglob("*") if path.is_file()]
    assert {"ledger.db", "engine.log", "out.txt", "console.svg"} <= {path.name for path in kept}
    for path in kept:
        assert not leaks(path.read_bytes(), SECRETS), path
