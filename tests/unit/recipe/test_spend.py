"""The projection of a recipe's spending is an upper bound, taken from rates, budgets and the dearest cycle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from toy_connectors import TOYS, toy_registry

from hoploop.plugin.connector import Costs
from hoploop.plugin.kinds import FeeTerms
from hoploop.plugin.registry import Registry
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


FEE = FeeTerms(base_fee=5, base_units=21_000, price_num=1, price_den=1)


def terms(**changes: Any) -> Costs:
    return Costs(fee=msgspec.structs.replace(FEE, **changes))


def found_with(key: str, costs: Any, text: str = BASE) -> Any:
    """What is found in the recipe when a connector says this of its costs."""
    toys = {toy.key: toy for toy in TOYS}
    offer = msgspec.structs.replace(toys[key].offers[0], costs=costs)
    toys[key] = msgspec.structs.replace(toys[key], offers=(offer,))
    return Pipeline(Registry(toys.values()), {}).inspect(source_of(text.encode(), "toy.yaml"))


BUDGETED = BASE.replace("\nrisk:\n", '\nrisk:\n  rate: 5/d\n  daily_fees: {weth: "1 WETH"}\n')


@pytest.mark.parametrize("text", [BASE, BUDGETED], ids=["no budget", "a budget"])
@pytest.mark.parametrize(
    "said",
    [
        Costs(), None, FEE, Costs(fee=7),  # type: ignore[arg-type]
        terms(base_fee=-(10**30)), terms(base_units=-(10**9)), terms(price_num=-1), terms(price_num=1.5),
        terms(price_den=0), terms(price_den=-1), terms(most_den=0), terms(most_num=0), terms(most_num=1, most_den=2),
    ],
    ids=repr,
)  # fmt: skip
def test_a_chain_that_does_not_say_what_a_transaction_costs_is_refused(said: Any, text: str) -> None:
    found = found_with("toy_evm", lambda config: said, text)
    assert found.plan is None
    assert {finding.code for finding in found.report.findings} == {"R337"}
    assert found.report.findings[0].notes == ("found by the connector 'toy_evm'",)


@pytest.mark.parametrize("said", [None, Costs(max_tip=-1), Costs(max_tip=1.5)], ids=repr)  # type: ignore[arg-type]
def test_a_route_that_does_not_say_its_tip_is_refused(said: Any) -> None:
    found = found_with("toy_private", lambda config: said)
    assert [finding.code for finding in found.report.findings] == ["R337"]


def test_costs_that_cannot_be_had_are_a_finding_and_not_no_costs() -> None:
    found = found_with("toy_evm", lambda config: Costs(fee=terms(price_num=1 // 0).fee))
    assert [finding.code for finding in found.report.findings] == ["R310"]
