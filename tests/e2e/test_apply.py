"""A running engine takes changed recipes without losing anything, and refuses what it must."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from live_street import PAPER, EngineProcess, chains, command, variant, wait_for
from repository import first_party

from hoploop.errors import ControlError, RecipeError
from hoploop.ledger.reader import Reader
from hoploop.model.events import RecipeChanged, RecipeRefused
from hoploop.model.states import AttemptState
from hoploop.recipe.diff import Change
from hoploop.recipe.load import Pipeline
from hoploop.recipe.propose import Replayer, loaded
from hoploop.recipe.source import read_source

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

RECIPE = PAPER / "solana_flash.yaml"
EDITS = int(os.environ.get("HOPLOOP_EDITS", "40"))
"""1000 in `just deep`."""


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


def events(engine: EngineProcess, kind: type[Any]) -> list[Any]:
    with Reader(engine.paths.ledger) as book:
        return [event for event in book.events() if isinstance(event, kind)]


def test_a_limit_is_taken_at_once_and_told(engine: EngineProcess, tmp_path: Path) -> None:
    lower = variant(RECIPE, tmp_path / "r.yaml", ('max_notional: "500 SOL"', 'max_notional: "20 SOL"'))
    code, text = apply(engine, lower)
    assert code == 0, text
    assert '~ strategies.sol_cycles.size.max_notional "500 SOL" → "20 SOL"  live' in text
    landed = engine.landed()
    wait_for(lambda: engine.landed() > landed, 60, "an attempt after the change")
    (changed,) = events(engine, RecipeChanged)
    assert (changed.by, changed.generation) == ("test", 2)
    newest = next(one for one in engine.attempts() if one.state is AttemptState.LANDED)
    assert newest.run == changed.after
    assert newest.amount_in <= 20_000_000_000


def test_what_raises_risk_needs_a_word(engine: EngineProcess, tmp_path: Path) -> None:
    higher = variant(RECIPE, tmp_path / "r.yaml", ('max_notional: "500 SOL"', 'max_notional: "501 SOL"'))
    code, text = apply(engine, higher)
    assert code == 1, text
    assert "G113" in text
    assert events(engine, RecipeRefused)[0].code == "G113"
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
    assert engine.status()["fingerprint"] == events(engine, RecipeRefused)[0].fingerprint  # type: ignore[index]


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


def test_many_changes_under_load_lose_nothing_and_can_be_replayed(engine: EngineProcess) -> None:
    """Random edits, good and bad, straight over the control socket while the engine trades."""
    draw, replayer = random.Random(7), Replayer(first_party())
    start = loaded(Pipeline(first_party(), {}).inspect(read_source(RECIPE)))
    assert engine.ask("recipe")["document"] == start.document
    refused = [code for _ in range(EDITS) if (code := _sent(engine, _edit(draw), replayer))]
    assert set(refused) <= {"R400", "G112"}, refused
    running = engine.ask("recipe")
    landed = engine.landed()
    wait_for(lambda: engine.landed() > landed, 60, "an attempt after all changes")

    changes = events(engine, RecipeChanged)
    assert len(changes) == sum(1 for event in changes if event.before != event.after)
    assert [event.code for event in events(engine, RecipeRefused)] == refused
    document = start.document
    for event in changes:
        made = replayer.replay(document, [msgspec.convert(one, Change) for one in event.changes])
        document = made.loaded.document
        assert made.loaded.plan.fingerprint == event.after
    assert json.loads(json.dumps(document)) == running["document"]

    engine.ask("kill")
    assert engine.wait() == 0, engine.output()
    attempts = engine.attempts()
    assert {one.state for one in attempts} <= {AttemptState.LANDED, AttemptState.REVERTED, AttemptState.LOST}
    assert sorted(one.id for one in attempts) == list(range(1, len(attempts) + 1))


def _sent(engine: EngineProcess, change: Change, replayer: Replayer) -> str:
    """Ask for one change on top of what runs; the code it was refused with, empty when it was taken.

    A change that is invalid here is sent all the same: the engine must find out by itself.
    """
    running = engine.ask("recipe")
    try:
        fingerprint = replayer.replay(running["document"], [change]).loaded.plan.fingerprint
    except RecipeError:
        fingerprint = ""
    try:
        engine.ask_raw(
            "apply", changes=[msgspec.to_builtins(change)], generation=running["generation"], fingerprint=fingerprint,
            accept_risk=True,
        )  # fmt: skip
    except ControlError as error:
        return error.code
    assert fingerprint
    return ""


def _edit(draw: random.Random) -> Change:
    """One change of a limit; one in eight is invalid or would need a restart."""
    way: tuple[str, ...]
    strategy = ("strategies", "sol_cycles")
    options: list[tuple[tuple[str, ...], Any]] = [
        ((*strategy, "size", "max_notional"), f"{draw.randint(1, 500)} SOL"),
        ((*strategy, "profit", "min"), f"0.000{draw.randint(1, 9)} SOL"),
        ((*strategy, "max_in_flight"), draw.randint(1, 8)),
        ((*strategy, "cooldown"), f"{draw.randint(0, 50)}ms"),
        ((*strategy, "rate"), f"{draw.randint(200, 900)}/m"),
        ((*strategy, "budget"), draw.randint(16, 512)),
        (("risk", "daily_loss", "sol_w"), f"{draw.randint(1, 9)} SOL"),
        draw.choice([(("mode",), "dry"), ((*strategy, "hops", "max"), 9), ((*strategy, "base"), "nothing")]),
    ]
    way, value = draw.choice(options)
    return Change(way=way, before=None, after=json.dumps(value), apply="live", raises_risk=False)
