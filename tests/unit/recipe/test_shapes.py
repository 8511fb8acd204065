"""Each key that shapes routes changes what `plan` counts to what listing the cycles gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cycles_kit import cycles
from live_street import ROOT, variant

from hoploop.model.market import PoolSpec
from hoploop.recipe.load import load

RECIPE = ROOT / "tests" / "e2e" / "four_hops.yaml"
HOPS, POOLS = "hops: {min: 2, max: 4}", "pools: [uni2, cake2, uni3]"
UNIVERSE = """universes:
  - {id: shaped, chain: eth, assets: [weth, usdc, wbtc, dai], exclude: [torn_eth, uni2/usdc_dai]}

strategies:"""


def listed(pools: list[PoolSpec], base: str, lengths: range) -> int:
    return sum(1 for hops in lengths for _ in cycles(pools, base, hops))


def named(*prefixes: str) -> Callable[[PoolSpec], bool]:
    return lambda pool: pool.id.startswith(prefixes)


def among(*assets: str) -> Callable[[PoolSpec], bool]:
    return lambda pool: named("uni", "cake")(pool) and {pool.asset0, pool.asset1} <= set(assets)


CASES: dict[str, tuple[list[tuple[str, str]], Callable[[PoolSpec], bool], range, int]] = {
    "as it is": ([], named("uni", "cake"), range(2, 5), 10),
    "direct": ([(HOPS, "hops: {min: 2, max: 2}")], named("uni", "cake"), range(2, 3), 2),
    "triangles": ([(HOPS, "hops: {min: 3, max: 3}")], named("uni", "cake"), range(3, 4), 4),
    "four hops alone": ([(HOPS, "hops: {min: 4, max: 4}")], named("uni", "cake"), range(4, 5), 4),
    "no four hops": ([(HOPS, "hops: {max: 3}")], named("uni", "cake"), range(2, 4), 6),
    "one intermediate": ([(POOLS, POOLS + "\n    intermediates: [usdc]")], among("weth", "usdc"), range(2, 5), 2),
    "two intermediates": (
        [(POOLS, POOLS + "\n    intermediates: [usdc, dai]")], among("weth", "usdc", "dai"), range(2, 5), 6,
    ),
    "fewer pools": ([(POOLS, "pools: [uni2, cake2/wbtc_dai]")], named("uni2", "cake"), range(2, 5), 4),
    "every pool": ([(POOLS, "pools: []")], lambda pool: pool.chain == "eth", range(2, 5), 14),
    "a universe": (
        [("strategies:", UNIVERSE), (POOLS, "universes: [shaped]")],
        lambda pool: named("uni", "cake")(pool) and pool.id != "uni2/usdc_dai", range(2, 5), 6,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_plan_counts_the_cycles_that_listing_them_gives(case: str, tmp_path: Path) -> None:
    edits, wanted, lengths, count = CASES[case]
    plan = load(variant(RECIPE, tmp_path / "r.yaml", *edits))
    pools = [pool for pool in plan.pools if wanted(pool)]
    (strategy,) = (one for one in plan.strategies if one.chain == "eth")
    assert strategy.cycles == listed(pools, "weth", lengths) == count


def test_another_base_asset_begins_other_cycles(tmp_path: Path) -> None:
    edits = [
        ("symbol: WETH, decimals: 18, wraps_native: true", "symbol: WETH, decimals: 18"),
        ("symbol: DAI, decimals: 18", "symbol: DAI, decimals: 18, wraps_native: true"),
        ("base: weth", "base: dai"), ("lenders: [balancer, aave]", "lenders: []"), ("50 WETH", "50 DAI"),
        ("0.0005 WETH", "0.0005 DAI"), ('weth: "1 WETH"', 'dai: "1 DAI"'),
    ]  # fmt: skip
    plan = load(variant(RECIPE, tmp_path / "r.yaml", *edits))
    (strategy,) = (one for one in plan.strategies if one.chain == "eth")
    pools = [pool for pool in plan.pools if named("uni", "cake")(pool)]
    assert strategy.cycles == listed(pools, "dai", range(2, 5)) == 10
