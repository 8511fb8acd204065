"""What real Uniswap bytecode and mainnet answered, asked of native and reference."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hot_kit import single_v2, single_v3, v3_pool, v3_snapshot

from hoploop.hot.reference import concentrated, constant_product

QUOTES = "golden/evm/quotes"
PANCAKE = f"{QUOTES}/pancakeswap__test_pancakeswap_v2_onchain_parity__test_pancakeswap_v2_router_get_amounts_out.json"
WBTC_WETH = f"{QUOTES}/uniswap__v3__test_uniswap_v3_onchain_parity__test_cached_calculations_v3_wbtc_weth.json"
SHARED = Path(__file__).resolve().parents[3] / "shared"
SWAPS = [(scenario, number) for scenario, count in ((0, 7), (1, 4)) for number in range(count)]


@cache
def _read(path: str) -> Any:
    file = SHARED / path
    if not file.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: shared/{path}")
    return json.loads(file.read_text())


def _vectors(name: str) -> Any:
    return _read("facts/evm/vectors.json")[name]


def test_v2_library_vectors() -> None:
    for vector in _vectors("v2_getAmountOut"):
        reserve_in, reserve_out, amount = (int(vector[k]) for k in ("reserveIn", "reserveOut", "amountIn"))
        fee = (vector["den"] - vector["num"], vector["den"])
        expected = int(vector["amountOut"])
        assert single_v2(reserve_in, reserve_out, fee).quote(0, True, amount) == expected
        assert single_v2(reserve_out, reserve_in, fee).quote(0, False, amount) == expected
        assert constant_product.quote(reserve_in, reserve_out, *fee, amount) == expected


def test_v2_mainnet_router_answers() -> None:
    state = _read("golden/evm/state/8453/pancakeswap_v2_weth_usdbc_block_46875151.json")
    answers = _read(PANCAKE)
    market = single_v2(state["reserves_token0"], state["reserves_token1"], (state["fee_numer"], state["fee_denom"]))
    for call, answer in answers["entries"].items():
        _, _, path, amount = call.split("|")
        assert market.quote(0, path == "WETH->USDbC", int(amount)) == answer["value"], call


def test_v3_prices_of_ticks() -> None:
    for vector in _vectors("uniswap_v3_sqrtRatioAtTick"):
        assert concentrated.sqrt_ratio_at_tick(int(vector["tick"])) == int(vector["sqrtPriceX96"])


def test_v3_single_steps() -> None:
    asked = [v for v in _vectors("uniswap_v3_computeSwapStep") if int(v["amountRemaining"]) > 0]
    for v in asked:
        step = concentrated.swap_step(
            int(v["sqrtCurrent"]), int(v["sqrtTarget"]), int(v["liquidity"]), int(v["amountRemaining"]), int(v["fee"])
        )
        assert step == tuple(int(v[k]) for k in ("sqrtNext", "amountIn", "amountOut", "feeAmount"))
    assert len(asked) >= 4


@pytest.mark.parametrize(("number", "swap_number"), SWAPS)
def test_v3_whole_pool_swaps_of_the_published_bytecode(number: int, swap_number: int) -> None:
    scenario = _vectors("uniswap_v3_pool_scenarios")[number]
    swaps = scenario["swaps_in_sequence"]
    swap = swaps[swap_number]
    zero_for_one, paid = swap["zeroForOne"], int(swap["amount0"] if swap["zeroForOne"] else swap["amount1"])
    given_out = -int(swap["amount1"] if zero_for_one else swap["amount0"])
    snapshot, pool = _before(scenario, swaps, swap_number)
    market = single_v3(snapshot, pool.fee_pips, pool.tick_spacing)
    exact_input = int(swap["amountSpecified"]) > 0
    whole = exact_input and int(swap["sqrtPriceLimitX96"]) in (
        concentrated.MIN_SQRT_RATIO + 1, concentrated.MAX_SQRT_RATIO - 1,
    )  # fmt: skip
    if whole and int(swap["amountSpecified"]) == paid:
        assert market.quote(0, zero_for_one, paid) == given_out
        filled = concentrated.swap(pool, zero_for_one, paid)
        after = swap["after"]
        assert (filled.sqrt_price_x96, filled.liquidity) == (int(after["sqrtPriceX96"]), int(after["liquidity"]))
    elif whole:
        assert market.quote(0, zero_for_one, int(swap["amountSpecified"])) is None
        filled = concentrated.swap(pool, zero_for_one, int(swap["amountSpecified"]))
        assert (filled.amount_in, filled.amount_out) == (paid, given_out)
    else:
        # Exact output or an own price limit: paying what the pool took never yields less than it gave.
        assert (market.quote(0, zero_for_one, paid) or 0) >= given_out


def test_v3_mainnet_quoter_answers() -> None:
    state = _read("golden/evm/state/1/uniswap_v3_wbtc_weth_block_24407242.json")
    answers = _read(WBTC_WETH)
    scalars = state["scalars"]
    ticks = {int(tick): (gross, net) for tick, (gross, net, _) in state["tick_data"].items()}
    price, fee, spacing = scalars["sqrt_price_x96"], scalars["fee"], scalars["tick_spacing"]
    market = single_v3(v3_snapshot(price, scalars["tick"], scalars["liquidity"], ticks), fee, spacing)
    pool = concentrated.Pool(
        sqrt_price_x96=price, tick=scalars["tick"], liquidity=scalars["liquidity"],
        fee_pips=fee, tick_spacing=spacing, net={tick: net for tick, (_, net) in ticks.items()},
    )  # fmt: skip
    checked = 0
    for call, answer in answers["entries"].items():
        _, kind, path, amount = call.split("|")
        if kind != "quoteExactInputSingle":
            continue
        filled = concentrated.swap(pool, path == "WBTC->WETH", int(amount))
        assert filled.amount_out == answer["value"], call
        # The quoter answers partial fills too; the market refuses them.
        expected = answer["value"] if filled.amount_in == int(amount) else None
        assert market.quote(0, path == "WBTC->WETH", int(amount)) == expected, call
        checked += 1
    assert checked >= 36


def _before(scenario: Any, swaps: Any, number: int) -> tuple[bytes, concentrated.Pool]:
    """The pool as the swaps before this one left it."""
    positions = [(p["tickLower"], p["tickUpper"], int(p["liquidity"])) for p in scenario["positions"]]
    if number:
        after = swaps[number - 1]["after"]
        price, tick = int(after["sqrtPriceX96"]), after["tick"]
    else:
        price = int(scenario["initialSqrtPriceX96"])
        tick = next(v for v in range(-100, 90_000) if concentrated.sqrt_ratio_at_tick(v + 1) > price)
    return v3_pool(price, int(tick), positions, scenario["fee"], scenario["tickSpacing"])
