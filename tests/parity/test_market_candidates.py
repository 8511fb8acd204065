"""Every candidate can be recomputed: amounts by the twins, costs by their formulas, the size by brute force."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hot_kit import V3_TOPICS, account_door, amm_account, door, slot8, sync, v3_pool
from hypothesis import given
from hypothesis import strategies as st

from hoploop.hot import Candidate, Market
from hoploop.hot.reference import concentrated, constant_product, constant_product_fee_first
from hoploop.hot.reference.concentrated import sqrt_ratio_at_tick

Quote = Callable[[bool, int], int | None]
UNIT = 10**18


class World:
    """A market whose pools have reference twins: handle -> exact quote."""

    def __init__(self, assets: int = 2) -> None:
        self.market = Market()
        self.quotes: list[Quote] = []
        self.snapshots: list[bytes] = []
        for number in range(assets):
            self.market.add_asset(f"asset {number}")

    def v2(self, reserve0: int, reserve1: int, asset0: int = 0, asset1: int = 1, units: int = 100) -> int:
        number = len(self.quotes) + 1
        pool = self.market.add_pool(
            f"pool {number}", "constant_product", "uniswap_v2", asset0, asset1, 3, 1000, 0, units, [door(number)]
        )
        self.quotes.append(
            lambda side, amount: constant_product.quote(
                *((reserve0, reserve1) if side else (reserve1, reserve0)), 3, 1000, amount
            )
        )
        self.snapshots.append(slot8(reserve0, reserve1))
        return pool

    def amm(self, reserve0: int, reserve1: int) -> int:
        number = len(self.quotes) + 1
        pool = self.market.add_pool(
            f"pool {number}", "constant_product_fee_first", "hoploop_amm", 0, 1, 3, 1000, 0, 100, [account_door(number)]
        )
        self.quotes.append(
            lambda side, amount: constant_product_fee_first.quote(
                *((reserve0, reserve1) if side else (reserve1, reserve0)), 3, 1000, amount
            )
        )
        self.snapshots.append(amm_account(reserve0, reserve1))
        return pool

    def v3(self, tick: int, positions: list[tuple[int, int, int]]) -> int:
        number = len(self.quotes) + 1
        doors = [door(number, topic) for topic in V3_TOPICS]
        pool = self.market.add_pool(
            f"pool {number}", "concentrated", "uniswap_v3", 0, 1, 500, 1_000_000, 10, 150, doors
        )
        snapshot, twin = v3_pool(sqrt_ratio_at_tick(tick), tick, positions, 500, 10)
        self.quotes.append(lambda side, amount: concentrated.quote(twin, side, amount))
        self.snapshots.append(snapshot)
        return pool

    def search(
        self, *, lenders: Sequence[int] = (), most: int = 10**30, min_net: int = 1, budget: int = 64, hops: int = 3,
        tip: tuple[int, int, int, int] = (0, 1, 0, 0),
    ) -> int:  # fmt: skip
        pools = range(len(self.quotes))
        return self.market.add_search("s", 0, list(pools), list(lenders), 2, hops, most, min_net, *tip, budget)

    def open(self, fees: tuple[int, int, int, int] = (0, 0, 0, 1)) -> None:
        self.market.set_fees(*fees)
        self.market.seal()
        for pool, snapshot in enumerate(self.snapshots):
            self.market.load(pool, 1, snapshot)

    def out(self, candidate: Candidate, amount: int) -> int | None:
        """Native re-quote of another amount along the same legs; parity of single quotes is tested elsewhere."""
        for pool, side, _, _ in candidate.legs:
            quoted = self.market.quote(pool, side, amount)
            if quoted is None:
                return None
            amount = quoted
        return amount


def _check(world: World, candidate: Candidate) -> None:
    amount = candidate.amount_in
    for pool, side, amount_in, amount_out in candidate.legs:
        assert amount_in == amount
        assert world.quotes[pool](side, amount_in) == amount_out
        amount = amount_out
    assert candidate.gross == amount - candidate.amount_in
    costs = candidate.flash_fee + candidate.network_fee + candidate.tip
    assert candidate.net == candidate.gross - costs
    assert len({leg[0] for leg in candidate.legs}) == len(candidate.legs)


def _two_pools(**search: object) -> World:
    world = World()
    world.v2(1000 * UNIT, 2_700_000 * 10**6)
    world.v2(1000 * UNIT, 2_500_000 * 10**6)
    world.search(**search)  # type: ignore[arg-type]
    return world


POKE = [(door(1), 2, sync(1000 * UNIT, 2_700_000 * 10**6))]


def test_own_capital_pays_no_flash_fee_and_every_cost_is_subtracted() -> None:
    world = _two_pools(tip=(1, 10, 5, 10**30))
    world.open((5000, 21_000, 3, 2))
    world.market.set_own_capital(0, 10**30)
    (found,) = world.market.on_batch(POKE).candidates
    _check(world, found)
    assert (found.lender, found.flash_fee, found.units, found.seq) == (-1, 0, 200, 2)
    assert found.network_fee == 5000 + -(-(21_000 + 200) * 3 // 2)
    assert found.tip == found.gross // 10


@pytest.mark.parametrize("rounding", ["up", "half_up", "down"])
def test_a_lender_is_paid_as_it_rounds_and_its_units_count(rounding: str) -> None:
    world = World()
    world.v2(1000 * UNIT, 2_700_000 * 10**6)
    world.v2(1000 * UNIT, 2_500_000 * 10**6)
    lender = world.market.add_lender("l", 5, 10_000, rounding, 7, 50)
    world.search(lenders=[lender])
    world.open()
    world.market.set_available(lender, 0, 10**30)
    (found,) = world.market.on_batch(POKE).candidates
    _check(world, found)
    exact, rest = divmod(found.amount_in * 5, 10_000)
    expected = {"up": exact + (rest > 0), "half_up": exact + (rest >= 5000), "down": exact}[rounding]
    assert (found.lender, found.units, found.flash_fee) == (lender, 250, expected)


def test_the_source_of_money_that_leaves_most_is_chosen() -> None:
    world = World()
    world.v2(1000 * UNIT, 2_700_000 * 10**6)
    world.v2(1000 * UNIT, 2_500_000 * 10**6)
    dear = world.market.add_lender("dear", 50, 10_000, "up", 0, 0)
    cheap = world.market.add_lender("cheap", 5, 10_000, "up", 0, 0)
    world.search(lenders=[dear, cheap])
    world.open()
    market = world.market
    market.set_available(dear, 0, 10**30)
    market.set_available(cheap, 0, 10**30)
    seq = iter(range(2, 99))

    def chosen() -> Candidate:
        (found,) = market.on_batch([(door(1), next(seq), POKE[0][2])]).candidates
        return found

    assert chosen().lender == cheap
    market.set_available(cheap, 0, UNIT)
    assert chosen().lender == dear
    market.set_available(dear, 0, 0)
    capped = chosen()
    assert (capped.lender, capped.amount_in <= UNIT, capped.amount_in > UNIT * 99 // 100) == (cheap, True, True)
    market.set_own_capital(0, 10**30)
    assert chosen().lender == -1


def test_no_more_goes_in_than_the_search_allows() -> None:
    world = _two_pools(most=12_345)
    world.open()
    world.market.set_own_capital(0, 10**30)
    batch = world.market.on_batch(POKE)
    assert all(found.amount_in <= 12_345 for found in batch.candidates)
    assert batch.dropped.get("no_profit", 0) + len(batch.candidates) == 2


@pytest.mark.parametrize(
    ("search", "reasons"),
    [({"min_net": 10**30}, {"min_profit": 1, "no_profit": 1}), ({}, {"no_profit": 1})],
)
def test_what_is_not_returned_is_counted(search: dict[str, int], reasons: dict[str, int]) -> None:
    world = _two_pools(**search)
    world.open()
    world.market.set_own_capital(0, 10**30)
    assert world.market.on_batch(POKE).dropped == reasons


def test_without_money_the_reason_is_no_lender() -> None:
    world = _two_pools()
    world.open()
    assert world.market.on_batch(POKE).dropped == {"no_lender": 1, "no_profit": 1}


def test_costs_beyond_all_numbers_are_an_overflow_not_a_profit() -> None:
    world = _two_pools()
    world.open((2**128 - 1, 1, 1, 1))
    world.market.set_own_capital(0, 10**30)
    batch = world.market.on_batch(POKE)
    assert (batch.candidates, batch.dropped) == ([], {"overflow": 1, "no_profit": 1})


def test_a_refused_or_stale_pool_does_not_poison_its_neighbours() -> None:
    world = World()
    for reserve1 in (2_700_000, 2_500_000, 2_400_000, 2_300_000):
        world.v2(1000 * UNIT, reserve1 * 10**6)
    world.search(hops=2)
    world.open()
    world.market.set_own_capital(0, 10**30)
    world.market.mark_stale(2)
    batch = world.market.on_batch([(door(4), 2, b"bad"), *POKE])
    assert batch.refused == [(0, "length")]
    assert {leg[0] for found in batch.candidates for leg in found.legs} == {0, 1}
    assert batch.dropped == {"refused": 2, "stale": 2, "no_profit": 1}


def test_no_two_candidates_share_a_pool_and_the_best_comes_first() -> None:
    world = World()
    for step in range(24):
        world.v2(1000 * UNIT, (2_400_000 + 20_000 * step) * 10**6)
    world.search(budget=10**6, hops=2)
    world.open()
    world.market.set_own_capital(0, 10**30)
    pokes = [(door(n + 1), 2, sync(1000 * UNIT, (2_400_000 + 20_000 * n) * 10**6)) for n in range(24)]
    batch = world.market.on_batch(pokes)
    used = [leg[0] for found in batch.candidates for leg in found.legs]
    nets = [found.net for found in batch.candidates]
    assert (len(batch.candidates), len(used), nets) == (8, len(set(used)), sorted(nets, reverse=True))
    assert sum(batch.dropped.values()) + 8 == 24 * 23
    for found in batch.candidates:
        _check(world, found)


def test_the_budget_is_spent_on_the_best_rates() -> None:
    worlds = []
    for budget in (1, 1000):
        world = World()
        for step in range(12):
            world.v2(1000 * UNIT, (2_400_000 + 20_000 * step) * 10**6)
        world.search(budget=budget, hops=2)
        world.open()
        world.market.set_own_capital(0, 10**30)
        worlds.append(world.market.on_batch([(door(12), 2, sync(1000 * UNIT, 2_620_000 * 10**6))]))
    tight, wide = worlds
    assert tight.dropped["budget"] >= 5
    assert tight.candidates[0].net == wide.candidates[0].net


def test_three_hops_are_found_sized_and_exact() -> None:
    world = World(3)
    world.v2(1000 * UNIT, 2_500_000 * 10**6, 0, 1)
    world.v2(3_000_000 * 10**6, 90 * 10**8, 1, 2)
    world.v2(90 * 10**8, 1300 * UNIT, 2, 0)
    world.search()
    world.open()
    world.market.set_own_capital(0, 10**30)
    (found,) = world.market.on_batch([(door(1), 2, sync(1000 * UNIT, 2_500_000 * 10**6))]).candidates
    assert [leg[:2] for leg in found.legs] == [(0, True), (1, True), (2, True)]
    _check(world, found)
    for nearby in range(found.amount_in - 3000, found.amount_in + 3000, 7):
        assert (world.out(found, nearby) or 0) - nearby <= found.net


small = st.integers(200, 4000)


@given(small, small, small, small)
def test_small_constant_product_cycles_are_sized_as_by_brute_force(a: int, b: int, c: int, d: int) -> None:
    world = World()
    world.v2(a, b)
    world.v2(c, d)
    _against_brute_force(world, a, b)


@given(small, small, small, small)
def test_small_fee_first_cycles_are_sized_as_by_brute_force(a: int, b: int, c: int, d: int) -> None:
    world = World()
    world.amm(a, b)
    world.amm(c, d)
    world.search()
    world.open()
    world.market.set_own_capital(0, 10**9)
    _compare(world, world.market.on_batch([(account_door(1), 2, amm_account(a, b))]).candidates)


@given(st.integers(500, 3000), st.integers(500, 3000), st.integers(-2500, 2500), st.integers(3000, 60_000))
def test_small_mixed_cycles_are_sized_as_by_brute_force(a: int, b: int, tick: int, liquidity: int) -> None:
    world = World()
    world.v2(a, b)
    world.v3(tick, [(-9000, 9000, liquidity), (tick // 10 * 10 - 50, tick // 10 * 10 + 80, liquidity * 3)])
    _against_brute_force(world, a, b, within=8)


def _against_brute_force(world: World, reserve0: int, reserve1: int, within: int = 2) -> None:
    world.search()
    world.open()
    world.market.set_own_capital(0, 10**9)
    _compare(world, world.market.on_batch([(door(1), 2, sync(reserve0, reserve1))]).candidates, within)


def _compare(world: World, found: list[Candidate], within: int = 2) -> None:
    """At most a few units less than the best of all amounts: the polish looks at some rounding steps, not at all."""
    best, quote = 0, world.market.quote
    for first, second in ((0, 1), (1, 0)):
        for amount in range(1, 3000):
            middle = quote(first, True, amount)
            out = quote(second, False, middle) if middle else None
            best = max(best, (out or 0) - amount)
    got = max((candidate.net for candidate in found), default=0)
    assert best - within <= got <= best
    for candidate in found:
        _check(world, candidate)


@given(st.integers(10**20, 10**24), st.integers(10**20, 10**24), st.integers(-3000, 3000), st.integers(10**19, 10**24))
def test_large_mixed_cycles_leave_nothing_on_a_fine_grid(a: int, b: int, tick: int, liquidity: int) -> None:
    world = World()
    world.v2(a, b)
    world.v3(tick, [(-9000, 9000, liquidity), (tick // 10 * 10 - 50, tick // 10 * 10 + 80, liquidity * 3)])
    world.search()
    world.open()
    world.market.set_own_capital(0, 10**30)
    for found in world.market.on_batch([(door(1), 2, sync(a, b))]).candidates:
        _check(world, found)
        for part in range(1, 200):
            amount = found.amount_in * part // 100
            out = world.out(found, amount)
            assert out is None or out - amount <= found.net
