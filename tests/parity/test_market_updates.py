"""In what order updates, snapshots and doubts may change a pool."""

from __future__ import annotations

import pytest
from hot_kit import (
    BURN,
    INITIALIZE,
    MINT,
    SWAP,
    account_door,
    amm_account,
    burn_log,
    door,
    mint_log,
    single,
    single_v2,
    single_v3,
    slot8,
    swap_log,
    sync,
    v3_pool,
    word,
)

from hoploop.hot import HotError, Market
from hoploop.hot.reference.concentrated import Q96, sqrt_ratio_at_tick

WIDE = [(-600, 600, 10**18), (-120, 60, 10**17)]


def _reserves(market: Market) -> tuple[object, object]:
    state = market.pool_state(0)
    return state["reserve0"], state["reserve1"]


def _fresh(market: Market) -> bool:
    return market.pool_state(0)["fresh"] is True


def _v3(positions: list[tuple[int, int, int]] = WIDE) -> Market:
    return single_v3(v3_pool(Q96, 0, positions, 3000, 60)[0], 3000, 60)


def _same_v3_state(market: Market, other: Market) -> bool:
    """Equal price, liquidity and answers in both directions; not the ordering number."""
    asked = [(side, 10**exponent) for side in (True, False) for exponent in range(1, 17)]
    keys = ("sqrt_price_x96", "tick", "liquidity", "ticks", "fresh")
    one, two = market.pool_state(0), other.pool_state(0)
    return all(one[k] == two[k] for k in keys) and all(market.quote(0, *a) == other.quote(0, *a) for a in asked)


def test_a_pool_is_unusable_until_it_is_loaded() -> None:
    market = single("constant_product", "uniswap_v2", [door(1)], (3, 1000))
    assert market.quote(0, True, 10) is None
    assert market.load(0, 1, slot8(1000, 1000)) is True
    assert market.quote(0, True, 10) == 9


def test_newer_updates_apply_and_older_or_equal_ones_do_not() -> None:
    market = single_v2(1000, 1000)
    batch = market.on_batch([(door(1), 5, sync(1, 2)), (door(1), 5, sync(3, 4)), (door(1), 4, sync(5, 6))])
    assert (batch.applied, batch.ignored, _reserves(market)) == (1, 2, (1, 2))


def test_a_key_nobody_watches_is_ignored() -> None:
    market = single_v2(1000, 1000)
    batch = market.on_batch([(door(2), 5, sync(1, 2)), (b"", 5, b""), (bytes(1000), 5, b"x")])
    assert (batch.applied, batch.ignored, batch.refused) == (0, 3, [])


def test_a_stale_pool_quotes_nothing_until_it_is_loaded_again() -> None:
    market = single_v2(1000, 1000)
    market.mark_stale(0)
    assert market.quote(0, True, 10) is None
    assert market.load(0, 9, slot8(2000, 2000)) is True
    assert _reserves(market) == (2000, 2000)


def test_updates_that_come_while_stale_survive_an_older_snapshot() -> None:
    market = single_v2(1000, 1000)
    market.mark_stale(0)
    assert market.on_batch([(door(1), 20, sync(7, 8)), (door(1), 21, sync(9, 10))]).applied == 2
    assert not _fresh(market)
    assert market.load(0, 15, slot8(5, 5)) is True
    assert (_reserves(market), market.pool_state(0)["seq"]) == ((9, 10), 21)


def test_updates_that_come_while_stale_do_not_undo_a_newer_snapshot() -> None:
    market = single_v2(1000, 1000)
    market.mark_stale(0)
    market.on_batch([(door(1), 20, sync(7, 8))])
    market.load(0, 25, slot8(5, 5))
    assert (_reserves(market), market.pool_state(0)["seq"]) == ((5, 5), 25)


def test_a_snapshot_may_go_back_after_a_doubt_but_not_without_one() -> None:
    market = single_v2(1000, 1000)
    market.on_batch([(door(1), 50, sync(7, 8))])
    assert market.load(0, 40, slot8(5, 5)) is True
    assert _reserves(market) == (7, 8)
    market.mark_stale(0)
    market.load(0, 40, slot8(5, 5))
    assert (_reserves(market), market.pool_state(0)["seq"]) == ((5, 5), 40)


def test_undecodable_bytes_refuse_the_pool_until_a_snapshot_at_least_as_new() -> None:
    market = single_v2(1000, 1000)
    batch = market.on_batch([(door(1), 5, b"short")])
    assert batch.refused == [(0, "length")]
    assert market.pool_state(0)["refused"] == "length"
    assert market.load(0, 4, slot8(5, 5)) is False
    assert market.quote(0, True, 10) is None
    assert market.load(0, 5, slot8(1000, 1000)) is True
    assert market.quote(0, True, 10) == 9


def test_undecodable_bytes_older_than_the_state_change_nothing() -> None:
    market = single_v2(1000, 1000)
    market.on_batch([(door(1), 5, sync(7, 8))])
    batch = market.on_batch([(door(1), 5, b"short")])
    assert (batch.ignored, batch.refused, _fresh(market)) == (1, [], True)


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33), bytes(64)])
def test_a_snapshot_that_does_not_decode_is_an_error(data: bytes) -> None:
    market = single("constant_product", "uniswap_v2", [door(1)], (3, 1000))
    with pytest.raises(HotError, match="length"):
        market.load(0, 1, data)


def test_reserves_beyond_their_type_are_refused() -> None:
    market = single_v2(1000, 1000)
    assert market.on_batch([(door(1), 5, sync(2**112, 1))]).refused == [(0, "range")]


def test_an_amm_account_follows_and_another_fee_or_magic_is_refused() -> None:
    market = single("constant_product_fee_first", "hoploop_amm", [account_door(1)], (3, 1000))
    market.load(0, 1, amm_account(1000, 2000))
    market.on_batch([(account_door(1), 2, amm_account(1500, 1500, 6, 2000))])
    assert _reserves(market) == (1500, 1500)
    assert market.on_batch([(account_door(1), 3, amm_account(1, 1, 4, 1000))]).refused == [(0, "fee")]
    market.load(0, 3, amm_account(1000, 2000))
    assert market.on_batch([(account_door(1), 4, bytes(176))]).refused == [(0, "magic")]


def test_mints_and_burns_lead_to_the_state_a_snapshot_shows() -> None:
    market = _v3(WIDE)
    logs = [(MINT, mint_log(-180, 180, 5000)), (MINT, mint_log(300, 360, 70)), (BURN, burn_log(-120, 60, 10**17))]
    batch = market.on_batch([(door(1, topic), 10 + at, data) for at, (topic, data) in enumerate(logs)])
    assert (batch.applied, batch.refused) == (3, [])
    assert _same_v3_state(market, _v3([(-600, 600, 10**18), (-180, 180, 5000), (300, 360, 70)]))


def test_deltas_that_come_before_their_snapshot_are_put_on_top_once() -> None:
    market = _v3(WIDE)
    market.mark_stale(0)
    market.on_batch([(door(1, MINT), 10, mint_log(-180, 180, 5000)), (door(1, MINT), 12, mint_log(300, 360, 70))])
    # The snapshot already holds the first mint.
    assert market.load(0, 11, v3_pool(Q96, 0, [*WIDE, (-180, 180, 5000)], 3000, 60)[0]) is True
    assert _same_v3_state(market, _v3([*WIDE, (-180, 180, 5000), (300, 360, 70)]))


def test_more_deltas_than_are_kept_ask_for_a_newer_snapshot() -> None:
    market = _v3(WIDE)
    market.mark_stale(0)
    market.on_batch([(door(1, MINT), 10 + at, mint_log(-60, 60, 1)) for at in range(1030)])
    snapshot = v3_pool(Q96, 0, WIDE, 3000, 60)[0]
    assert market.load(0, 11, snapshot) is False
    assert not _fresh(market)
    assert market.load(0, 10 + 1023, snapshot) is True
    assert market.pool_state(0)["seq"] == 10 + 1029


def test_a_swap_moves_price_and_liquidity() -> None:
    market = _v3(WIDE)
    price = sqrt_ratio_at_tick(100) + 5
    assert market.on_batch([(door(1, SWAP), 10, swap_log(price, 10**18, 100))]).refused == []
    state = market.pool_state(0)
    assert (state["sqrt_price_x96"], state["tick"], state["liquidity"]) == (price, 100, 10**18)


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (swap_log(Q96, 1, 0), "inconsistent"),
        (swap_log(Q96, 10**18 + 10**17, 3), "inconsistent"),
        (swap_log(0, 10**18, 0), "range"),
        (swap_log(Q96, 2**128, 0), "range"),
        (swap_log(Q96, 1, 2**23), "range"),
        (bytes(223), "length"),
    ],
)
def test_a_swap_that_contradicts_the_held_ticks_refuses_the_pool(log: bytes, reason: str) -> None:
    assert _v3().on_batch([(door(1, SWAP), 10, log)]).refused == [(0, reason)]


def test_a_burn_of_nothing_is_no_change_and_a_burn_of_the_unknown_is_a_refusal() -> None:
    market = _v3(WIDE)
    assert market.on_batch([(door(1, BURN), 10, burn_log(-60, 120, 0))]).refused == []
    assert _same_v3_state(market, _v3(WIDE))
    assert market.on_batch([(door(1, BURN), 11, burn_log(-60, 120, 5))]).refused == [(0, "inconsistent")]


def test_a_pool_without_a_price_waits_for_its_first_one() -> None:
    market = single_v3(bytes(64), 3000, 60)
    assert market.quote(0, True, 10) is None
    logs = [(INITIALIZE, word(Q96) + word(0)), (MINT, mint_log(-600, 600, 10**18)), (MINT, mint_log(-120, 60, 10**17))]
    market.on_batch([(door(1, topic), 10 + at, data) for at, (topic, data) in enumerate(logs)])
    assert _same_v3_state(market, _v3(WIDE))


def test_a_snapshot_whose_ticks_do_not_carry_its_liquidity_is_an_error() -> None:
    market = _v3()
    with pytest.raises(HotError, match="inconsistent"):
        market.load(0, 9, word(Q96) + word(10**18))
