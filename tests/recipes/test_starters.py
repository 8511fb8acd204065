"""What `hoploop init` can write is valid in every profile, and trades where the recipes of the repository trade."""

from __future__ import annotations

import re

import msgspec
import pytest
from repository import ROOT, first_party, inspect_recipe

from hoploop.recipe.layout import laid_out
from hoploop.recipe.load import Inspection, Pipeline
from hoploop.recipe.migrate import migrated
from hoploop.recipe.plan import Plan
from hoploop.recipe.render import human
from hoploop.recipe.source import source_of
from hoploop.recipe.starters.catalog import STARTERS, Starter
from hoploop.rehearsal.play import play
from hoploop.rehearsal.tape import MarketTape

EVERY = pytest.mark.parametrize("starter", STARTERS.values(), ids=list(STARTERS))
SOURCES = {"evm-paper": "evm_flash", "solana-paper": "solana_flash", "two-chains": "two_chains"}
PAPER = pytest.mark.parametrize("starter", [STARTERS[name] for name in SOURCES], ids=list(SOURCES))
LIVE = pytest.mark.parametrize(
    "starter", [one for one in STARTERS.values() if one.mode == "live"], ids=lambda starter: starter.name
)


def rendered(starter: Starter, **values: str) -> Inspection:
    """The starter as `init` would write it, checked in every profile with its environment set."""
    text = starter.render("mine", "mine.yaml", values)
    return Pipeline(first_party(), starter.examples).inspect_all(source_of(text.encode(), "mine.yaml"))


def plan_of(starter: Starter, profile: str | None = None) -> Plan:
    """Its plan under a profile, without any environment."""
    text = starter.render("mine", "mine.yaml", {})
    found = Pipeline(first_party(), {}).inspect(source_of(text.encode(), "mine.yaml"), profile)
    assert found.plan is not None, human(found.report, found.snippets)
    return found.plan


@EVERY
def test_a_starter_has_no_findings(starter: Starter) -> None:
    found = rendered(starter)
    assert human(found.report, found.snippets) == ""
    assert found.plan is not None


@EVERY
@pytest.mark.parametrize("values", [{}, {"most": "7 WETH", "most_sol": "12.5 SOL", "daily_loss": "1_000 WETH"}])
def test_a_starter_is_laid_out_and_says_its_language(starter: Starter, values: dict[str, str]) -> None:
    known = {variable.name for variable in starter.variables()}
    assert known
    text = starter.render("mine", "mine.yaml", {name: value for name, value in values.items() if name in known})
    assert laid_out(text, "mine.yaml") == text
    assert migrated(source_of(text.encode(), "mine.yaml")).text == text


@EVERY
def test_a_starter_can_be_developed_and_tried(starter: Starter) -> None:
    assert {"dev", "paper"} <= set(rendered(starter).profiles)


@EVERY
def test_a_starter_bounds_what_it_may_lose_and_burn(starter: Starter) -> None:
    plan = rendered(starter).plan
    assert plan is not None
    assert {spend.asset for spend in plan.spend if spend.per_day is not None} == {one.base for one in plan.strategies}
    assert {asset for asset, _ in plan.risk.daily_loss} == {one.base for one in plan.strategies}


@EVERY
def test_names_and_values_are_put_in(starter: Starter) -> None:
    first = starter.variables()[0]
    text = starter.render("mine", "my/file.yaml", {first.name: "7 WETH"})
    assert "\nrecipe: mine\n" in text
    assert re.search(rf'^  {first.name}: "7 WETH" +# {first.meaning}$', text, re.MULTILINE)
    assert "hoploop show my/file.yaml --origin" in text


@EVERY
def test_every_variable_says_what_it_is(starter: Starter) -> None:
    block = starter.text().partition("\nvars:\n")[2].partition("\n\n")[0]
    assert len(starter.variables()) == len(block.splitlines()) >= 4


@PAPER
def test_a_paper_starter_needs_nothing_of_the_environment(starter: Starter) -> None:
    assert starter.environment() == ()


@PAPER
def test_a_paper_starter_is_the_recipe_of_the_repository_but_for_its_limits(starter: Starter) -> None:
    known = inspect_recipe(ROOT / "recipes" / "paper" / f"{SOURCES[starter.name]}.yaml").plan
    assert known is not None
    plan = plan_of(starter)
    risk = msgspec.structs.replace(plan.risk, daily_fees=known.risk.daily_fees)
    named = {"recipe": known.recipe, "fingerprint": known.fingerprint, "spend": known.spend}
    assert msgspec.structs.replace(plan, risk=risk, **named) == known


@PAPER
def test_a_paper_starter_brings_the_market_of_the_repository(starter: Starter) -> None:
    assert starter.market() == (ROOT / "recipes" / "paper" / f"{SOURCES[starter.name]}.market.json").read_text("utf-8")


@PAPER
@pytest.mark.parametrize("profile", [None, "dev", "paper"])
async def test_a_paper_starter_dry_runs_to_signed_bytes(starter: Starter, profile: str | None) -> None:
    market = starter.market()
    assert market is not None
    for played in await play(plan_of(starter, profile), msgspec.json.decode(market, type=MarketTape), first_party()):
        assert any(decision.built is not None for decision in played.decisions)


@LIVE
def test_a_live_starter_sends_nothing_until_told_so(starter: Starter) -> None:
    found = rendered(starter)
    assert found.plan is not None
    assert found.plan.mode == "dry"
    assert "live" in found.profiles


@LIVE
def test_a_live_starter_says_which_variables_it_needs(starter: Starter) -> None:
    comments = "\n".join(line for line in starter.text().splitlines() if line.startswith("#"))
    short = [
        name for name in starter.environment() if name not in comments and not name.endswith(("_VAULT0", "_VAULT1"))
    ]
    assert short == []
    assert set(starter.examples) <= set(starter.environment())


@LIVE
def test_a_live_starter_tried_on_paper_needs_no_environment_and_no_key_of_worth(starter: Starter) -> None:
    plan = plan_of(starter, "paper")
    assert plan.mode == "paper"
    assert plan.embedded
    assert all(chain.key.startswith("embedded/") for chain in plan.chains)
