"""Pools made of accounts through forks, torn slots and drops: what their venue says of the accounts of one slot."""

from __future__ import annotations

import pytest
from account_street import CLOCK, LADDER, NOW, STREET, Street, account, named, neighbours, reserve, street, vault
from hypothesis import given, settings
from hypothesis import strategies as st

from hoploop.hot import HotError, Market, WriteOrder

Step = tuple[int, int, int]
"""Pool, side, amount of a vault."""


def at(slot: int, place: int = 1) -> int:
    return slot << 20 | place


def both_vaults(market: Street, number: int, amounts: tuple[int, int], slot: int) -> list[tuple[bytes, int, bytes]]:
    """Updates as a swap of a CPMM pool makes them: its own account and both vaults."""
    pool = market.pools[number][1]
    updates = [(pool.roles["pool"], at(slot), account(pool.held, pool.roles["pool"]))]
    for place, (role, amount) in enumerate(zip(("vault_a", "vault_b"), amounts, strict=True), start=2):
        key, data = reserve(market, number, role)
        updates.append((key, at(slot, place), pool.held[key][0] + vault(amount, data)))
    return updates


def told(market: Street, updates: list[tuple[bytes, int, bytes]]) -> None:
    """What the accounts are now, here."""
    for key, _, data in updates:
        market.change(key, data[32:])


def quotes(market: Street, number: int) -> list[int | None]:
    return [market.market.quote(number, side, amount) for side in (True, False) for amount in LADDER]


@pytest.mark.parametrize("name", STREET)
def test_a_snapshot_loads_as_the_same_pool(name: str) -> None:
    venue, pool = named(name)
    ours, other = Street((venue, pool)).load(), Street((venue, pool))
    taken = ours.market.snapshot(0)
    assert taken is not None
    assert other.market.snapshot(0) is None
    assert other.market.load(0, 10, taken)
    assert other.market.snapshot(0) == taken
    assert quotes(other, 0) == quotes(ours, 0)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.lists(st.integers(10**9, 10**14), min_size=2, max_size=2)), max_size=10),
    st.integers(0, 12),
)
def test_taking_slots_back_leaves_the_pools_of_then(swaps: list[tuple[int, list[int]]], depth: int) -> None:
    market = neighbours()
    market.load(at(1, 0))
    states = [[quotes(market, 0), quotes(market, 1)]]
    for slot, (number, (one, other)) in enumerate(swaps, start=2):
        market.market.on_batch(both_vaults(market, number, (one, other), slot))
        states.append([quotes(market, 0), quotes(market, 1)])
    to = max(0, len(swaps) + 1 - depth)
    restored, stale, _ = market.market.roll_back(to)
    for number in (0, 1):
        gone = sum(pool == number for slot, (pool, _) in enumerate(swaps, start=2) if slot > to)
        if to == 0 or gone > 8:
            assert number in stale
            assert market.market.quote(number, True, 10**6) is None
        else:
            assert (number in restored) is bool(gone)
            assert quotes(market, number) == states[to - 1][number]


def test_the_search_runs_again_on_what_was_taken_back() -> None:
    market = neighbours().load(at(1, 0))
    cheap = both_vaults(market, 0, (10**12, 10**13), 2)
    assert market.market.on_batch(cheap).candidates
    assert market.market.on_batch(both_vaults(market, 0, (10**12, 10**12), 3)) is not None
    restored, _, batch = market.market.roll_back(2)
    assert restored == [0]
    assert batch.candidates
    for pool, side, amount_in, amount_out in batch.candidates[0].legs:
        assert market.market.quote(pool, side, amount_in) == amount_out


def test_updates_of_the_new_branch_are_taken_whatever_their_numbers() -> None:
    market = neighbours().load(at(1, 0))
    market.market.on_batch(both_vaults(market, 0, (10**12, 10**13), 5))
    market.market.roll_back(3)
    swap = both_vaults(market, 0, (10**12, 10**14), 4)
    assert market.market.on_batch(swap).applied == 3
    told(market, swap)
    market.assert_same()


def test_a_pool_that_heard_of_a_part_of_a_slot_waits_for_the_rest() -> None:
    market = neighbours().load(at(1, 0))
    swap = both_vaults(market, 0, (10**12, 10**13), 2)
    for update in swap[:2]:
        assert not market.market.on_batch([update]).candidates
        state = market.market.pool_state(0)
        assert (state["fresh"], state["settled"], market.market.quote(0, True, 10**6)) == (False, False, None)
        market.assert_same(1)
    told(market, swap)
    assert market.market.on_batch(swap[2:]).candidates
    assert market.market.pool_state(0)["settled"]
    market.assert_same()


def test_a_vault_that_moves_alone_counts_once_the_next_slot_begins() -> None:
    market = neighbours().load(at(1, 0))
    gift = both_vaults(market, 0, (10**13, 1), 2)[1]
    told(market, [gift])
    assert not market.market.on_batch([gift]).candidates
    sysvar = bytes(32) + b"".join(value.to_bytes(8, "little") for value in (NOW[0], 0, 700, 0, 1_734_500_100))
    assert market.market.on_batch([(CLOCK, at(3), sysvar)]).candidates
    market.assert_same()


@pytest.mark.parametrize(("slots", "waits"), [(0, []), (1, [2]), (2, [2, 3])])
def test_the_barrier_waits_for_as_many_slots_as_it_is_told(slots: int, waits: list[int]) -> None:
    market = neighbours().load(at(1, 0))
    market.market.set_barrier(slots)
    key = market.pools[1][1].roles["config"]
    seen = []
    for slot in range(2, 5):
        update = both_vaults(market, 0, (10**13, 1), 2)[1] if slot == 2 else (
            key, at(slot), account(market.pools[1][1].held, key)
        )  # fmt: skip
        market.market.on_batch([update])
        if not market.market.pool_state(0)["fresh"]:
            seen.append(slot)
    assert seen == waits


def test_pools_whose_earlier_bytes_are_too_large_to_keep_become_stale() -> None:
    market = neighbours().load(at(1, 0))
    pool = market.pools[0][1]
    large = account(pool.held, pool.roles["config"]) + bytes(200 << 10)
    for slot in (2, 3):
        market.market.on_batch([(pool.roles["config"], at(slot), large)])
    assert market.market.roll_back(2)[:2] == ([], [0, 1])


def test_a_dropped_pool_leaves_those_it_shared_accounts_with() -> None:
    market = neighbours().load(at(1, 0))
    assert market.market.drop([0]) == {"pools": 1, "edges": 2, "cycles": 0}
    with pytest.raises(HotError, match="dropped"):
        market.market.quote(0, True, 1)
    config = market.pools[1][1].roles["config"]
    alone, _ = reserve(market, 0)
    data = account(market.pools[1][1].held, config)
    assert market.market.on_batch([(config, at(2), data), (alone, at(2), data)]).applied == 1
    market.assert_same(1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.one_of(st.none(), st.binary(max_size=900)), st.booleans()), max_size=12)
)
def test_hostile_updates_of_one_pool_leave_the_others_to_the_byte(
    attacks: list[tuple[int, bytes | None, bool]],
) -> None:
    market = street()
    before = [market.market.snapshot(number) for number in range(len(STREET))]
    found = [quotes(market, number) for number in range(len(STREET))]
    keys = [key for key in market.pools[0][1].held if all(key not in pool.held for _, pool in market.pools[1:])]
    for seq, (which, data, short) in enumerate(attacks, start=20):
        key = keys[which % len(keys)]
        bytes_then = account(market.pools[0][1].held, key) if data is None else data
        market.market.on_batch([(key, seq, bytes_then[:-1] if short else bytes_then)])
    assert [market.market.snapshot(number) for number in range(1, len(STREET))] == before[1:]
    assert [quotes(market, number) for number in range(1, len(STREET))] == found[1:]


def test_write_versions_order_the_updates_of_a_slot() -> None:
    order = WriteOrder()
    newer, older, later = order.seq(7, 1005), order.seq(7, 1002), order.seq(8, 1)
    assert older is not None
    assert newer is not None
    assert later is not None
    assert older < newer < later
    assert [seq >> 20 for seq in (older, newer, later)] == [7, 7, 8]
    assert order.seq(1 << 44, 1) is None


def test_a_market_is_sealed_before_anything_is_taken_back() -> None:
    market = Market()
    with pytest.raises(HotError, match="sealed"):
        market.roll_back(1)
    with pytest.raises(HotError, match="sealed"):
        market.drop([])
