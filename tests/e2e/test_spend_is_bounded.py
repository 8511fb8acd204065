"""What `plan` says a recipe can spend at most is what a paper run of it burns at most, failed attempts included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_street import PAPER, EngineProcess, chains, variant, wait_for

from hoploop.model.attempts import Attempt
from hoploop.model.money import format_units
from hoploop.model.states import AttemptState
from hoploop.recipe.load import load
from hoploop.recipe.plan import Plan

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

LANDING = {
    "solana_flash": ("[sol_jito, sol_rpc]", "[sol_rpc]", "lenders: [lend]"),
    "evm_flash": ("[eth_relay, eth_public]", "[eth_public]", "lenders: [balancer, aave]"),
}
"""Routes by which failures land, and only own capital, which is not simulated: every failure costs its whole fee."""
FEES = {"solana_flash": '{sol_w: "20 SOL"}', "evm_flash": '{weth: "10 WETH"}'}
"""What the recipe allows a day."""
ATTEMPTS = 6


def burning(name: str, target: Path, *limits: tuple[str, str]) -> Path:
    """The paper recipe, made to pay for everything it sends."""
    routes, landing, lenders = LANDING[name]
    edits = ((routes, landing), (lenders, "lenders: []"), ("simulate: always", "simulate: flash"))
    return variant(PAPER / f"{name}.yaml", target, *edits, *limits)


def fees(name: str, asset: str, amount: str) -> tuple[str, str]:
    """The edit that gives a recipe another budget."""
    return f"daily_fees: {FEES[name]}", f'daily_fees: {{{asset}: "{amount}"}}'


@pytest.fixture(scope="module", params=LANDING)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("chains")
    with chains(PAPER / f"{request.param}.yaml", folder) as file:
        yield request.param, file


def refused(engine: EngineProcess, reason: str) -> int:
    """How often risk said this, so far."""
    status = engine.status()
    return 0 if status is None else sum(chain["reasons"].get(reason, 0) for chain in status["chains"])


def ended(engine: EngineProcess) -> tuple[Attempt, ...]:
    """Stop it; every attempt that cost something."""
    engine.process.terminate()
    assert engine.wait() == 0, engine.output()
    assert AttemptState.UNKNOWN not in {one.state for one in engine.attempts()}
    return tuple(one for one in engine.attempts() if one.state in (AttemptState.LANDED, AttemptState.REVERTED))


def burned(attempts: tuple[Attempt, ...]) -> int:
    """Network fees and tips."""
    return sum((one.realized_network_fee or 0) + (one.realized_tip or 0) for one in attempts)


def spent_nearly(engine: EngineProcess, plan: Plan) -> bool:
    """Whether not one more attempt fits into the day's fees, and risk has said so."""
    status, spend = engine.status(), plan.spend[0]
    if status is None or spend.budget is None or not refused(engine, "daily_fees"):
        return False
    used: dict[str, Any] = {limit["name"]: limit["used"] for limit in status["limits"]}
    return int(used[f"daily_fees.{spend.asset}"]) > spend.budget - spend.worst


def test_a_run_burns_its_daily_fees_and_not_a_unit_more(served: tuple[str, Path], tmp_path: Path) -> None:
    name, file = served
    free = load(burning(name, tmp_path / "free.yaml"))
    asset = next(asset for asset in free.assets if asset.id == free.spend[0].asset)
    budget = format_units(ATTEMPTS * free.spend[0].worst, asset.decimals)
    recipe = burning(name, tmp_path / "r.yaml", fees(name, asset.id, f"{budget} {asset.symbol}"))
    plan = load(recipe)
    assert plan.spend[0].per_day == ATTEMPTS * plan.spend[0].worst

    engine = EngineProcess(recipe, tmp_path / "s", file)
    wait_for(lambda: spent_nearly(engine, plan), 120, "the day's fees to be spent")
    attempts = ended(engine)
    assert plan.spend[0].per_day - plan.spend[0].worst < burned(attempts) <= plan.spend[0].per_day
    assert all((one.realized_network_fee or 0) <= plan.spend[0].worst for one in attempts)


def test_a_run_makes_no_more_attempts_than_its_rate(served: tuple[str, Path], tmp_path: Path) -> None:
    name, file = served
    recipe = burning(name, tmp_path / "r.yaml", ("daily_loss:", "rate: 3/d\n  daily_loss:"))
    plan = load(recipe)
    assert plan.spend[0].per_day == 3 * plan.spend[0].worst

    engine = EngineProcess(recipe, tmp_path / "s", file)
    wait_for(lambda: refused(engine, "rate") > 0 and engine.landed() >= 0, 120, "the rate to be reached")
    attempts = ended(engine)
    assert len(attempts) <= 3
    assert len([one for one in engine.attempts() if one.sent_ns]) == 3
    assert burned(attempts) <= plan.spend[0].per_day


@pytest.mark.parametrize("served", ["solana_flash"], indirect=True)
def test_attempts_against_a_rival_stay_within_the_fees(
    served: tuple[str, Path], tmp_path: Path
) -> None:
    # Who loses a race pays in full. On one EVM account the two engines would share its nonces.
    name, file = served
    free = load(burning(name, tmp_path / "free.yaml"))
    budget = format_units(4 * ATTEMPTS * free.spend[0].worst, 9)
    recipe = burning(name, tmp_path / "r.yaml", fees(name, "sol_w", f"{budget} SOL"))
    plan = load(recipe)
    rival = EngineProcess(burning(name, tmp_path / "rival.yaml"), tmp_path / "rival", file)
    engine = EngineProcess(recipe, tmp_path / "s", file)
    wait_for(lambda: spent_nearly(engine, plan), 180, "the day's fees to be spent")
    attempts = ended(engine)
    rival.process.terminate()
    rival.wait()
    assert plan.spend[0].per_day - plan.spend[0].worst < burned(attempts) <= plan.spend[0].per_day
