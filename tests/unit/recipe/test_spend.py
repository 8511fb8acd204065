"""The projection of a recipe's spending is an upper bound, taken from rates, budgets and the dearest cycle."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_connectors import toy_registry

from hoploop.recipe.load import Pipeline
from hoploop.recipe.plan import Spend
from hoploop.recipe.source import source_of

BASE = (Path(__file__).parents[2] / "recipes" / "good" / "toy.yaml").read_text("utf-8")
# (21000 base + 2 * 90000 swaps + 50000 loan) * 2 gwei + 5, three halves of it at most
WORST = -(-((21_000 + 2 * 90_000 + 50_000) * 2 * 10**9 + 5) * 3 // 2)


def spend(strategy: str = "", risk: str = "") -> Spend:
    text = BASE.replace("\nrisk:\n", f"\nrisk:\n{risk}").replace("    base: weth\n", f"    base: weth\n{strategy}")
    found = Pipeline(toy_registry(), {}).inspect(source_of(text.encode(), "toy.yaml"))
    assert found.plan is not None, found.report.findings
    (one,) = found.plan.spend
    return one


def test_without_rates_and_budget_only_the_wallet_bounds_it() -> None:
    assert spend() == Spend(asset="weth", worst=WORST, attempts=None, budget=None)
    assert spend().per_day is None


@pytest.mark.parametrize(("rate", "attempts"), [("1/s", 86_400), ("30/m", 43_200), ("7/h", 168), ("5/d", 5)])
def test_a_rate_bounds_the_attempts_of_a_day(rate: str, attempts: int) -> None:
    assert spend(f"    rate: {rate}\n").attempts == attempts
    assert spend(risk=f"  rate: {rate}\n").per_day == attempts * WORST


def test_the_tighter_rate_counts() -> None:
    assert spend("    rate: 5/d\n", "  rate: 1/s\n").attempts == 5
    assert spend("    rate: 1/s\n", "  rate: 5/d\n").attempts == 5


def test_a_budget_bounds_what_rates_allow() -> None:
    assert spend("    rate: 1/s\n", '  daily_fees: {weth: "0.01 WETH"}\n').per_day == 10**16
    assert spend("    rate: 5/d\n", '  daily_fees: {weth: "1 WETH"}\n').per_day == 5 * WORST
