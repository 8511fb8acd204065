"""Rules that compare parts of a recipe: the bad recipe is told so, and the same recipe without the fault compiles."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import ROOT, first_party

from hoploop.recipe.load import Pipeline
from hoploop.recipe.source import read_source, source_of

BAD = Path(__file__).parent / "bad"
_RELAY = 'url: "https://relay.example"'

TWINS = {
    "rule_lender_lends_not": ("R302", "assets: [usdc]", "assets: [weth]"),
    "rule_live_unbounded_spending": ("R325", "daily_loss:", "rate: 10/h\n  daily_loss:"),
    "rule_budget_below_one_attempt": ("R326", "0.0000000001 WETH", "0.1 WETH"),
    "rule_too_large": ("R327", 'tip: "1000 lamports"', 'tip: "0 lamports"'),
    "rule_route_embedded_on_real_chain": ("R328", "url: embedded", _RELAY),
    "rule_route_public_on_embedded_chain": ("R328", _RELAY, 'url: "http://127.0.0.1:9000"'),
    "rule_live_open_line": ("R329", "http://relay.example", "https://relay.example"),
    "rule_simulate_flash_unbounded": ("R330", "simulate: flash", "rate: 10/h\n    simulate: flash"),
    "rule_two_chains_of_one_identity": ("R331", "eth_again", "eth_again\n    enabled: false"),
    "rule_route_identity_is_the_key": ("R332", 'evm_executor}"}', 'relay_identity}"}'),
    "rule_daily_loss_below_one_attempt": ("R333", "daily_loss: {weth: \"0.0005", "daily_loss: {weth: \"0.005"),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_bad_recipe_has_a_good_twin(name: str, toys: Pipeline) -> None:
    code, fault, correction = TWINS[name]
    path = BAD / f"{name}.yaml"
    assert [finding.code for finding in toys.inspect(read_source(path)).report.findings] == [code]
    text = path.read_text("utf-8")
    assert fault in text
    twin = toys.inspect(source_of(text.replace(fault, correction).encode(), f"{name}.yaml"))
    assert [finding.message for finding in twin.report.findings if finding.severity == "error"] == []
    assert twin.plan is not None


@pytest.mark.parametrize(("limit", "codes"), [(2_000_000, []), (600_000, ["R327"])])
def test_gas_over_the_limit_is_found_before_a_run(limit: int, codes: list[str]) -> None:
    text = (ROOT / "recipes/paper/evm_flash.yaml").read_text("utf-8")
    text = text.replace("    fees: {gas_price", f"    gas_limit: {limit}\n    fees: {{gas_price")
    found = Pipeline(first_party(), {}).inspect(source_of(text.encode(), "r.yaml"))
    assert [finding.code for finding in found.report.findings] == codes
    assert all("gas (limit 600000)" in finding.message for finding in found.report.findings)
