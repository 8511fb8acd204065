"""Every rule across sections has a bad recipe, and a good twin that is the same recipe with one thing put right."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import ROOT, first_party

from hoploop.codes import CODES
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
    "strategy_base_not_native": ("R301", "{id: usdc, ", "{id: usdc, wraps_native: true, "),
    "lender_of_the_other_family": ("R303", "chain: sol", "chain: eth"),
    "rule_hops_reversed": ("R304", "{min: 3, max: 2}", "{min: 2, max: 3}"),
    "strategy_pools_too_few": ("R305", "[left]", "[left, right]"),
    "live_without_loss_limit": ("R306", "{daily_fees:", '{daily_loss: {weth: "1 WETH"}, daily_fees:'),
    "rule_profit_zero": ("R307", '"0 WETH"', '"0.001 WETH"'),
    "live_through_a_variable": ("R308", "how: live", "how: paper"),
    "chain_block_time_on_solana": ("R309", "block_time", "slot_time"),
    "venue_objected_to": ("R310", "name: bad", "name: three"),
    "chain_embedded_key_for_url": ("R312", "secret:embedded/evm_executor", "secret:env/SIGNER"),
    "strategy_routes_disabled": ("R313", "enabled: false", "enabled: true"),
    "strategy_profit_over_size": ("R314", '"0.0001 WETH"', '"0.001 WETH"'),
    "strategy_policy_planned": ("R320", "policy: all", "policy: rotate"),
    "rule_cap_of_no_lender": ("R321", "{bakn:", "{bank:"),
    "lender_disabled": ("R322", "enabled: false", "enabled: true"),
    "universe_excludes_everything": ("R323", "exclude: [usdc]", "exclude: []"),
    "risk_fees_of_a_token": ("R324", '{usdc: "5 USDC"}', '{weth: "0.01 WETH"}'),
    "live_without_fee_budget": ("R325", "{daily_loss:", '{daily_fees: {weth: "1 WETH"}, daily_loss:'),
    "risk_fees_below_one_attempt": ("R326", '"0 WETH"', '"0.01 WETH"'),
    "list_missing": ("R335", "parts/pool.txt", "parts/sides.txt"),
    "list_too_old": ("R336", "max_age: 1ms", "max_age: 7d"),
    "breaker_unlock_of_a_trip": ("R334", "action: trip", "action: pause"),
    "tests_of_a_disabled_strategy": ("R340", "decision: attempt}", "decision: attempt, count: 0}"),
    "strategy_profit_ratio_over_all": ("R314", "150%", "15%"),
    "strategy_own_share_of_nothing": ("R334", "own_capital: false", "own_capital: true"),
    "asset_declared_twice": ("R338", 'E0"', 'E5"'),
    "pool_declared_twice": ("R338", '0001"', '0003"'),
    "pool_disabled_leaves_too_few": ("R305", "enabled: false", "enabled: true"),
    "warn_limit_of_no_base": ("R390", 'usdc: "100 USDC"', 'weth: "1 WETH"'),
    "warn_lender_unused": ("R390", "lenders: []", "lenders: [bank]"),
    "warn_nothing_enabled": ("R391", "enabled: false", "enabled: true"),
}
"""Bad recipe -> the code, and what is written in its good twin instead of what."""
ELSEWHERE = {
    "R395": "said by `check`", "R396": "said by `check`", "R397": "said by `check`", "R398": "said of several files",
    "R337": "said of a connector",
}  # fmt: skip


def test_every_rule_has_twins() -> None:
    rules = {code for code in CODES if "R300" <= code < "R400" and not code.startswith("R38")}
    assert rules - {code for code, _, _ in TWINS.values()} == ELSEWHERE.keys()


@pytest.mark.parametrize("name", TWINS)
def test_a_bad_recipe_has_a_good_twin(name: str, toys: Pipeline) -> None:
    code, fault, correction = TWINS[name]
    path = BAD / f"{name}.yaml"
    assert code in {finding.code for finding in toys.inspect_all(read_source(path)).report.findings}
    text = path.read_text("utf-8")
    assert fault in text
    twin = toys.inspect_all(source_of(text.replace(fault, correction).encode(), path.name, str(path)))
    assert code not in {finding.code for finding in twin.report.findings}
    assert twin.plan is not None


@pytest.mark.parametrize(("limit", "codes"), [(2_000_000, []), (600_000, ["R327"])])
def test_gas_over_the_limit_is_found_before_a_run(limit: int, codes: list[str]) -> None:
    text = (ROOT / "recipes/paper/evm_flash.yaml").read_text("utf-8")
    text = text.replace("    fees: {gas_price", f"    gas_limit: {limit}\n    fees: {{gas_price")
    found = Pipeline(first_party(), {}).inspect(source_of(text.encode(), "r.yaml"))
    assert [finding.code for finding in found.report.findings] == codes
    assert all("gas (limit 600000)" in finding.message for finding in found.report.findings)
