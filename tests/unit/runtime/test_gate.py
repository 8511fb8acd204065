"""The gate lets bytes leave only when armed, and a trip is final."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from hoploop.errors import ControlError, GateClosed
from hoploop.model.states import GateState, advance
from hoploop.runtime.gate import Gate, TripRecord, read_trip, write_trip

Changes = list[tuple[GateState, str, str]]


@pytest.fixture
def changes() -> Changes:
    return []


@pytest.fixture
def gate(tmp_path: Path, changes: Changes) -> Gate:
    return Gate(kill_file=tmp_path / "KILL", on_change=lambda *change: changes.append(change))


def test_a_new_gate_is_dry_and_refuses(gate: Gate) -> None:
    with pytest.raises(GateClosed) as refusal:
        gate.permit()
    assert refusal.value.code == "G101"


def test_an_armed_gate_permits(gate: Gate, changes: Changes) -> None:
    gate.arm("ann")
    gate.permit()
    assert changes == [(GateState.ARMED, "armed", "ann")]


def test_pause_refuses_and_resume_permits_again(gate: Gate) -> None:
    gate.arm("ann")
    gate.pause("ann")
    with pytest.raises(GateClosed):
        gate.permit()
    gate.resume("ann")
    gate.permit()


def test_a_gate_that_is_armed_while_something_holds_it_is_paused_at_once(gate: Gate, changes: Changes) -> None:
    gate.arm("ann", "breaker reverts")
    with pytest.raises(GateClosed) as refusal:
        gate.permit()
    assert refusal.value.code == "G102"
    assert changes == [(GateState.PAUSED, "paused", "breaker reverts")]


def test_of_two_who_pause_the_last_is_told(gate: Gate, changes: Changes) -> None:
    gate.arm("ann")
    gate.pause("breaker reverts")
    for _ in range(2):
        gate.pause("ann")
    assert gate.by == "ann"
    assert [by for state, _, by in changes if state is GateState.PAUSED] == ["breaker reverts", "ann"]


def test_a_dry_gate_cannot_be_paused_or_resumed_into_armed(gate: Gate) -> None:
    with pytest.raises(ControlError):
        gate.pause("ann")
    with pytest.raises(ControlError):
        gate.resume("ann")
    assert gate.state is GateState.DRY


def test_nothing_moves_a_tripped_gate_and_the_first_reason_stays(gate: Gate, changes: Changes) -> None:
    gate.arm("ann")
    gate.trip("daily_loss", "risk")
    gate.trip("operator", "bob")
    assert (gate.reason, gate.by) == ("daily_loss", "risk")
    for move in (gate.arm, gate.resume, gate.pause):
        with pytest.raises(ControlError):
            move("ann")
    assert [change[0] for change in changes] == [GateState.ARMED, GateState.TRIPPED]


def test_a_kill_file_stops_the_very_next_permit(gate: Gate, tmp_path: Path) -> None:
    gate.arm("ann")
    (tmp_path / "KILL").touch()
    with pytest.raises(GateClosed):
        gate.permit()
    assert gate.state is GateState.TRIPPED
    assert gate.reason == "kill_file"


@pytest.mark.parametrize("move", ["arm", "pause", "resume"])
def test_a_trip_in_the_middle_of_a_move_is_not_undone_by_it(
    move: str, gate: Gate, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for before in {"arm": (), "pause": (gate.arm,), "resume": (gate.arm, gate.pause)}[move]:
        before("ann")

    def interrupted(*way: Any) -> GateState:
        gate.trip("signal", "SIGUSR1")
        return advance(*way)

    monkeypatch.setattr("hoploop.runtime.gate.advance", interrupted)
    getattr(gate, move)("ann")
    assert (gate.state, gate.reason, gate.by) == (GateState.TRIPPED, "signal", "SIGUSR1")
    assert changes[-1] == (GateState.TRIPPED, "signal", "SIGUSR1")


def test_a_trip_from_another_thread_is_seen_at_once(gate: Gate) -> None:
    gate.arm("ann")
    thread = threading.Thread(target=gate.trip, args=("signal", "SIGUSR1"))
    thread.start()
    thread.join()
    with pytest.raises(GateClosed):
        gate.permit()


def test_a_trip_survives_a_restart(tmp_path: Path) -> None:
    record = TripRecord(reason="daily_loss", by="risk")
    write_trip(tmp_path / "gate.json", record)
    assert read_trip(tmp_path / "gate.json") == record


def test_no_file_is_no_trip(tmp_path: Path) -> None:
    assert read_trip(tmp_path / "gate.json") is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"reason":1}'])
def test_a_damaged_gate_file_counts_as_a_trip(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "gate.json").write_bytes(damage)
    assert read_trip(tmp_path / "gate.json") == TripRecord(reason="gate file damaged", by="engine")


def test_an_unreadable_gate_file_counts_as_a_trip(tmp_path: Path) -> None:
    (tmp_path / "gate.json").mkdir()
    record = read_trip(tmp_path / "gate.json")
    assert record is not None
    assert "unreadable" in record.reason
