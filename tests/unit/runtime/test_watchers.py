"""What closes the gate by itself: missing money, a jumping clock, a kill file."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hoploop.errors import LocalError
from hoploop.model.states import GateState
from hoploop.runtime.gate import Gate
from hoploop.runtime.local_chains import Served, read_served, write_served
from hoploop.runtime.paths import name_of
from hoploop.runtime.reconcile import Reconciler
from hoploop.runtime.watch import watch_clock, watch_kill_file


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    gate = Gate(kill_file=tmp_path / "KILL", on_change=lambda *_: None)
    gate.arm("test")
    return gate


class Till:
    """The part of a street that reconciliation looks at."""

    def __init__(self, held: int) -> None:
        self.chain = SimpleNamespace(id="eth")
        self.funds = SimpleNamespace(own={"weth": held})
        self.in_flight: dict[int, Any] = {}
        self.counters = SimpleNamespace(gained=Counter(), settled=lambda: 0)

    def now(self, held: int, gained: int) -> None:
        self.funds.own["weth"] = held
        self.counters.gained["weth"] = gained


def reconciler(till: Till, gate: Gate) -> Reconciler:
    reconciler = Reconciler(till, gate)  # type: ignore[arg-type]
    reconciler.check()
    return reconciler


def test_balances_that_follow_the_attempts_are_fine(gate: Gate) -> None:
    till = Till(100)
    one = reconciler(till, gate)
    for gained in (5, 9, 30):
        till.now(100 + gained, gained)
        one.check()
    assert gate.state is GateState.ARMED


def test_missing_money_trips_the_gate_at_the_second_look(gate: Gate) -> None:
    till = Till(100)
    one = reconciler(till, gate)
    till.now(104, 5)
    one.check()
    assert gate.state is GateState.ARMED
    one.check()
    assert (gate.state, gate.reason) == (GateState.TRIPPED, "balance_mismatch")


def test_a_late_balance_is_forgiven_once(gate: Gate) -> None:
    till = Till(100)
    one = reconciler(till, gate)
    till.now(100, 5)
    one.check()
    till.now(105, 5)
    one.check()
    till.now(105, 6)
    one.check()
    assert gate.state is GateState.ARMED


def test_a_deposit_becomes_the_new_base_and_taking_it_out_trips(gate: Gate) -> None:
    till = Till(100)
    one = reconciler(till, gate)
    till.now(150, 0)
    one.check()
    assert gate.state is GateState.ARMED
    till.now(100, 0)
    one.check()
    one.check()
    assert gate.state is GateState.TRIPPED


def test_nothing_is_compared_while_an_attempt_is_in_flight(gate: Gate) -> None:
    till = Till(100)
    one = reconciler(till, gate)
    till.in_flight[1] = object()
    assert one.mark() is None


class JumpingClock:
    """Wall time that leaves the monotonic one at the third look."""

    def __init__(self, jump_ns: int) -> None:
        self._looks, self._jump_ns = 0, jump_ns

    def mono_ns(self) -> int:
        return 0

    def wall_ns(self) -> int:
        self._looks += 1
        return 0 if self._looks < 3 else self._jump_ns


@pytest.mark.parametrize(("jump_s", "state"), [(60, GateState.TRIPPED), (-60, GateState.TRIPPED), (1, GateState.ARMED)])
async def test_a_clock_that_jumps_trips_the_gate(
    gate: Gate, jump_s: int, state: GateState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoploop.runtime.watch._CLOCK_PERIOD_S", 0.001)
    watch = asyncio.ensure_future(watch_clock(JumpingClock(jump_s * 10**9), gate))
    await asyncio.sleep(0.05)
    watch.cancel()
    assert gate.state is state


async def test_a_kill_file_is_found(tmp_path: Path) -> None:
    found = asyncio.Event()
    watch = asyncio.ensure_future(watch_kill_file(tmp_path / "KILL", found.set))
    await asyncio.sleep(0.01)
    assert not found.is_set()
    (tmp_path / "KILL").touch()
    await asyncio.wait_for(found.wait(), 5)
    await watch


def test_served_chains_are_read_back(tmp_path: Path) -> None:
    served = {"sol": Served(endpoint="http://127.0.0.1:1", extras={"jito": "http://127.0.0.1:2"})}
    write_served(tmp_path / "chains.json", served)
    assert read_served(tmp_path / "chains.json") == served


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"sol": 1}'])
def test_a_bad_file_of_served_chains_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "chains.json").write_bytes(content)
    with pytest.raises(LocalError, match=r"chains\.json") as refused:
        read_served(tmp_path / "chains.json")
    assert refused.value.code == "X108"


@pytest.mark.parametrize("text", ["recipe: two_chains\nmode: paper", "# x\nrecipe: 'two_chains'\n: : broken ["])
def test_an_engine_is_found_by_its_recipe_even_when_that_is_broken_by_now(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.yaml").write_text(text)
    assert name_of(str(tmp_path / "r.yaml")) == "two_chains"
    assert name_of("two_chains") == "two_chains"
