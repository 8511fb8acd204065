"""Bytes from outside never crash the market and never make it lie."""

from __future__ import annotations

from hot_kit import (
    V3_TOPICS,
    account_door,
    amm_account,
    burn_log,
    door,
    mint_log,
    slot8,
    swap_log,
    sync,
    v3_pool,
)
from hypothesis import given
from hypothesis import strategies as st

from hoploop.hot import HotError, Market
from hoploop.hot.reference.concentrated import Q96, sqrt_ratio_at_tick

DOORS = [door(1), account_door(2), *(door(3, topic) for topic in V3_TOPICS)]
REASONS = {"length", "magic", "range", "fee", "inconsistent", "overflow", "empty"}
DROPS = {
    "no_profit", "min_profit", "stale", "refused", "no_lender", "budget", "overflow", "shares_pool", "suppressed",
}  # fmt: skip
SNAPSHOTS = [
    slot8(10**6, 10**6),
    amm_account(10**6, 10**6 + 9999),
    v3_pool(Q96, 0, [(-600, 600, 10**9), (-120, 60, 10**8)], 3000, 60)[0],
]

words = st.one_of(st.integers(0, 2**20), st.integers(0, 2**112), st.integers(2**256 - 2**24, 2**256 - 1))
ticks = st.integers(-700, 700)
plausible = st.one_of(
    st.builds(sync, words, words),
    st.builds(amm_account, st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)),
    st.builds(lambda tick, liquidity: swap_log(sqrt_ratio_at_tick(tick), liquidity, tick), ticks, words),
    st.builds(mint_log, ticks, ticks, words),
    st.builds(burn_log, ticks, ticks, words),
)
payloads = st.one_of(st.binary(max_size=300), plausible)
updates = st.lists(
    st.tuples(st.one_of(st.sampled_from(DOORS), st.binary(max_size=60)), st.integers(0, 2**64 - 1), payloads),
    max_size=12,
)


def _market() -> Market:
    market = Market()
    market.add_asset("a")
    market.add_asset("b")
    market.add_pool("v2", "constant_product", "uniswap_v2", 0, 1, 3, 1000, 0, 1, DOORS[:1])
    market.add_pool("amm", "constant_product_fee_first", "hoploop_amm", 0, 1, 3, 1000, 0, 1, DOORS[1:2])
    market.add_pool("v3", "concentrated", "uniswap_v3", 0, 1, 3000, 10**6, 60, 1, DOORS[2:])
    market.set_fees(0, 0, 0, 1)
    market.add_search("s", 0, [0, 1, 2], [], 2, 3, 2**127, 1, 0, 1, 0, 0, 8)
    market.seal()
    market.set_own_capital(0, 2**127)
    for pool, snapshot in enumerate(SNAPSHOTS):
        market.load(pool, 0, snapshot)
    return market


@given(st.lists(updates, max_size=4))
def test_any_bytes_are_applied_ignored_or_refused(batches: list[list[tuple[bytes, int, bytes]]]) -> None:
    market = _market()
    for items in batches:
        batch = market.on_batch(items)
        assert batch.applied + batch.ignored + len(batch.refused) == len(items)
        assert {reason for _, reason in batch.refused} <= REASONS
        assert set(batch.dropped) <= DROPS
        for found in batch.candidates:
            for pool, side, amount_in, amount_out in found.legs:
                assert market.quote(pool, side, amount_in) == amount_out
            assert found.net >= 1


@given(st.integers(0, 2), st.one_of(st.binary(max_size=400), plausible))
def test_any_snapshot_loads_or_is_an_error(pool: int, snapshot: bytes) -> None:
    market = _market()
    before = market.pool_state(pool)
    try:
        market.load(pool, 5, snapshot)
    except HotError:
        assert market.pool_state(pool) == before
    else:
        assert market.pool_state(pool)["seq"] == 5
    assert market.pool_state(pool)["fresh"] is True


@given(st.integers(0, 2), st.booleans(), st.integers(0, 2**300))
def test_any_amount_is_answered_or_refused(pool: int, zero_for_one: bool, amount: int) -> None:
    out = _market().quote(pool, zero_for_one, amount)
    assert out is None or 0 <= out < 2**112


@given(st.integers(0, 2), updates)
def test_whatever_comes_for_one_pool_its_neighbours_stay_to_the_byte(
    pool: int, items: list[tuple[bytes, int, bytes]]
) -> None:
    market = _market()
    own = [DOORS[:1], DOORS[1:2], DOORS[2:]][pool]
    before = [market.snapshot(other) for other in range(3)]
    quotes = [market.quote(other, side, 10**4) for other in range(3) for side in (True, False)]
    for number, (_, seq, data) in enumerate(items):
        market.on_batch([(own[number % len(own)], seq, data)])
    for other in {0, 1, 2} - {pool}:
        assert market.snapshot(other) == before[other]
        assert [market.quote(other, side, 10**4) for side in (True, False)] == quotes[2 * other : 2 * other + 2]
        assert market.pool_state(other)["fresh"]
