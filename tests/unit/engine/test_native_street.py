"""The street on the real native module: one log from outside becomes a landed attempt."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from street_fakes import BLOCK, MS, POOLS, SEQ, FakeLender, Scene, landed, plan_of, strategy

from hoploop.engine.market import ChainMarket
from hoploop.engine.tips import NO_TIP
from hoploop.hot import Market
from hoploop.model.market import Opportunity, PoolSnapshot, RawUpdate
from hoploop.model.states import AttemptState
from hoploop.plugin.kinds import FeeTerms, Updates
from hoploop.recipe.plan import Plan

UNIT = 10**18


def topic() -> bytes:
    from eth_utils import keccak

    return bytes(keccak(text="Sync(uint112,uint112)"))


def pair_plan() -> Plan:
    doors = {pool.id: (bytes([number + 1]) * 20 + topic(),) for number, pool in enumerate(POOLS)}
    pools = tuple(msgspec.structs.replace(pool, doors=doors[pool.id]) for pool in POOLS)
    return msgspec.structs.replace(plan_of(strategy(max_notional=10 * UNIT, min_profit=UNIT // 1000)), pools=pools)


def market(scene: Scene) -> ChainMarket:
    found = ChainMarket(
        pair_plan(), "eth", Market(), scene.clock, terms={"balancer": FakeLender().terms()}, tips={"cycles": NO_TIP}
    )
    found.set_fees(FeeTerms(base_fee=0, base_units=21_000, price_num=10**9, price_den=1))
    found.set_available("balancer", "weth", 100 * UNIT)
    return found


def snapshots(reserves: Sequence[tuple[int, int]]) -> list[PoolSnapshot]:
    return [
        PoolSnapshot(pool.id, SEQ, (second << 112 | first).to_bytes(32, "big"))
        for pool, (first, second) in zip(POOLS, reserves, strict=True)
    ]


def sync(pool: int, first: int, second: int, at: int) -> Updates:
    data = first.to_bytes(32, "big") + second.to_bytes(32, "big")
    item = RawUpdate(bytes([pool + 1]) * 20 + topic(), at, data)
    return Updates(at_ns=1_000 * MS, number=BLOCK + 1, items=(item,))


def best(found: ChainMarket, block: int = BLOCK + 1) -> Opportunity:
    return found.apply(sync(0, 990 * UNIT, 2_020_000 * 10**6, block << 20))[0]


EVEN = [(1_000 * UNIT, 2_000_000 * 10**6)] * 4


def test_a_spread_becomes_an_opportunity_whose_sums_hold() -> None:
    found = market(Scene())
    assert found.load(snapshots(EVEN))
    one = best(found)
    assert one.net == one.gross - one.flash_fee - one.network_fee - one.tip > 0
    assert one.gross == one.legs[-1].amount_out - one.amount_in
    assert [leg.asset_in for leg in one.legs] == ["weth", "usdc"]
    assert one.legs[0].pool == "uni/a"
    assert (one.lender, one.seq >> 20) == ("balancer", BLOCK + 1)


def test_nothing_is_found_before_the_pools_were_read() -> None:
    assert market(Scene()).apply(sync(0, 990 * UNIT, 2_020_000 * 10**6, SEQ + 1)) == []


def test_nothing_is_found_after_all_pools_went_stale() -> None:
    found = market(Scene())
    found.load(snapshots(EVEN))
    found.mark_all_stale()
    assert found.apply(sync(0, 990 * UNIT, 2_020_000 * 10**6, (BLOCK + 1) << 20)) == []
    assert found.fresh(POOLS) == 0


def test_an_update_during_the_read_is_on_top_of_the_snapshot() -> None:
    found = market(Scene())
    found.apply(sync(0, 990 * UNIT, 2_020_000 * 10**6, (BLOCK + 1) << 20))
    assert found.load(snapshots(EVEN))
    offers = found.apply(sync(1, 1_000 * UNIT, 2_000_000 * 10**6, (BLOCK + 2) << 20))
    assert offers[0].legs[0].pool == "uni/a"


def test_the_next_best_takes_the_place_of_a_path_that_is_left_out_until_its_time_comes() -> None:
    scene = Scene()
    found = market(scene)
    found.load(snapshots([EVEN[0], (1_010 * UNIT, 2_000_000 * 10**6), *EVEN[:2]]))
    first = best(found)
    found.leave_out(first, scene.clock.now_ns + 2 * MS)
    scene.clock.now_ns += MS
    second = best(found, BLOCK + 2)
    assert [leg.pool for leg in second.legs] != [leg.pool for leg in first.legs]
    assert second.net < first.net
    assert found.dropped["suppressed"] == 1
    scene.clock.now_ns += MS
    again = best(found, BLOCK + 3)
    assert [leg.pool for leg in again.legs] == [leg.pool for leg in first.legs]


async def test_a_native_opportunity_passes_risk_and_lands() -> None:
    scene = Scene(max_notional=10 * UNIT, min_profit=UNIT // 1000)
    found = market(scene)
    found.load(snapshots(EVEN))
    one = best(found)
    scene.street.funds.set_own(10 * UNIT, {"weth": 0})
    scene.street.funds.set_lendable("balancer", "weth", 100 * UNIT)
    gained = one.gross - one.flash_fee
    scene.client.simulation = msgspec.structs.replace(scene.client.simulation, gained=gained, units=one.units)
    scene.composer.terms = FeeTerms(base_fee=0, base_units=0, price_num=10**9, price_den=1)
    scene.client.outcomes = [landed(gained=gained, network_fee=one.units * 10**9, units=one.units)]
    await scene.take(one)
    assert scene.refusals == []
    assert scene.last.state is AttemptState.LANDED
    assert scene.last.realized_net == scene.last.predicted_net
    assert scene.last.difference == ""
