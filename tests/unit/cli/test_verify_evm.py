"""Recorded answers of EVM pools: paired with their state, asked of both engines, and never taken on trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hoploop.verify import evm
from hoploop.verify.kinds import Engine, Source, kind_of
from hoploop.verify.report import Result, Verdict

POOL = "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B"
WAD = 10**18
TOKENS = [{"address": f"0x{n}", "symbol": symbol, "decimals": 18} for n, symbol in enumerate(("AAA", "BBB", "CCC"))]
PAIR = {"tokens": TOKENS[:2], "reserves_token0": 10**21, "reserves_token1": 2 * 10**21}
STATES: dict[str, dict[str, Any]] = {
    "uniswap v2": PAIR | {"fee_numer": 3, "fee_denom": 1000},
    "uniswap v2 by direction": PAIR | {"fee_token0": "3/1000", "fee_token1": "1/1000"},
    "solidly stable": PAIR | {"stable": True, "fee_raw": 5, "token0": TOKENS[0], "token1": TOKENS[1]},
    "uniswap v3": {
        "name": "Some V3 AAA/BBB 0.3%", "tick_data": {"-600": [10**21, 10**21, 1], "600": [10**21, -(10**21), 1]},
        "scalars": {"fee": 3000, "tick_spacing": 60, "sqrt_price_x96": 2**96, "tick": 0, "liquidity": 10**21},
    },
    "curve": {
        "tokens": TOKENS, "balances": [10**24] * 3, "a_coefficient": 200, "fee": 4_000_000, "initial_a": 100,
        "future_a": 300, "initial_a_time": 0, "future_a_time": 200, "block_timestamp": 100,
        "strategies": {"swap_style": 2, "d_variant": 2},
    },
    "balancer weighted": {
        "tokens": TOKENS, "balances": [10**21] * 3, "weights": [WAD // 4, WAD // 4, WAD // 2], "fee": "1/100",
        "pow_version": "v2",
    },
    "balancer stable": {
        "tokens": TOKENS, "balances": [10**21] * 3, "amp": 50_000, "fee": "1/2500", "invariant_version": 2,
        "resolved_scaling_factors": [WAD] * 3, "bpt_idx": 1,
    },
}  # fmt: skip


def results(folder: Path, state: dict[str, Any], entries: dict[str, Any], engine: Engine) -> list[Result]:
    held = folder / "state" / "1" / "pool.json"
    held.parent.mkdir(parents=True, exist_ok=True)
    held.write_text(json.dumps({"chain_id": 1, "block": 7, "address": POOL.lower()} | state))
    asked = folder / "quotes" / "asked.json"
    asked.parent.mkdir(exist_ok=True)
    named = {f"{POOL}|{key}": {"value": value} for key, value in entries.items()}
    asked.write_text(json.dumps({"chain_id": 1, "block_number": 7, "entries": named}))
    fields = frozenset(json.loads(asked.read_text()))
    kind = kind_of(fields)
    assert kind is not None
    assert kind.module == "hoploop.verify.evm"
    return list(evm.check(Source(asked, folder, asked.read_bytes(), fields), engine).results)


@pytest.mark.parametrize("family", STATES)
def test_both_engines_answer_every_family_alike(tmp_path: Path, family: str) -> None:
    token_out = "CCC" if family.startswith("balancer") or family == "curve" else "BBB"
    calls = [f"GIVEN_IN|{way}|{10**18}" for way in (f"AAA->{token_out}", f"{token_out}->AAA")]
    native = results(tmp_path, STATES[family], dict.fromkeys(calls, 0), "native")
    twin = results(tmp_path, STATES[family], dict.fromkeys(calls, 0), "reference")
    assert [one.got for one in native] == [one.got for one in twin]
    answers = dict(zip(calls, (int(one.got) for one in native), strict=True))
    assert all(9 * 10**16 < answer < 4 * 10**18 for answer in answers.values())
    assert {one.verdict for one in results(tmp_path, STATES[family], answers, "native")} == {Verdict.EXACT}
    off = {call: answer + 1 for call, answer in answers.items()}
    assert {one.verdict for one in results(tmp_path, STATES[family], off, "reference")} == {Verdict.OFF}


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_an_answer_without_a_value_was_refused(tmp_path: Path, engine: Engine) -> None:
    entries = {f"querySwap|GIVEN_IN|AAA->BBB|{10**21}": None, "querySwap|GIVEN_OUT|AAA->BBB|100": None}
    found = results(tmp_path, STATES["balancer weighted"], entries, engine)
    assert [one.verdict for one in found] == [Verdict.REFUSED, Verdict.OFF]


@pytest.mark.parametrize(
    "key",
    [
        "get_virtual_price|AAA->BBB|5", "get_dy|AAA->DDD|5", "get_dy|AAA|5", "get_dy|AAA->BBB|five",
        "get_dx|AAA->BBB|5",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_unsupported(tmp_path: Path, key: str) -> None:
    assert [one.verdict for one in results(tmp_path, STATES["curve"], {key: 5}, "native")] == [Verdict.UNSUPPORTED]


def test_a_state_of_another_block_is_not_the_state(tmp_path: Path) -> None:
    found = results(tmp_path, STATES["uniswap v2"] | {"block": 8}, {"getAmountOut|AAA->BBB|5": 9}, "native")
    assert found[0].verdict is Verdict.UNSUPPORTED
    assert "no state" in found[0].got


def test_a_state_that_contradicts_itself_is_off(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(STATES["uniswap v3"]))
    broken["scalars"]["liquidity"] += 1
    found = results(tmp_path, broken, {"quoteExactInputSingle|AAA->BBB|5": 4}, "native")
    assert found[0].verdict is Verdict.OFF
    assert "inconsistent" in found[0].got
