"""The plan reaches the native module whole, and upkeep keeps its numbers true."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from street_fakes import BLOCK, POOLS, SEQ, FakeClock, FakeLender, FakeMarket, Scene, plan_of, strategy

from hoploop.engine.counters import Histogram
from hoploop.engine.market import ChainMarket
from hoploop.engine.tips import NO_TIP, TipPolicy, policy_of, worst
from hoploop.engine.upkeep import Upkeep
from hoploop.errors import InvariantError
from hoploop.model.chain import Head
from hoploop.model.money import Ratio
from hoploop.plugin.kinds import Gap, RouteTerms


def test_assets_pools_lenders_and_searches_are_registered() -> None:
    names = Scene().native.names
    assert [values[0] for values in names["asset"]] == ["weth", "usdc"]
    assert [values[0] for values in names["pool"]] == [one.id for one in POOLS]
    assert names["lender"] == [("balancer", 0, 1, "up", 0, 50)]
    assert names["search"] == [("cycles", 0, [0, 1, 2, 3], [0], 2, 3, 100_000, 500, 0, 1, 0, 0, 1000)]


def test_a_base_that_does_not_wrap_the_native_coin_is_refused() -> None:
    plan = plan_of(strategy(base="usdc"))
    with pytest.raises(InvariantError) as refusal:
        ChainMarket(
            plan, "eth", FakeMarket(), FakeClock(),  # type: ignore[arg-type]
            terms={"balancer": FakeLender().terms()}, tips={"cycles": NO_TIP},
        )
    assert refusal.value.code == "E101"


async def test_upkeep_reads_fees_funds_and_liquidity() -> None:
    scene = Scene()
    scene.client.balances = {"": 7, "0xweth": 11}
    await Upkeep(scene.street, scene.kit, scene.plan).refresh()
    assert scene.native.calls == [
        ("set_fees", 0, 0, 1, 2), ("set_own_capital", 0, 11), ("set_available", 0, 0, 1_000_000),
    ]
    assert (scene.street.funds.native, scene.street.funds.own) == (7, {"weth": 11})


async def test_own_capital_is_used_as_far_as_the_strategy_allows() -> None:
    half, never = Scene(own_share=Ratio(1, 2)), Scene(own_capital=False)
    half.market.set_own_capital("weth", 11)
    never.market.set_own_capital("weth", 11)
    assert (half.native.calls, never.native.calls) == ([("set_own_capital", 0, 5)], [("set_own_capital", 0, 0)])


async def test_a_capped_lender_is_one_of_the_strategys_own() -> None:
    scene = Scene(lender_caps=(("balancer", 500),))
    assert [values[0] for values in scene.native.names["lender"]] == ["balancer", "balancer of cycles"]
    assert scene.native.names["search"][0][3] == [1]
    scene.market.set_available("balancer", "weth", 800)
    scene.market.set_available("balancer", "weth", 300)
    assert [call[1:] for call in scene.native.calls] == [(0, 0, 800), (1, 0, 500), (0, 0, 300), (1, 0, 300)]


async def test_a_resync_reads_every_pool_and_ends_in_sync() -> None:
    scene = Scene()
    scene.street.on_event(Gap(why="reconnected", number=1))
    await Upkeep(scene.street, scene.kit, scene.plan).resync()
    assert not scene.street.resyncing
    assert scene.market.fresh(POOLS) == 4


async def test_a_read_that_came_too_late_is_repeated_at_the_next_head() -> None:
    scene = Scene()
    scene.native.lost = SEQ + 1
    task = asyncio.get_running_loop().create_task(Upkeep(scene.street, scene.kit, scene.plan).resync())
    for _ in range(5):
        await asyncio.sleep(0)
    assert scene.street.resyncing
    scene.native.lost = 0
    scene.street.on_event(Head(number=BLOCK + 1))
    await task
    assert not scene.street.resyncing


def test_the_worst_tip_is_never_below_any_routes_tip() -> None:
    one = TipPolicy(num=1, den=10, least=0, most=100)
    other = TipPolicy(num=1, den=20, least=30, most=60)
    total = worst([one, other])
    assert total == TipPolicy(num=1, den=10, least=30, most=100)


def test_a_route_without_tip_accounts_takes_no_tip() -> None:
    assert policy_of(RouteTerms(min_tip=5, max_tip=9)) == NO_TIP


def test_a_quantile_is_at_most_a_sixteenth_too_high() -> None:
    histogram = Histogram()
    for ms in range(1, 101):
        histogram.add(ms * 1_000_000)
    quantiles = histogram.quantiles()
    assert 50_000 <= quantiles.p50 <= 50_000 * 17 // 16
    assert 99_000 <= quantiles.p99 <= 99_000 * 17 // 16
    assert quantiles.n == 100


def test_an_empty_histogram_says_so() -> None:
    assert msgspec.structs.asdict(Histogram().quantiles()) == {"p50": 0, "p99": 0, "n": 0}
