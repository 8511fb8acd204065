"""The closed-form cycle count equals listing the cycles."""

from __future__ import annotations

from cycles_kit import cycles
from hypothesis import given
from hypothesis import strategies as st

from hoploop.model.market import PoolSpec
from hoploop.recipe.graph import count_cycles

ASSETS = "abcde"


def _pool(index: int, pair: tuple[str, str]) -> PoolSpec:
    return PoolSpec(
        id=f"v/{index}", chain="c", venue="v", address="", asset0=pair[0], asset1=pair[1], curve="constant_product",
        decoder="uniswap_v2", fee_num=3, fee_den=1000, units=1, doors=(),
    )  # fmt: skip


_PAIRS = st.lists(st.sampled_from([(x, y) for x in ASSETS for y in ASSETS if x != y]), max_size=7)


@given(_PAIRS, st.sampled_from([(2, 2), (2, 3), (3, 3), (2, 4), (4, 4)]))
def test_the_count_equals_the_list(pairs: list[tuple[str, str]], hops: tuple[int, int]) -> None:
    pools = [_pool(index, pair) for index, pair in enumerate(pairs)]
    assert count_cycles(pools, "a", *hops) == sum(1 for n in range(hops[0], hops[1] + 1) for _ in cycles(pools, "a", n))
