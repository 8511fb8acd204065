"""Paths that are left out for a while, and pools that are dropped for good."""

from __future__ import annotations

import pytest
from hot_kit import door, slot8, sync

from hoploop.hot import Batch, HotError, Market

UNIT = 10**12
THERE, BACK = [(0, True), (1, False)], [(1, True), (0, False)]


def market(pools: int = 2, hops: tuple[int, int] = (2, 3)) -> Market:
    """Pools of one pair, the first of them dear."""
    made = Market()
    made.add_asset("a")
    made.add_asset("b")
    for pool in range(pools):
        made.add_pool(f"{pool}", "constant_product", "uniswap_v2", 0, 1, 3, 1000, 0, 1, [door(pool)])
    made.set_fees(0, 0, 0, 1)
    made.set_own_capital(made.add_search("s", 0, range(pools), [], *hops, 10**30, 1, 0, 1, 0, 0, 32), 10**30)
    made.seal()
    for pool in range(pools):
        made.load(pool, 0, slot8(UNIT, UNIT + (UNIT >> 3 + pool)))
    return made


def poke(made: Market, seq: int) -> Batch:
    return made.on_batch([(door(0), seq, sync(UNIT, UNIT + (UNIT >> 3)))])


def paths(batch: Batch) -> list[list[tuple[int, bool]]]:
    return [[leg[:2] for leg in found.legs] for found in batch.candidates]


def test_a_path_is_left_out_for_as_many_batches_as_told() -> None:
    made = market()
    assert paths(poke(made, 1)) == [THERE]
    made.suppress(0, THERE, batches=2)
    for seq, left in ((2, [(0, THERE, 1, None)]), (3, [])):
        batch = poke(made, seq)
        assert batch.candidates == []
        assert batch.dropped["suppressed"] == 1
        assert made.suppressed() == left
    assert paths(poke(made, 4)) == [THERE]


def test_a_path_is_left_out_until_the_time_has_come() -> None:
    made = market()
    made.suppress(0, THERE, until=1000)
    made.set_time(999)
    assert poke(made, 1).candidates == []
    made.set_time(1000)
    assert paths(poke(made, 2)) == [THERE]


def test_a_released_path_is_looked_at_again() -> None:
    made = market()
    made.suppress(0, THERE, until=1)
    assert made.release(0, THERE)
    assert not made.release(0, THERE)
    assert paths(poke(made, 1)) == [THERE]


def test_a_path_is_the_same_wherever_it_is_told_from() -> None:
    made = market()
    made.suppress(0, THERE[::-1], until=5)
    assert made.suppressed() == [(0, THERE, None, 5)]
    assert poke(made, 1).candidates == []


def test_the_other_way_round_is_another_path() -> None:
    made = market()
    made.suppress(0, BACK, until=5)
    assert paths(poke(made, 1)) == [THERE]


def test_the_next_best_path_takes_the_place() -> None:
    made = market(3)
    made.suppress(0, [(0, True), (2, False)], until=1)
    assert paths(poke(made, 1)) == [THERE]


def test_the_path_told_first_goes_when_there_are_too_many() -> None:
    made = market(34, (2, 2))
    told = [[(one, True), (other, False)] for one in range(34) for other in range(34) if one != other][:1025]
    for number, path in enumerate(told):
        made.suppress(0, path, until=number + 1)
    assert [path for _, path, _, _ in made.suppressed()] == told[1:]
    made.suppress(0, told[5], until=7)
    assert len(made.suppressed()) == 1024


@pytest.mark.parametrize(
    ("search", "legs", "why"),
    [
        (1, THERE, "unknown search"),
        (0, THERE[:1], "so many swaps"),
        (0, [*THERE, (2, True), (3, False)], "so many swaps"),
        (0, [(0, True), (9, False)], "none of the search's"),
        (0, [(0, True), (0, False)], "no pool twice"),
        (0, [(0, True), (1, True)], "no cycle"),
    ],
)
def test_what_is_no_path_of_the_search_is_told(search: int, legs: list[tuple[int, bool]], why: str) -> None:
    with pytest.raises(HotError, match=why):
        market(4).suppress(search, legs, batches=1)


def test_an_end_is_a_number_of_batches_or_a_time() -> None:
    for ends in ({}, {"batches": 1, "until": 1}):
        with pytest.raises(HotError, match="either"):
            market().suppress(0, THERE, **ends)


def test_a_dropped_pool_is_gone_with_its_door_its_cycles_and_its_paths() -> None:
    made = market(3)
    made.suppress(0, THERE, until=1)
    made.suppress(0, [(0, True), (2, False)], until=1)
    assert made.drop([1]) == {"pools": 2, "edges": 4, "cycles": 2}
    assert [path for _, path, _, _ in made.suppressed()] == [[(0, True), (2, False)]]
    assert made.release(0, [(0, True), (2, False)])
    assert made.on_batch([(door(1), 1, sync(1, 1))]).ignored == 1
    batch = poke(made, 1)
    assert paths(batch) == [[(0, True), (2, False)]]
    assert sum(batch.dropped.values()) == 1
    for use in (made.pool_state, made.snapshot, made.mark_stale):
        with pytest.raises(HotError, match="dropped"):
            use(1)
    with pytest.raises(HotError, match="dropped"):
        made.drop([1])


def test_an_unknown_pool_among_those_to_drop_changes_nothing() -> None:
    made = market()
    with pytest.raises(HotError, match="unknown"):
        made.drop([0, 7])
    assert paths(poke(made, 1)) == [THERE]


def test_a_market_may_lose_all_its_pools() -> None:
    made = market()
    assert made.drop([1, 0]) == {"pools": 0, "edges": 0, "cycles": 0}
    assert made.on_batch([]).candidates == []
    assert made.roll_back(1)[:2] == ([], [])


def test_a_version_grows_with_every_state_and_with_taking_back() -> None:
    made = market()
    seen = [made.pool_state(0)["version"]]
    for seq in (2 << 20, 2 << 20 | 1):
        poke(made, seq)
        seen.append(made.pool_state(0)["version"])
    made.roll_back(1)
    seen.append(made.pool_state(0)["version"])
    poke(made, 0)
    assert seen == sorted(set(seen))
    assert made.pool_state(0)["version"] == seen[-1]
