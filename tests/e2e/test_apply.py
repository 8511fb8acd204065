"""A running engine takes changed recipes without losing anything, and refuses what it must."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_street import PAPER, EngineProcess, chains, command, variant, wait_for

from hoploop.model.events import RecipeChanged, RecipeRefused
from hoploop.model.states import AttemptState

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

RECIPE = PAPER / "solana_flash.yaml"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with chains(RECIPE, tmp_path_factory.mktemp("chains")) as file:
        yield file


@pytest.fixture
def engine(served: Path, tmp_path: Path) -> Iterator[EngineProcess]:
    engine = EngineProcess(RECIPE, tmp_path / "s", served, "--for", "10m")
    try:
        wait_for(lambda: engine.landed() >= 1, 90, "a landed attempt")
        yield engine
    finally:
        if engine.status() is not None:
            engine.ask("kill")
        engine.wait()


def apply(engine: EngineProcess, recipe: Path, *options: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    line = command("apply", recipe, "--state-dir", engine.paths.folder, "--by", "test", *options)
    done = subprocess.run(line, capture_output=True, text=True, timeout=180)
    return done.returncode, done.stdout + done.stderr


def test_a_limit_is_taken_at_once_and_told(engine: EngineProcess, tmp_path: Path) -> None:
    lower = variant(RECIPE, tmp_path / "r.yaml", ('max_notional: "500 SOL"', 'max_notional: "20 SOL"'))
    code, text = apply(engine, lower)
    assert code == 0, text
    assert '~ strategies.sol_cycles.size.max_notional "500 SOL" → "20 SOL"  live' in text
    landed = engine.landed()
    wait_for(lambda: engine.landed() > landed, 60, "an attempt after the change")
    (changed,) = engine.events(RecipeChanged)
    assert (changed.by, changed.generation) == ("test", 2)
    newest = next(one for one in engine.attempts() if one.state is AttemptState.LANDED)
    assert newest.run == changed.after
    assert newest.amount_in <= 20_000_000_000


def test_what_raises_risk_needs_a_word(engine: EngineProcess, tmp_path: Path) -> None:
    higher = variant(RECIPE, tmp_path / "r.yaml", ('max_notional: "500 SOL"', 'max_notional: "501 SOL"'))
    code, text = apply(engine, higher)
    assert code == 1, text
    assert "G113" in text
    assert engine.events(RecipeRefused)[0].code == "G113"
    assert apply(engine, higher, "--accept-risk")[0] == 0


def test_changed_components_are_built_before_the_old_ones_stop(engine: EngineProcess, tmp_path: Path) -> None:
    price = ('unit_price: "1000 microlamports"', 'unit_price: "1001 microlamports"')
    dearer = variant(RECIPE, tmp_path / "r.yaml", price)
    before = engine.landed()
    code, text = apply(engine, dearer, "--accept-risk")
    assert code == 0, text
    assert "needs new components" in text
    assert engine.landed() >= before
    wait_for(lambda: engine.landed() > before, 60, "an attempt by the new components")


def test_components_that_do_not_work_change_nothing(engine: EngineProcess, tmp_path: Path) -> None:
    wrong = variant(RECIPE, tmp_path / "r.yaml", ("fee: 25bps", "fee: 26bps"))
    code, text = apply(engine, wrong, "--accept-risk")
    assert code == 1, text
    assert "G114" in text
    landed = engine.landed()
    wait_for(lambda: engine.landed() > landed, 60, "an attempt by what ran before")
    assert engine.status()["fingerprint"] == engine.events(RecipeRefused)[0].fingerprint  # type: ignore[index]


def test_the_mode_does_not_change_while_running(engine: EngineProcess, tmp_path: Path) -> None:
    code, text = apply(engine, variant(RECIPE, tmp_path / "r.yaml", ("mode: paper", "mode: dry")))
    assert (code, "G112" in text) == (64, True), text


def test_an_invalid_recipe_never_reaches_the_engine(engine: EngineProcess, tmp_path: Path) -> None:
    code, text = apply(engine, variant(RECIPE, tmp_path / "r.yaml", ("base: sol_w", "base: sol_x")))
    assert code == 78, text
    assert "did you mean 'sol_w'?" in text


def test_a_plan_shows_the_difference_to_what_runs(engine: EngineProcess, tmp_path: Path) -> None:
    lower = variant(RECIPE, tmp_path / "r.yaml", ("max_in_flight: 4", "max_in_flight: 3"))
    line = command("plan", lower, "--diff", "--detailed-exitcode", "--state-dir", engine.paths.folder)
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.splitlines()[0]) == (2, "~ strategies.sol_cycles.max_in_flight 4 → 3  live")
