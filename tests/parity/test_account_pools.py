"""Pools made of accounts in the market: quotes are those of `VenueState`, whatever way the accounts came."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from account_street import (
    CLOCK,
    CPMM,
    FOLDER,
    NOW,
    STREET,
    VENUES,
    Street,
    account,
    golden,
    named,
    neighbours,
    reserve,
    snapshot,
    street,
    vault,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from venue_kit import amounts, damaged

from hoploop.hot import HotError, Market
from hoploop.hot._native import VenueState
from hoploop.verify.vectors import files


@pytest.mark.parametrize("venue", [*VENUES, "meteora_damm_v1"])
def test_every_recorded_pool_loads_and_quotes_as_its_venue_does(venue: str) -> None:
    named(CPMM)
    forged = Path(__file__).parents[1] / "golden" / venue
    for path in files(forged if forged.exists() else FOLDER / venue):
        key, pool = golden(path)
        alone = Street((key, pool), clock=pool.clock)
        state = alone.state(0)
        if isinstance(state, str):
            with pytest.raises(HotError, match=state):
                alone.market.load(0, 10, snapshot(pool.held))
            assert alone.market.pool_state(0)["refused"] == state
        else:
            alone.load().assert_same()


def _best(street: Street, first: int, second: int) -> int:
    """The best gain of a cycle over a ladder of amounts."""
    states = [street.state(first), street.state(second)]

    def gain(amount: int) -> int:
        out = amount
        for state, side in zip(states, (True, False), strict=True):
            assert isinstance(state, VenueState)
            paid = state.quote(side, True, out, 0, 0)
            if isinstance(paid, str) or paid[0] != out:
                return 0
            out = paid[1]
        return out - amount

    return max(gain(int(1.2**power)) for power in range(150))


def test_candidates_requote_exactly_and_no_amount_of_any_cycle_earns_more() -> None:
    market = street()
    found = [market.market.on_batch([market.poke(number, 11)]).candidates for number in range(len(STREET))]
    assert all(found)
    for candidate in (one for batch in found for one in batch):
        amount = candidate.amount_in
        for pool, side, amount_in, amount_out in candidate.legs:
            assert (amount_in, amount_out) == (amount, market.twin(pool, side, amount))
            amount = amount_out
        assert candidate.net == candidate.gross == amount - candidate.amount_in > 0
    best = max(_best(market, *pair) for pair in permutations(range(len(STREET)), 2))
    assert max(batch[0].net for batch in found) >= best


def test_the_best_of_all_changed_pools_comes_first() -> None:
    market = street()
    batch = market.market.on_batch([market.poke(number, 11) for number in range(len(STREET))])
    alone = street()
    nets = [alone.market.on_batch([alone.poke(number, 11)]).candidates[0].net for number in range(len(STREET))]
    assert batch.candidates[0].net == max(nets)
    used = [leg[0] for candidate in batch.candidates for leg in candidate.legs]
    assert len(used) == len(set(used))


def test_an_update_of_one_account_changes_the_quotes_of_its_pool_only() -> None:
    market = street()
    key, data = reserve(market, 0)
    before = [market.market.quote(number, True, 10**6) for number in range(len(STREET))]
    batch = market.market.on_batch([(key, 11, market.pools[0][1].held[key][0] + vault(10**15, data))])
    market.change(key, vault(10**15, data))
    after = [market.market.quote(number, True, 10**6) for number in range(len(STREET))]
    assert (batch.applied, batch.refused) == (1, [])
    assert after[0] != before[0]
    assert after[1:] == before[1:]
    market.assert_same()


def test_a_shared_account_updates_every_pool_that_has_it() -> None:
    market = neighbours()
    config = market.pools[0][1].roles["config"]
    data = market.pools[0][1].held[config][1]
    data = data[:12] + (50_000).to_bytes(8, "little") + data[20:]
    before = market.market.quote(1, True, 10**6)
    batch = market.market.on_batch([(config, 11, market.pools[0][1].held[config][0] + data)])
    market.change(config, data)
    assert batch.applied == 1
    assert market.market.quote(1, True, 10**6) != before
    market.assert_same()


def test_no_cycle_uses_two_pools_that_write_one_account() -> None:
    for share, expected in ((("config", "mint_a", "mint_b"), True), (("vault_a",), False)):
        market = neighbours(share=share)
        key, data = reserve(market, 1, "vault_b")
        batch = market.market.on_batch([(key, 11, market.pools[1][1].held[key][0] + vault(10**13, data))])
        assert bool(batch.candidates) is expected


def test_a_batch_is_read_after_its_last_update() -> None:
    market = neighbours()
    config = market.pools[0][1].roles["config"]
    good = account(market.pools[0][1].held, config)
    batch = market.market.on_batch([(config, 11, good[:32] + bytes(300)), (config, 12, good)])
    assert (batch.applied, batch.refused) == (2, [])
    market.assert_same()


def test_a_refused_pool_leaves_its_neighbour_alone_and_heals_with_newer_bytes() -> None:
    market = neighbours()
    key, _ = reserve(market, 0)
    good = account(market.pools[0][1].held, key)
    batch = market.market.on_batch([(b"?" * 32, 11, b""), (key, 11, good[:32] + b"...")])
    assert batch.ignored == 1
    assert [position for position, _ in batch.refused] == [1]
    assert market.market.pool_state(0)["refused"]
    assert market.market.quote(0, True, 10**6) is None
    market.assert_same(1)
    market.market.on_batch([(key, 12, good)])
    market.assert_same()


def test_bytes_that_cannot_be_an_account_refuse_the_pool_until_newer_ones_come() -> None:
    market = neighbours()
    key, _ = reserve(market, 0)
    batch = market.market.on_batch([(key, 12, b"short")])
    assert batch.refused == [(0, "length")]
    assert market.market.quote(0, True, 10**6) is None
    assert market.market.load(0, 11, snapshot(market.pools[0][1].held)) is False
    assert market.market.load(0, 12, snapshot(market.pools[0][1].held)) is True
    market.assert_same()


def test_each_account_has_its_own_order() -> None:
    market = neighbours()
    (a, data_a), (b, data_b) = reserve(market, 0, "vault_a"), reserve(market, 0, "vault_b")
    owner = market.pools[0][1].held[a][0]
    batch = market.market.on_batch(
        [(a, 20, owner + vault(10**13, data_a)), (b, 15, owner + vault(10**13, data_b)), (a, 19, owner + data_a)]
    )
    market.change(a, vault(10**13, data_a))
    market.change(b, vault(10**13, data_b))
    assert (batch.applied, batch.ignored, market.market.pool_state(0)["seq"]) == (2, 1, 20)
    market.assert_same()


def test_a_stale_pool_keeps_what_is_newer_than_its_next_snapshot() -> None:
    market = neighbours()
    market.market.mark_stale(0)
    (a, data_a), (b, data_b) = reserve(market, 0, "vault_a"), reserve(market, 0, "vault_b")
    owner = market.pools[0][1].held[a][0]
    batch = market.market.on_batch([(a, 30, owner + vault(10**13, data_a)), (b, 25, owner + vault(1, data_b))])
    assert batch.applied == 2
    assert not batch.candidates
    assert market.market.quote(0, True, 10**6) is None
    assert market.market.load(0, 27, snapshot(market.pools[0][1].held))
    market.change(a, vault(10**13, data_a))
    market.assert_same()


def test_a_snapshot_older_than_the_state_changes_nothing() -> None:
    market = neighbours()
    key, data = reserve(market, 0)
    old = snapshot(market.pools[0][1].held)
    market.market.on_batch([(key, 30, market.pools[0][1].held[key][0] + vault(10**13, data))])
    assert market.market.load(0, 20, old)
    market.change(key, vault(10**13, data))
    market.assert_same()


def test_a_pool_needs_the_clock_first() -> None:
    venue, pool = named(CPMM)
    market = Market()
    market.add_asset("sol")
    market.add_asset("usdc")
    market.add_account_pool("pool", venue, 0, 1, 100, pool.roles, pool.routes)
    market.seal()
    with pytest.raises(HotError, match="clock"):
        market.load(0, 10, snapshot(pool.held))


def test_the_clock_account_is_a_door_and_the_same_as_setting_the_clock() -> None:
    pending = named("raydium_cpmm/t22_epoch_pending.json")
    later = (NOW[0] + 10**7, NOW[1] + 10**6, 9999)
    told, read = Street(pending).load(), Street(pending).load()
    before = told.market.quote(0, True, 10**9)
    told.market.set_clock(*later)
    words = (later[0], 0, later[2], later[2] + 1, later[1])
    sysvar = bytes(32) + b"".join(word.to_bytes(8, "little") for word in words)
    batch = read.market.on_batch([(CLOCK, 11, sysvar), (CLOCK, 12, b"short")])
    assert (batch.applied, batch.refused) == (1, [(1, "length")])
    told.clock = read.clock = later
    assert told.market.quote(0, True, 10**9) == read.market.quote(0, True, 10**9) != before
    told.assert_same()


def test_a_pool_that_another_clock_changes_is_searched_in_the_next_batch() -> None:
    market = Street(named("raydium_cpmm/t22_epoch_pending.json"), named("raydium_amm_v4/with_pnl.json")).load()
    assert market.market.on_batch([]).candidates == []
    market.market.set_clock(NOW[0], NOW[1], 9999)
    assert market.market.on_batch([]).candidates
    assert market.market.on_batch([]).candidates == []


def test_wrong_wiring_is_told() -> None:
    market = Market()
    for asset in ("sol", "usdc"):
        market.add_asset(asset)
    key = b"k" * 32
    market.add_pool("amm", "constant_product_fee_first", "hoploop_amm", 0, 1, 3, 1000, 0, 100, [key])
    wrong: Iterator[tuple[str, int, dict[str, bytes]]] = iter(
        [
            ("no_venue", 1, {"pool": b"p" * 32}),
            ("whirlpool", 0, {"pool": b"p" * 32}),
            ("whirlpool", 1, {"pool": key}),
            ("whirlpool", 1, {}),
            ("whirlpool", 1, {str(number): bytes([number]) * 32 for number in range(65)}),
        ]
    )
    for venue, asset1, roles in wrong:
        with pytest.raises(HotError):
            market.add_account_pool("pool", venue, 0, asset1, 100, roles, ([], []))
    market.add_account_pool("pool", "whirlpool", 0, 1, 100, {"pool": b"p" * 32}, ([], []))
    with pytest.raises(HotError):
        market.add_pool("amm 2", "constant_product_fee_first", "hoploop_amm", 0, 1, 3, 1000, 0, 100, [b"p" * 32])


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(STREET), amounts, st.booleans())
def test_damaged_accounts_are_answered_as_their_venue_does_and_never_poison_neighbours(
    data: st.DataObject, name: str, amount: int, side: bool
) -> None:
    venue, pool = named(name)
    harmed = data.draw(damaged(pool))
    market = Street((venue, pool), named(CPMM) if name != CPMM else named(STREET[1])).load()
    updates = [
        (key, 11, account(harmed.held, key) if key in harmed.held else bytes(32))
        for key in pool.held
        if harmed.held.get(key) != pool.held[key]
    ]
    market.market.on_batch(updates)
    market.pools[0][1].held.clear()
    market.pools[0][1].held.update(harmed.held)
    assert market.market.quote(0, side, amount) == market.twin(0, side, amount)
    assert market.market.quote(1, side, amount) == market.twin(1, side, amount)
    market.market.on_batch([(key, 12, account(pool.held, key)) for key in pool.held])
    market.pools[0][1].held.update(pool.held)
    market.assert_same(0)
