"""Calldata, answers and reasons of the executor against its committed ABI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode

from hoploop_evm._shared import executor
from hoploop_evm._shared.steps import TAKE_ALL, LenderKind, LoanStep, SwapKind, SwapStep
from hoploop_evm._shared.words import selector, topic, uint

ARTIFACT = Path(__file__).resolve().parents[4] / "contracts" / "evm" / "build" / "HoploopExecutor.json"
SWAPS = (
    SwapStep(SwapKind.V2, b"\x01" * 20, b"\x02" * 20, 10**18, 2990, ()),
    SwapStep(SwapKind.V3, b"\x03" * 20, b"\x04" * 20, TAKE_ALL, 0, ()),
)
PLAN = executor.Plan(
    asset=b"\x04" * 20, amount_in=10**18, swaps=SWAPS, loan=LoanStep(LenderKind.AAVE_V3, b"\x05" * 20),
    loan_amount=10**18, min_profit=77, valid_until=123,
)  # fmt: skip


def _abi(kind: str) -> list[dict[str, Any]]:
    return [item for item in json.loads(ARTIFACT.read_bytes())["abi"] if item["type"] == kind]


def _type(item: dict[str, Any]) -> str:
    if not item["type"].startswith("tuple"):
        return str(item["type"])
    return f"({','.join(_type(part) for part in item['components'])}){item['type'].removeprefix('tuple')}"


def _signature(item: dict[str, Any]) -> str:
    return f"{item['name']}({','.join(_type(part) for part in item['inputs'])})"


def _execute() -> dict[str, Any]:
    return next(item for item in _abi("function") if item["name"] == "execute")


@pytest.mark.parametrize("loan", [PLAN.loan, None])
def test_calldata_is_what_the_abi_says(loan: LoanStep | None) -> None:
    plan = executor.Plan(
        asset=PLAN.asset, amount_in=PLAN.amount_in, swaps=SWAPS, loan=loan, loan_amount=PLAN.loan_amount if loan else 0,
        min_profit=PLAN.min_profit, valid_until=PLAN.valid_until,
    )  # fmt: skip
    swaps = [(step.kind, step.pool, step.token_out, step.max_in, step.amount_out) for step in SWAPS]
    lender = (int(loan.kind), loan.lender, 10**18) if loan else (0, bytes(20), 0)
    value = ((PLAN.asset, PLAN.amount_in, swaps), lender, PLAN.min_profit, PLAN.valid_until)
    wanted = encode([_type(_execute()["inputs"][0])], [value])
    assert executor.encode(plan) == executor.EXECUTE + wanted


def test_selector_and_event_are_those_of_the_abi() -> None:
    assert selector(_signature(_execute())) == executor.EXECUTE
    event = next(item for item in _abi("event") if item["name"] == "Executed")
    assert topic(_signature(event)) == executor.EXECUTED


@pytest.mark.parametrize("error", [_signature(item) for item in _abi("error")])
def test_every_error_of_the_contract_has_words(error: str) -> None:
    name, types = error[:-1].split("(")
    raw = selector(error) + b"".join(uint(at + 1) for at, part in enumerate(types.split(",")) if part)
    assert executor.reason(raw).startswith(f"{name}(")


def test_standard_reasons_are_put_in_words() -> None:
    text = selector("Error(string)") + encode(["string"], ["UniswapV2: K"])
    assert executor.reason(text) == "reverted: UniswapV2: K"
    assert executor.reason(selector("Panic(uint256)") + uint(0x11)) == "panicked: 0x11"
    assert executor.reason(b"") == "reverted without a reason"


@pytest.mark.parametrize("raw", [b"\x01", b"\x08\xc3y\xa0" + bytes(64), b"\x08\xc3y\xa0" + bytes(32) + b"\xff" * 32])
def test_a_hostile_reason_is_still_one_short_line(raw: bytes) -> None:
    text = executor.reason(raw)
    assert len(text) < 300
    assert text.isprintable()


def test_profit_is_read_only_from_the_executors_own_event() -> None:
    event = ((executor.EXECUTED, bytes(32), bytes(32)), uint(55) + uint(9))
    assert executor.profit_of_logs(b"\x09" * 20, [(b"\x08" * 20, *event)]) is None
    assert executor.profit_of_logs(b"\x09" * 20, [(b"\x08" * 20, *event), (b"\x09" * 20, *event)]) == 55


def test_the_plan_reads_like_what_it_does() -> None:
    lines = executor.lines(PLAN)
    assert "min_profit=77 valid_until=123" in lines[0]
    assert "borrow 1000000000000000000 from AAVE_V3" in lines[1]
    assert "in=all out=0" in lines[3]
