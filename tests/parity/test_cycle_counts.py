"""`plan` counts as many cycles as the native module will search."""

from __future__ import annotations

from hot_kit import door
from hypothesis import given
from hypothesis import strategies as st

from hoploop.hot import Market
from hoploop.model.market import PoolSpec
from hoploop.recipe.graph import count_cycles

ASSETS = "abcde"
_PAIRS = st.lists(st.sampled_from([(x, y) for x in ASSETS for y in ASSETS if x != y]), max_size=12)
_HOPS = st.sampled_from([(2, 2), (2, 3), (3, 3), (2, 4), (3, 4), (4, 4)])


@given(_PAIRS, _HOPS)
def test_plan_and_native_market_count_the_same_cycles(pairs: list[tuple[str, str]], hops: tuple[int, int]) -> None:
    market, pools = Market(), []
    for asset in ASSETS:
        market.add_asset(asset)
    for index, (one, other) in enumerate(pairs):
        ends = ASSETS.index(one), ASSETS.index(other)
        market.add_pool(str(index), "constant_product", "uniswap_v2", *ends, 3, 1000, 0, 1, [door(index)])
        pools.append(
            PoolSpec(
                id=str(index), chain="c", venue="v", address="", asset0=one, asset1=other, curve="constant_product",
                decoder="uniswap_v2", fee_num=3, fee_den=1000, units=1, doors=(),
            )
        )  # fmt: skip
    market.set_fees(0, 0, 0, 1)
    market.add_search("s", 0, range(len(pools)), [], *hops, 10**30, 1, 0, 1, 0, 0, 32)
    assert market.seal()["cycles"] == count_cycles(pools, "a", *hops)
