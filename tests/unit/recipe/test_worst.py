"""The largest transaction is found without listing every cycle."""

from __future__ import annotations

import pytest
from cycles_kit import cycles, is_cycle
from hypothesis import given
from hypothesis import strategies as st

from hoploop.model.market import Leg, PoolSpec
from hoploop.plugin.kinds import LenderTerms, Load, Loan, Order
from hoploop.recipe.worst import Material, heaviest, largest

ASSETS = "abcde"
_PAIRS = st.lists(st.sampled_from([(x, y) for x in ASSETS for y in ASSETS if x != y]), max_size=7)
_WEIGHTS = st.lists(st.integers(1, 50), min_size=7, max_size=7)


def _pool(index: int, pair: tuple[str, str]) -> PoolSpec:
    return PoolSpec(
        id=f"v{index}/p", chain="c", venue=f"v{index}", address="", asset0=pair[0], asset1=pair[1], units=1, doors=(),
        curve="constant_product", decoder="uniswap_v2", fee_num=3, fee_den=1000,
    )  # fmt: skip


@given(_PAIRS, _WEIGHTS, st.sampled_from([2, 3, 4]))
def test_no_cycle_is_heavier(pairs: list[tuple[str, str]], weights: list[int], hops: int) -> None:
    pools = [_pool(index, pair) for index, pair in enumerate(pairs)]

    def weigh(pool: PoolSpec) -> int:
        return weights[pools.index(pool)]

    found = list(heaviest(pools, "a", range(hops, hops + 1), weigh))
    listed = list(cycles(pools, "a", hops))
    assert bool(found) == bool(listed)
    for cycle in found:
        assert is_cycle(cycle, "a")
        assert sum(map(weigh, cycle)) == max(sum(map(weigh, order)) for order in listed)


class _Venue:
    def swap(self, leg: Leg) -> list[str]:
        return [leg.pool]


class _Lender:
    def __init__(self, steps: int) -> None:
        self._steps = steps

    def terms(self) -> LenderTerms:
        return LenderTerms(assets=("a",), fee_num=0, fee_den=1, rounding="up", min_fee=0, units=7)

    def loan(self, asset: str, amount: int, fee: int) -> Loan:
        return Loan(("borrow",) * self._steps, ())


def _measure(order: Order) -> list[Load]:
    loan = 0 if order.loan is None else len(order.loan.before)
    return [Load("steps", len(order.steps) + loan, 4), Load("tips", order.tip, 9)]


@pytest.mark.parametrize(("hops", "over"), [((2, 2), []), ((2, 3), ["steps"])])
def test_the_heaviest_loan_is_taken(hops: tuple[int, int], over: list[str]) -> None:
    pools = [_pool(index, pair) for index, pair in enumerate(["ab", "ba", "bc", "ca"])]  # type: ignore[arg-type]
    material = Material(
        strategy="s", chain="c", base="a", hops=range(hops[0], hops[1] + 1), pools=pools,
        venues={pool.venue: _Venue() for pool in pools}, lenders={"light": _Lender(1), "heavy": _Lender(2)},
    )  # type: ignore[dict-item]  # fmt: skip
    found = largest(material, _measure)
    assert found is not None
    assert found.order.opportunity.lender == "heavy"
    assert found.order.opportunity.units == hops[1] + 7
    assert [load.what for load in found.over] == over


def test_without_a_cycle_there_is_no_transaction() -> None:
    material = Material(
        strategy="s", chain="c", base="a", hops=range(2, 5), pools=[_pool(0, ("a", "b"))],
        venues={"v0": _Venue()}, lenders={},
    )
    assert largest(material, _measure) is None
