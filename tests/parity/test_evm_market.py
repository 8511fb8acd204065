"""Logs of the EVM venues in the market: what they change, what makes a pool be read again, pools of several coins."""

from __future__ import annotations

import evm_kit
import pytest
from evm_kit import WAD, loaded, numbers, refuses
from hot_kit import SWAP, door, slot8, sync, v3_pool, word

from hoploop.hot import HotError, Market
from hoploop.hot.reference import balancer, concentrated_swaps, pairs, stableswap

TRIPOOL = stableswap.Pool(
    balances=(27_137_121_100_372_139_339_642_768, 27_662_471_158_553, 108_298_644_409_129),
    rates=(WAD, WAD * 10**12, WAD * 10**12), amp=4000, amp_precision=1, fee=1_500_000,
)  # fmt: skip
WEIGHTED = balancer.Weighted(
    balances=(10**21, 4 * 10**21), weights=(WAD // 5, WAD * 4 // 5), scale=(WAD, WAD), fee=10**15, version=2
)
PAIR = pairs.Pair(reserves=(10**12, 10**12), scale=(10**6, 10**6), fees=(40, 400), den=100_000)


def exchange(sold: int, amount: int, bought: int, out: int) -> bytes:
    return numbers(1, sold, amount, bought, out)


def test_a_sync_of_a_solidly_pool_moves_its_reserves() -> None:
    market = evm_kit.solidly(pairs.Pair(reserves=(5, 5), scale=(10**6, 10**6), fees=(5, 5)), True)
    assert market.on_batch([(door(1, evm_kit.SYNC256), 2, sync(10**12, 3 * 10**12))]).applied == 1
    moved = pairs.Pair(reserves=(10**12, 3 * 10**12), scale=(10**6, 10**6), fees=(5, 5))
    assert market.quote(0, True, 10**9) == pairs.solidly_stable(moved, True, 10**9)


def test_a_solidly_pool_of_the_other_kind_is_refused() -> None:
    market = evm_kit.solidly(PAIR, True)
    assert refuses(market, evm_kit.metadata(PAIR, False)) == "unsupported"


def test_camelot_follows_its_fees_and_is_read_again_when_its_kind_changes() -> None:
    market = evm_kit.camelot(PAIR, True)
    assert market.on_batch([(door(1, evm_kit.CAMELOT_FEES), 2, numbers(7, 9))]).applied == 1
    changed = pairs.Pair(reserves=PAIR.reserves, scale=PAIR.scale, fees=(7, 9), den=100_000)
    assert market.quote(0, False, 10**9) == pairs.camelot_stable(changed, False, 10**9)
    assert market.on_batch([(door(1, evm_kit.CAMELOT_STABLE), 3, numbers(1, 0))]).refused == [(0, "inconsistent")]
    assert market.quote(0, False, 10**9) is None
    assert refuses(market, evm_kit.camelot_words(PAIR, False)) == "unsupported"


def test_an_exchange_moves_a_curve_pool_as_the_contract_does() -> None:
    market = loaded("stableswap", "curve", evm_kit.curve_words(TRIPOOL, (1, 0), 5 * 10**9), [door(1, evm_kit.EXCHANGE)])
    amount = 276_624_711_585
    out = market.quote(0, True, amount)
    assert out is not None
    assert market.on_batch([(door(1, evm_kit.EXCHANGE), 2, exchange(1, amount, 0, out))]).applied == 1
    state = market.pool_state(0)
    assert state["balance1"] == TRIPOOL.balances[1] + amount
    # Half of the fee of 1.5 in ten thousand stays with the pool.
    assert 0 < TRIPOOL.balances[0] - out - int(state["balance0"]) < out * 8 // 100_000


def test_an_exchange_that_paid_something_else_makes_a_curve_pool_be_read_again() -> None:
    market = evm_kit.curve(TRIPOOL, (1, 0))
    assert market.on_batch([(door(1, evm_kit.EXCHANGE), 2, exchange(1, 10**9, 0, 5))]).refused == [(0, "inconsistent")]


def test_any_other_log_makes_a_curve_pool_be_read_again() -> None:
    doors = [door(1, evm_kit.EXCHANGE), door(1, evm_kit.OTHER)]
    market = loaded("stableswap", "curve", evm_kit.curve_words(TRIPOOL, (1, 0)), doors)
    assert market.on_batch([(door(1, evm_kit.OTHER), 2, b"")]).refused == [(0, "inconsistent")]
    assert market.load(0, 3, evm_kit.curve_words(TRIPOOL, (1, 0)))


def test_a_vault_swap_moves_the_tokens_it_names() -> None:
    market = evm_kit.weighted(WEIGHTED)
    swap = numbers(7, 2, 1, 10**18, 10**17)
    elsewhere = numbers(7, 5, 6, 10**18, 10**17)
    assert market.on_batch([(evm_kit.vault_door(), 2, swap), (evm_kit.vault_door(), 3, elsewhere)]).applied == 2
    moved = balancer.Weighted(
        balances=(10**21 - 10**17, 4 * 10**21 + 10**18), weights=WEIGHTED.weights, scale=WEIGHTED.scale,
        fee=WEIGHTED.fee, version=2,
    )  # fmt: skip
    assert market.quote(0, True, 10**18) == balancer.weighted_out(moved, True, 10**18)


def test_a_pool_of_balancer_is_read_again_after_joins_and_new_rates() -> None:
    for other in (evm_kit.vault_door(evm_kit.OTHER), door(2, evm_kit.OTHER)):
        doors = [evm_kit.vault_door(), other]
        market = loaded("balancer_weighted", "balancer_v2", evm_kit.weighted_words(WEIGHTED), doors)
        assert market.on_batch([(other, 2, b"")]).refused == [(0, "inconsistent")]


def test_forks_of_uniswap_v3_append_words_and_change_fees() -> None:
    snapshot, pool = v3_pool(2**96, 0, [(-6000, 6000, 10**20)], 500, 60)
    market = evm_kit.dynamic("concentrated_linked", snapshot, (500, 500), 60)
    price = 2**96 * 1001 // 1000
    swap = numbers(1, 2, -3, 4, price, 10**20, 19, 100, 0)
    fees = numbers(700, 900)
    assert market.on_batch([
        (door(1, evm_kit.ALGEBRA_SWAP), 2, swap), (door(1, evm_kit.ALGEBRA_FEES), 3, fees),
    ]).applied == 2  # fmt: skip
    moved = type(pool)(
        sqrt_price_x96=price, tick=19, liquidity=10**20, fee_pips=900, tick_spacing=60, net=pool.net
    )
    expected = concentrated_swaps.fill(moved, False, True, 10**18, rows=False)
    assert market.fill(0, False, True, 10**18) == expected
    assert market.on_batch([(door(1, evm_kit.ALGEBRA_FEE), 4, numbers(900))]).applied == 1
    assert market.pool_state(0)["fee0"] == 900


def test_a_pancake_pool_knows_only_its_own_swap() -> None:
    snapshot, _ = v3_pool(2**96, 0, [(-5000, 5000, 10**20)], 2500, 50)
    market = loaded(
        "concentrated", "pancake_v3", snapshot, [door(1, evm_kit.PANCAKE_SWAP)], (25, 10_000), 50
    )
    swap = numbers(1, 2, -3, 4, 2**96 * 1001 // 1000, 10**20, 19, 5, 6)
    assert market.on_batch([(door(1, evm_kit.PANCAKE_SWAP), 2, swap)]).applied == 1
    with pytest.raises(HotError, match="door"):
        loaded("concentrated", "pancake_v3", snapshot, [door(1, SWAP)], (25, 10_000), 50)


def _tripool_market(amp_pairs: tuple[tuple[int, int], ...]) -> Market:
    """Pairs of one pool of three coins and one pair of Uniswap V2 that sells coin 2 dear."""
    market = Market()
    for name in ("a", "b", "c"):
        market.add_asset(name)
    for coins in amp_pairs:
        market.add_pool(f"curve-{coins}", "stableswap", "curve", *coins, 0, 1, 0, 1, [door(1, evm_kit.EXCHANGE)])
    market.add_pool("v2", "constant_product", "uniswap_v2", 0, 2, 3, 1000, 0, 1, [door(2)])
    market.set_fees(0, 0, 1, 1)
    search = market.add_search("s", 0, range(len(amp_pairs) + 1), [], 2, 3, 10**30, 1, 0, 1, 0, 0, 50)
    market.set_own_capital(search, 10**30)
    market.seal()
    even = stableswap.Pool(balances=(10**24,) * 3, rates=(WAD,) * 3, amp=200, amp_precision=1, fee=10**6)
    for handle, coins in enumerate(amp_pairs):
        market.load(handle, 1, evm_kit.curve_words(even, coins))
    market.load(len(amp_pairs), 1, slot8(10**23, 10**23))
    return market


def test_pairs_of_one_pool_share_their_doors_and_their_updates() -> None:
    market = _tripool_market(((0, 2), (0, 1), (2, 1)))
    out = market.quote(0, True, 10**21)
    assert out is not None
    assert market.on_batch([(door(1, evm_kit.EXCHANGE), 2, exchange(0, 10**21, 2, out))]).applied == 1
    states = [market.pool_state(handle) for handle in (0, 1, 2)]
    assert all(state["balance0"] == 10**24 + 10**21 for state in states)
    assert len({state["balance2"] for state in states}) == 1
    refused = market.on_batch([(door(1, evm_kit.EXCHANGE), 3, exchange(0, 1, 2, 99))])
    assert refused.refused == [(0, "inconsistent")]
    assert all(market.pool_state(handle)["refused"] == "inconsistent" for handle in (0, 1, 2))


def test_no_cycle_uses_two_pairs_of_one_pool() -> None:
    market = _tripool_market(((0, 2), (0, 1), (2, 1)))
    batch = market.on_batch([(door(2), 2, sync(2 * 10**23, 10**23))])
    assert batch.candidates
    for candidate in batch.candidates:
        assert sorted(leg[0] for leg in candidate.legs) == [0, 3]
    # Without the direct pair only the way through two pairs of the pool is left, and it is not taken.
    market = _tripool_market(((0, 1), (2, 1)))
    batch = market.on_batch([(door(2), 2, sync(2 * 10**23, 10**23))])
    assert not batch.candidates
    assert batch.dropped["shares_pool"] >= 1


def test_a_candidate_through_a_curve_pool_is_exact_and_near_the_best() -> None:
    market = _tripool_market(((0, 2),))
    batch = market.on_batch([(door(2), 2, sync(2 * 10**23, 10**23))])
    best = batch.candidates[0]
    for handle, zero_for_one, paid, given in best.legs:
        assert market.quote(handle, zero_for_one, paid) == given

    def gain(amount: int) -> int:
        for handle, zero_for_one, _, _ in best.legs:
            amount = market.quote(handle, zero_for_one, amount) or 0
        return amount

    assert best.gross == gain(best.amount_in) - best.amount_in
    for part in range(1, 200):
        amount = best.amount_in * part // 100
        assert gain(amount) - amount <= best.gross


def test_doors_may_be_shared_by_pairs_of_coins_only() -> None:
    market = Market()
    for name in ("a", "b", "c"):
        market.add_asset(name)

    def add(curve: str, decoder: str, assets: tuple[int, int], doors: list[bytes]) -> int:
        return market.add_pool("p", curve, decoder, *assets, 0, 1, 0, 1, doors)

    both = [door(1, evm_kit.EXCHANGE), door(1, evm_kit.OTHER)]
    add("stableswap", "curve", (0, 1), both)
    add("constant_product", "uniswap_v2", (0, 1), [door(3)])
    for curve, decoder, assets, doors in (
        ("stableswap", "curve", (0, 1), both),
        ("stableswap", "curve", (1, 2), both[:1]),
        ("stableswap", "curve", (1, 2), [*both, door(4, evm_kit.OTHER)]),
        ("stableswap", "curve", (1, 2), [both[0], both[0]]),
        ("constant_product", "uniswap_v2", (1, 2), [door(3)]),
    ):
        with pytest.raises(HotError, match="taken already"):
            add(curve, decoder, assets, doors)
    add("stableswap", "curve", (1, 2), both)


@pytest.mark.parametrize("curve", ["stableswap", "balancer_weighted", "concentrated_dynamic", "camelot_stable"])
def test_a_fee_that_is_state_is_not_taken_from_the_recipe(curve: str) -> None:
    market = Market()
    market.add_asset("a")
    market.add_asset("b")
    with pytest.raises(HotError, match="read from the chain"):
        market.add_pool("p", curve, "curve", 0, 1, 3, 1000, 60, 1, [])


def test_unknown_versions_are_unsupported() -> None:
    market = evm_kit.weighted(WEIGHTED)
    assert refuses(market, evm_kit.weighted_words(WEIGHTED)[:-32] + word(3)) == "unsupported"
    market = evm_kit.curve(TRIPOOL, (0, 1))
    words = bytearray(evm_kit.curve_words(TRIPOOL, (0, 1)))
    words[9 * 32 - 1] = 3
    assert refuses(market, bytes(words)) == "unsupported"
