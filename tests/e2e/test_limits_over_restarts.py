"""Neither `kill -9` nor an edit gives back what a limit counted."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_street import PAPER, EngineProcess, chains, command, variant, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

RECIPE = PAPER / "solana_flash.yaml"
CRASHING = Path(__file__).with_name("crashing_engine.py")
# A transaction that never left must die within seconds.
FASTER = ("slot_time: 200ms", "slot_time: 50ms")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("chains")
    with chains(variant(RECIPE, folder / "r.yaml", FASTER), folder) as file:
        yield file


def limited(folder: Path, name: str, limit: str) -> Path:
    """The paper recipe with one more limit under `risk`."""
    return variant(RECIPE, folder / f"{name}.yaml", FASTER, ("daily_loss:", f"{limit}\n  daily_loss:"))


def refused(engine: EngineProcess) -> int:
    """How often this process said no for the rate, so far."""
    status = engine.status()
    return 0 if status is None else sum(chain["reasons"].get("rate", 0) for chain in status["chains"])


def kill(engine: EngineProcess) -> None:
    engine.process.kill()
    assert engine.wait() == -9, engine.output()


def used_up(engine: EngineProcess) -> int:
    """Wait until the rate is reached and kill it, attempts under way or not; how many there were in all runs."""
    wait_for(lambda: refused(engine) > 0, 120, "the rate to be reached")
    kill(engine)
    return len(engine.attempts())


def test_a_rate_holds_over_crashes_and_over_changes_of_it(served: Path, tmp_path: Path) -> None:
    three, four = limited(tmp_path, "three", "rate: 3/d"), limited(tmp_path, "four", "rate: 4/d")
    # What a crash left no trace of was not sent: the next process may do it.
    assert used_up(EngineProcess(three, tmp_path / "s", served)) <= 3
    assert used_up(EngineProcess(three, tmp_path / "s", served)) == 3

    engine = EngineProcess(three, tmp_path / "s", served)
    wait_for(lambda: refused(engine) > 0, 120, "the rate of the processes before")
    line = command("apply", four, "--state-dir", tmp_path / "s", "--by", "test", "--accept-risk")
    done = subprocess.run(line, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    wait_for(lambda: len(engine.attempts()) == 4, 120, "the one attempt more")
    assert used_up(engine) == 4


def test_a_breaker_counts_what_recovery_finds_and_holds_until_an_operator_resumes(
    served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = limited(tmp_path, "r", "breakers: [{id: gone, on: lost, count: 1, within: 1d}]")
    monkeypatch.setenv("CRASH_AT", "after_intent")
    crashed = EngineProcess(recipe, tmp_path / "s", served, script=CRASHING)
    assert crashed.wait() == -9, crashed.output()
    kill(held(EngineProcess(recipe, tmp_path / "s", served)))
    engine = held(EngineProcess(recipe, tmp_path / "s", served))
    engine.ask("resume", recipe="solana_flash")
    wait_for(lambda: engine.landed() > 0, 120, "an attempt after the operator's word")
    kill(engine)


def held(engine: EngineProcess) -> EngineProcess:
    """Wait until it runs and the breaker holds it."""
    wait_for(lambda: engine.gate() == "paused", 120, "the breaker's pause")
    assert engine.ask("status")["gate"]["by"] == "breaker gone"
    return engine
