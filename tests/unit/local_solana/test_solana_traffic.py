"""The seeded traffic opens spreads, repeats itself, and never runs away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoploop.local.solana.traffic import towards

BITS = 64


def run(make_chain, slots, seed=7, slot_ms=200):
    chain = make_chain(traffic=True, seed=seed, slot_ms=slot_ms)
    for _ in range(slots):
        chain.node.step()
    return chain


def trades(chain):
    """What was traded, oldest first: slot, instruction data and accounts of the pool's side."""
    return [
        (one.slot, bytes(one.decoded.tx.message.instructions[0].data), [str(key) for key in one.accounts.keys])
        for one in chain.bank.records
    ][::-1]


def gap_bps(chain, first, second):
    """Price difference of two pools in basis points."""
    a, b = chain.reserves(chain.pool(first)), chain.reserves(chain.pool(second))
    return abs(a[1] * b[0] * 10_000 // (a[0] * b[1]) - 10_000)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_opens_a_spread_wider_than_the_fees_within_two_seconds(make_chain, seed):
    chain = make_chain(traffic=True, seed=seed)
    for _ in range(10):
        chain.node.step()
        if max(gap_bps(chain, "sol_usdc_5", other) for other in ("sol_usdc_25", "sol_usdc_30")) > 35:
            return
    pytest.fail("no spread opened")


def test_every_trade_succeeds(make_chain):
    assert {one.error for one in run(make_chain, 300).bank.records} == {None}


def test_trades_in_most_slots_but_not_in_all(make_chain):
    busy = len({slot for slot, *_ in trades(run(make_chain, 500))})
    assert 350 < busy < 450


def test_trades_more_often_when_slots_are_longer(make_chain):
    assert len(trades(run(make_chain, 100, slot_ms=1_000))) == 400


def test_the_same_seed_gives_the_same_trades(make_chain):
    assert trades(run(make_chain, 60)) == trades(run(make_chain, 60))


def test_another_seed_gives_other_trades(make_chain):
    assert trades(run(make_chain, 60)) != trades(run(make_chain, 60, seed=8))


def test_prices_stay_at_the_reference(make_chain):
    chain = run(make_chain, 1_500)
    for pool in chain.spec.pools:
        reserve_a, reserve_b, _ = chain.reserves(pool)
        drift = reserve_b * pool.reserve_a * 10_000 // (reserve_a * pool.reserve_b) - 10_000
        assert abs(drift) <= 205


@given(
    reserves=st.tuples(st.integers(10**9, 10**16), st.integers(10**9, 10**16)),
    bps=st.integers(9_000, 11_000),
    fee=st.integers(0, 100),
)
def test_a_trade_lands_at_its_target_price(reserves, bps, fee):
    reserve_a, reserve_b = reserves
    target = (reserve_b << BITS) * bps // (reserve_a * 10_000)
    a_to_b, amount = towards(reserve_a, reserve_b, target, fee, 10_000)
    net = amount - -(-amount * fee // 10_000)
    if a_to_b:
        after = (reserve_a + amount, reserve_b - reserve_b * net // (reserve_a + net))
    else:
        after = (reserve_a - reserve_a * net // (reserve_b + net), reserve_b + amount)
    reached = after[1] * 10_000 * reserve_a * 100 // (after[0] * reserve_b)
    fee_effect = fee * abs(bps - 10_000) // 100  # the fee stays in the pool and shifts the price a little
    assert abs(reached - bps * 100) <= fee_effect + 15
