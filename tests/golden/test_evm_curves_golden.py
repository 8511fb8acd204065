"""What EVM venues answered on chain, and compiled contracts in a VM, asked of native and reference."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import evm_kit
import msgspec
import pytest
from hot_kit import single_v2, single_v3, v3_pool

from hoploop.hot.reference import concentrated, concentrated_swaps, constant_product, pairs
from hoploop.verify import evm
from hoploop.verify.kinds import Engine, Source
from hoploop.verify.report import Verdict

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDED = SHARED / "golden" / "evm"
ENGINES: tuple[Engine, ...] = ("native", "reference")
ANSWERS = {"aerodrome": 26, "balancer": 36, "curve": 18, "pancakeswap": 24, "uniswap": 80}
SWAPS = [(scenario, number) for scenario, count in ((0, 7), (1, 4)) for number in range(count)]


@cache
def _vectors(name: str) -> Any:
    file = SHARED / "facts" / "evm" / "vectors.json"
    _need(file)
    return json.loads(file.read_text())[name]


def _need(path: Path) -> None:
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {path.relative_to(SHARED.parent)}")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("venue", ANSWERS)
def test_recorded_answers_are_exact(venue: str, engine: Engine) -> None:
    _need(RECORDED)
    seen = 0
    for path in sorted((RECORDED / "quotes").glob(f"{venue}__*.json")):
        data = path.read_bytes()
        fields = frozenset(msgspec.json.decode(data))
        if "entries" in fields:
            for result in evm.check(Source(path, RECORDED, data, fields), engine).results:
                assert result.verdict is Verdict.EXACT, result
                seen += 1
    assert seen >= ANSWERS[venue]


def test_solidly_pools_of_compiled_contracts() -> None:
    for vector in _vectors("aerodrome_getAmountOut"):
        pair = pairs.Pair(
            reserves=(int(vector["reserve0"]), int(vector["reserve1"])),
            scale=(int(vector["decimals0"]), int(vector["decimals1"])), fees=(vector["feeBps"],) * 2,
        )  # fmt: skip
        ask = pairs.solidly_stable if vector["stable"] else pairs.volatile
        side, amount, expected = vector["tokenInIs0"], int(vector["amountIn"]), int(vector["amountOut"])
        assert ask(pair, side, amount) == expected
        assert evm_kit.solidly(pair, vector["stable"]).quote(0, side, amount) == expected


def test_camelot_pairs_of_compiled_contracts() -> None:
    for vector in _vectors("camelot_v2_getAmountOut"):
        pair = pairs.Pair(
            reserves=(int(vector["reserve0"]), int(vector["reserve1"])),
            scale=(int(vector["precisionMultiplier0"]), int(vector["precisionMultiplier1"])),
            fees=(int(vector["fee0"]), int(vector["fee1"])), den=100_000,
        )  # fmt: skip
        ask = pairs.camelot_stable if vector["stable"] else pairs.directional
        side, amount, expected = vector["tokenInIs0"], int(vector["amountIn"]), int(vector["amountOut"])
        assert ask(pair, side, amount) == expected
        assert evm_kit.camelot(pair, vector["stable"]).quote(0, side, amount) == expected


def test_exact_outputs_of_pairs() -> None:
    asked = [vector for vector in _vectors("v2_getAmountOut") if vector["getAmountIn_of_out"] is not None]
    for vector in asked:
        reserves, fee = (int(vector["reserveIn"]), int(vector["reserveOut"])), (
            vector["den"] - vector["num"], vector["den"],
        )  # fmt: skip
        amount, expected = int(vector["amountOut"]), int(vector["getAmountIn_of_out"])
        assert constant_product.quote_out(*reserves, *fee, amount) == expected
        assert single_v2(*reserves, fee).quote_out(0, True, amount) == expected
        assert single_v2(*reserves[::-1], fee).quote_out(0, False, amount) == expected
    assert len(asked) >= 15


def test_v3_single_steps_for_a_given_output() -> None:
    asked = [v for v in _vectors("uniswap_v3_computeSwapStep") if int(v["amountRemaining"]) < 0]
    for v in asked:
        left = -int(v["amountRemaining"])
        step = concentrated_swaps.exact_out_step(
            int(v["sqrtCurrent"]), int(v["sqrtTarget"]), int(v["liquidity"]), left, int(v["fee"])
        )
        assert step == tuple(int(v[k]) for k in ("sqrtNext", "amountIn", "amountOut", "feeAmount"))
    assert len(asked) >= 2


@pytest.mark.parametrize(("number", "swap_number"), SWAPS)
def test_v3_swaps_of_the_published_bytecode_with_either_side_given(number: int, swap_number: int) -> None:
    scenario = _vectors("uniswap_v3_pool_scenarios")[number]
    swaps = scenario["swaps_in_sequence"]
    swap = swaps[swap_number]
    positions = [(p["tickLower"], p["tickUpper"], int(p["liquidity"])) for p in scenario["positions"]]
    price = int(swaps[swap_number - 1]["after"]["sqrtPriceX96"] if swap_number else scenario["initialSqrtPriceX96"])
    tick = swaps[swap_number - 1]["after"]["tick"] if swap_number else _tick_of(price)
    snapshot, pool = v3_pool(price, tick, positions, scenario["fee"], scenario["tickSpacing"])
    side, specified = swap["zeroForOne"], int(swap["amountSpecified"])
    paid, given = int(swap["amount0"]), -int(swap["amount1"])
    moved = (paid, given) if side else (-given, -paid)
    question = (side, specified > 0, abs(specified))
    filled = concentrated_swaps.fill(pool, *question)
    assert filled is not None
    assert single_v3(snapshot, pool.fee_pips, pool.tick_spacing).fill(0, *question) == filled
    if int(swap["sqrtPriceLimitX96"]) in (concentrated.MIN_SQRT_RATIO + 1, concentrated.MAX_SQRT_RATIO - 1):
        assert filled == moved
    else:
        # A swap with a price limit of its own moves a part of it.
        assert filled[0] >= moved[0]
        assert filled[1] >= moved[1]


def _tick_of(price: int) -> int:
    return next(tick for tick in range(-100, 90_000) if concentrated.sqrt_ratio_at_tick(tick + 1) > price)
