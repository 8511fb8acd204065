"""The EVM venues whose parameters are state: native and reference answer the same, or both refuse."""

from __future__ import annotations

import evm_kit
from evm_kit import sized
from hot_kit import single_v2, single_v3, v3_pool
from hypothesis import given
from hypothesis import strategies as st

from hoploop.hot import Market
from hoploop.hot.reference import balancer, concentrated, concentrated_swaps, constant_product, pairs, stableswap

WAD = 10**18
amounts = sized(2**128 - 1)
decimals = st.sampled_from([0, 2, 6, 8, 18, 24]).map(lambda digits: 10**digits)
scales = st.tuples(decimals, decimals)


@st.composite
def _pairs(draw: st.DrawFn, most: int, fees: st.SearchStrategy[tuple[int, int]], den: int) -> pairs.Pair:
    first = draw(sized(most))
    # Pools whose sides differ by far are one half, the other half are near the peg, where Newton's steps matter.
    scale = draw(scales)
    even = first * scale[1] // scale[0] * draw(st.integers(1, 40)) // draw(st.integers(1, 40))
    second = draw(st.one_of(sized(most), st.just(min(most, even))))
    return pairs.Pair(reserves=(first, second), scale=scale, fees=draw(fees), den=den)


solidly_fees = st.sampled_from([0, 1, 5, 30, 300]).map(lambda fee: (fee, fee))
camelot_fees = st.tuples(st.integers(0, 2000), st.integers(0, 2000))
solidly_pairs = _pairs(2**128 - 1, solidly_fees, 10_000)
camelot_pairs = _pairs(2**112 - 1, camelot_fees, 100_000)


@given(solidly_pairs, amounts, st.booleans())
def test_solidly_volatile(pair: pairs.Pair, amount: int, zero_for_one: bool) -> None:
    assert evm_kit.solidly(pair, False).quote(0, zero_for_one, amount) == pairs.volatile(pair, zero_for_one, amount)


@given(solidly_pairs, amounts, st.booleans())
def test_solidly_stable(pair: pairs.Pair, amount: int, zero_for_one: bool) -> None:
    expected = pairs.solidly_stable(pair, zero_for_one, amount)
    assert evm_kit.solidly(pair, True).quote(0, zero_for_one, amount) == expected


@given(camelot_pairs, amounts, st.booleans())
def test_camelot_volatile(pair: pairs.Pair, amount: int, zero_for_one: bool) -> None:
    market = evm_kit.camelot(pair, False)
    assert market.quote(0, zero_for_one, amount) == pairs.directional(pair, zero_for_one, amount)
    paid = constant_product.quote_out(*pair.directed(zero_for_one), pair.fee(zero_for_one), pair.den, amount)
    assert market.quote_out(0, zero_for_one, amount) == paid


@given(camelot_pairs, amounts, st.booleans())
def test_camelot_stable(pair: pairs.Pair, amount: int, zero_for_one: bool) -> None:
    assert evm_kit.camelot(pair, True).quote(0, zero_for_one, amount) == pairs.camelot_stable(
        pair, zero_for_one, amount
    )


@given(st.tuples(sized(2**112 - 1), sized(2**112 - 1)), amounts, st.booleans())
def test_exact_output_of_a_pair(reserves: tuple[int, int], amount: int, zero_for_one: bool) -> None:
    directed = reserves if zero_for_one else reserves[::-1]
    expected = constant_product.quote_out(*directed, 3, 1000, amount)
    assert single_v2(*reserves).quote_out(0, zero_for_one, amount) == expected


@st.composite
def _curve_pools(draw: st.DrawFn) -> tuple[stableswap.Pool, tuple[int, int]]:
    count = draw(st.integers(2, 8))
    wild = draw(st.booleans())
    units = [draw(decimals) for _ in range(count)]
    size = draw(sized(10**12)) + 1
    balances = [
        draw(sized(2**112)) if wild else size * unit * draw(st.integers(1, 30)) // draw(st.integers(1, 30))
        for unit in units
    ]
    rates = [10**36 // unit * draw(st.integers(990, 1300)) // 1000 for unit in units]
    precision = draw(st.sampled_from([1, 100]))
    pool = stableswap.Pool(
        balances=tuple(balances), rates=tuple(rates), amp=draw(st.integers(0, 20_000)) * precision,
        amp_precision=precision, fee=draw(st.sampled_from([0, 1, 1_500_000, 4_000_000, 5_000_000_000])),
        offpeg=draw(st.sampled_from([0, 10**10, 2 * 10**10, 20 * 10**10])),
        product=draw(st.sampled_from([stableswap.PLAIN, stableswap.PLUS_ONE, stableswap.LAST])),
        fee_step=draw(st.sampled_from([stableswap.FEE_FIRST, stableswap.FEE_LAST])),
    )  # fmt: skip
    first = draw(st.integers(0, count - 1))
    second = draw(st.integers(0, count - 2))
    return pool, (first, second + (second >= first))


@given(_curve_pools(), amounts, st.booleans())
def test_curve(made: tuple[stableswap.Pool, tuple[int, int]], amount: int, zero_for_one: bool) -> None:
    pool, coins = made
    directed = coins if zero_for_one else coins[::-1]
    assert evm_kit.curve(pool, coins).quote(0, zero_for_one, amount) == stableswap.quote(pool, *directed, amount)


@given(_curve_pools(), st.integers(1, 400), st.booleans())
def test_curve_by_parts_of_a_balance(
    made: tuple[stableswap.Pool, tuple[int, int]], part: int, zero_for_one: bool
) -> None:
    pool, coins = made
    directed = coins if zero_for_one else coins[::-1]
    amount = pool.balances[directed[0]] * part // 100
    assert evm_kit.curve(pool, coins).quote(0, zero_for_one, amount) == stableswap.quote(pool, *directed, amount)


fees18 = st.sampled_from([0, 10**12, 4 * 10**14, 9 * 10**14, 10**16, 10**17])


@st.composite
def _weighted_pools(draw: st.DrawFn) -> balancer.Weighted:
    weight = draw(st.one_of(st.sampled_from([10, 20, 25, 33, 50, 60, 80, 99]), st.integers(1, 99))) * WAD // 100
    other = draw(st.one_of(st.just(WAD - weight), st.integers(1, 99).map(lambda part: part * WAD // 100)))
    units = draw(st.tuples(*[st.sampled_from([6, 8, 18]).map(lambda digits: 10 ** (36 - digits))] * 2))
    return balancer.Weighted(
        balances=(draw(sized(2**112)), draw(sized(2**112))), weights=(weight, other), scale=(units[0], units[1]),
        fee=draw(fees18), version=draw(st.sampled_from([1, 2])),
    )  # fmt: skip


@given(_weighted_pools(), st.one_of(st.integers(0, 320), st.none()), amounts, st.booleans())
def test_balancer_weighted(pool: balancer.Weighted, part: int | None, amount: int, zero_for_one: bool) -> None:
    market, at = evm_kit.weighted(pool), not zero_for_one
    given_in = amount if part is None else pool.balances[at] * part // 1000
    given_out = amount if part is None else pool.balances[not at] * part // 1000
    assert market.quote(0, zero_for_one, given_in) == balancer.weighted_out(pool, zero_for_one, given_in)
    assert market.quote_out(0, zero_for_one, given_out) == balancer.weighted_in(pool, zero_for_one, given_out)


@st.composite
def _stable_pools(draw: st.DrawFn) -> tuple[balancer.Stable, tuple[int, int]]:
    count, size, wild = draw(st.integers(2, 5)), draw(sized(10**26)) + 1, draw(st.booleans())
    pool = balancer.Stable(
        balances=tuple(draw(sized(2**112)) if wild else size * draw(st.integers(1, 20)) for _ in range(count)),
        scale=tuple(WAD * draw(st.integers(900, 1300)) // 1000 for _ in range(count)),
        amp=draw(st.integers(0, 5000)) * 1000, fee=draw(fees18), version=draw(st.sampled_from([1, 2])),
    )  # fmt: skip
    first, second = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 2))
    return pool, (first, second + (second >= first))


@given(_stable_pools(), st.one_of(st.integers(0, 1200), st.none()), amounts, st.booleans())
def test_balancer_stable(
    made: tuple[balancer.Stable, tuple[int, int]], part: int | None, amount: int, zero_for_one: bool
) -> None:
    pool, coins = made
    market, (at, to) = evm_kit.balancer_stable(pool, coins), coins if zero_for_one else coins[::-1]
    given_in = amount if part is None else pool.balances[at] * part // 1000
    given_out = amount if part is None else pool.balances[to] * part // 1000
    assert market.quote(0, zero_for_one, given_in) == balancer.stable_out(pool, at, to, given_in)
    assert market.quote_out(0, zero_for_one, given_out) == balancer.stable_in(pool, at, to, given_out)


@st.composite
def _ticked(draw: st.DrawFn) -> tuple[bytes, concentrated.Pool]:
    fee, spacing = draw(st.sampled_from([(0, 60), (100, 1), (500, 10), (3000, 60), (65_535, 60)]))
    middle = draw(st.one_of(st.integers(-2000, 2000), st.integers(-700_000, 700_000)))
    positions = []
    for _ in range(draw(st.integers(1, 5))):
        low = middle // spacing + draw(st.integers(-300, 300))
        high = low + draw(st.sampled_from([1, 7, 300, 900]))
        positions.append((low * spacing, high * spacing, draw(sized(2**108)) + 1))
    low_price = concentrated.sqrt_ratio_at_tick(middle)
    price = draw(st.integers(low_price, concentrated.sqrt_ratio_at_tick(middle + 1) - 1))
    return v3_pool(price, middle, positions, fee, spacing)


def _agrees(market: Market, pool: concentrated.Pool, zero_for_one: bool, amount: int, rows: bool) -> None:
    for exact_in in (True, False):
        expected = concentrated_swaps.fill(pool, zero_for_one, exact_in, amount, rows=rows)
        got = market.fill(0, zero_for_one, exact_in, amount)
        assert (None if isinstance(got, str) else got) == expected
    filled = concentrated_swaps.fill(pool, zero_for_one, False, amount, rows=rows)
    whole = filled is not None and filled[1] == amount and filled[0] < 2**128 and amount < 2**128
    assert market.quote_out(0, zero_for_one, amount) == (filled[0] if filled and whole else None)


@given(_ticked(), sized(2**255 + 5), st.booleans())
def test_either_side_of_uniswap_v3(made: tuple[bytes, concentrated.Pool], amount: int, zero_for_one: bool) -> None:
    snapshot, pool = made
    _agrees(single_v3(snapshot, pool.fee_pips, pool.tick_spacing), pool, zero_for_one, amount, True)


@given(_ticked(), st.integers(0, 65_535), sized(2**255 + 5), st.booleans(), st.booleans())
def test_either_side_of_pools_whose_fee_is_state(
    made: tuple[bytes, concentrated.Pool], other_fee: int, amount: int, zero_for_one: bool, rows: bool
) -> None:
    snapshot, pool = made
    fees = (pool.fee_pips, other_fee) if zero_for_one else (other_fee, pool.fee_pips)
    name = "concentrated_dynamic" if rows else "concentrated_linked"
    market = evm_kit.dynamic(name, snapshot, fees, pool.tick_spacing)
    _agrees(market, pool, zero_for_one, amount, rows)
    filled = concentrated_swaps.fill(pool, zero_for_one, True, amount, rows=rows)
    whole = filled is not None and filled[0] == amount and amount < 2**128 and filled[1] < 2**128
    assert market.quote(0, zero_for_one, amount) == (filled[1] if filled and whole else None)
