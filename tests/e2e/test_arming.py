"""Only a paper recipe on embedded chains arms itself; everything else is dry until an operator says its name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_street import PAPER, EngineProcess, chains, serving, variant, wait_for

from hoploop.errors import ControlError
from hoploop.local.keys import local_seed
from hoploop.model.states import AttemptState

pytestmark = [pytest.mark.e2e, pytest.mark.chain]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("chains")
    with chains(PAPER / "solana_flash.yaml", folder) as file:
        yield file


def outside(served: Path, folder: Path, mode: str) -> Path:
    """The paper recipe as if its chain were somebody else's: reached by URL, signed with a key from a file."""
    chain = serving(served, "sol")
    key = folder / "key"
    key.touch(mode=0o600)
    key.write_text(local_seed("solana/executor").hex())
    return variant(
        PAPER / "solana_flash.yaml",
        folder / "recipe.yaml",
        ("mode: paper", f"mode: {mode}"),
        ("endpoint: embedded", f'endpoint: "{chain.endpoint}"'),
        ("    embedded: {seed: 7, slot_time: 200ms, traffic: true}\n", f'    websocket: "{chain.extras["ws"]}"\n'),
        ("${secret:embedded/solana_executor}", f"${{secret:file/{key}}}"),
        ("url: embedded", f'url: "{chain.extras["jito"]}"'),
    )


def test_a_paper_recipe_on_embedded_chains_arms_itself(served: Path, tmp_path: Path) -> None:
    engine = EngineProcess(PAPER / "solana_flash.yaml", tmp_path / "s", served, "--for", "4s")
    wait_for(lambda: engine.gate() == "armed", 60, "the armed gate")
    assert engine.wait() == 0, engine.output()


def test_a_live_recipe_sends_nothing_until_its_name_is_typed(served: Path, tmp_path: Path) -> None:
    engine = EngineProcess(outside(served, tmp_path, "live"), tmp_path / "s", served)
    wait_for(lambda: len(engine.attempts()) >= 3 if engine.gate() else False, 60, "three dry attempts")
    assert engine.gate() == "dry"
    with pytest.raises(ControlError) as refused:
        engine.ask("arm", recipe="another")
    assert refused.value.code == "G106"
    assert engine.landed() == 0

    assert engine.ask("arm", recipe="solana_flash")["state"] == "armed"
    wait_for(lambda: engine.landed() >= 1, 60, "a landed attempt")
    engine.ask("kill")
    assert engine.wait() == 0, engine.output()
    first, *_ = reversed(engine.attempts())
    assert (first.state, first.reason, first.sent_ns) == (AttemptState.LOST, "dry", 0)


@pytest.mark.parametrize("mode", ["dry", "paper"])
def test_neither_dry_nor_paper_money_is_sent_to_a_chain_that_is_not_embedded(
    mode: str, served: Path, tmp_path: Path
) -> None:
    engine = EngineProcess(outside(served, tmp_path, mode), tmp_path / "s", served)
    wait_for(lambda: engine.gate() == "dry", 60, "the engine")
    with pytest.raises(ControlError) as refused:
        engine.ask("arm", recipe="solana_flash")
    assert refused.value.code == "G105"
    engine.process.terminate()
    assert engine.wait() == 0, engine.output()
    assert os.fspath(engine.paths.socket)
    assert not engine.paths.socket.exists()


def test_pause_holds_new_attempts_and_resume_needs_the_name(served: Path, tmp_path: Path) -> None:
    engine = EngineProcess(PAPER / "solana_flash.yaml", tmp_path / "s", served)
    wait_for(lambda: engine.landed() >= 1, 60, "a landed attempt")
    assert engine.ask("pause")["state"] == "paused"
    wait_for(lambda: (engine.status() or {})["in_flight"] == 0, 30, "what was in flight")
    held = len(engine.attempts())
    wait_for(lambda: "paused" in (engine.status() or {})["chains"][0]["reasons"], 60, "a refused opportunity")
    assert len(engine.attempts()) == held
    with pytest.raises(ControlError):
        engine.ask("resume", recipe="")
    engine.ask("resume", recipe="solana_flash")
    wait_for(lambda: len(engine.attempts()) > held, 60, "a new attempt")
    engine.ask("kill")
    assert engine.wait() == 0
