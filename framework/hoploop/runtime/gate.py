"""The gate: the one place that says whether bytes may leave, and the only one that can close it for good."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from hoploop.errors import ControlError, GateClosed
from hoploop.model.states import GATE, GateState, IllegalMove, advance

OnChange = Callable[[GateState, str, str], None]

_CLOSED = {GateState.DRY: "G101", GateState.PAUSED: "G102", GateState.TRIPPED: "G103"}


class TripRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Why a gate is as it is; that of a trip is kept on disk until a named operator clears it."""

    reason: str
    by: str


class Gate:
    """DRY | ARMED ⇄ PAUSED; any → TRIPPED.

    `trip` may be called from any thread and from a signal handler: it takes no lock, and a trip is an attribute of its
    own that nothing takes back, so the very next `permit` in any thread refuses, whatever move is under way.
    `on_change` must be safe from there too.
    """

    def __init__(self, *, kill_file: Path, on_change: OnChange, tripped: TripRecord | None = None) -> None:
        self._kill_file = os.fspath(kill_file)
        self._on_change = on_change
        self._trip = tripped
        self._state, self._why = GateState.DRY, TripRecord(reason="start", by="engine")

    @property
    def state(self) -> GateState:
        """The present state."""
        return self._state if self._trip is None else GateState.TRIPPED

    @property
    def reason(self) -> str:
        """Why it is in this state."""
        return (self._trip or self._why).reason

    @property
    def by(self) -> str:
        """Who moved it last."""
        return (self._trip or self._why).by

    def permit(self) -> None:
        """Raise `GateClosed` unless ARMED. Costs one `stat`: a kill file must stop bytes at once too."""
        if os.path.exists(self._kill_file):
            self.trip("kill_file", "kill file")
        state = self.state
        if state is not GateState.ARMED:
            raise GateClosed(_CLOSED[state], f"gate is {state.value} ({self.reason})")

    def trip(self, reason: str, by: str) -> None:
        """Close for good; the first reason stays."""
        if self._trip is not None:
            return
        self._trip = TripRecord(reason=reason, by=by)
        self._on_change(GateState.TRIPPED, reason, by)

    def arm(self, by: str, holder: str = "") -> None:
        """DRY → ARMED; with a `holder` on to PAUSED in its name."""
        if self.state is GateState.DRY and holder:
            self._move("paused", holder, GateState.ARMED, GateState.PAUSED)
        elif self.state is GateState.DRY:
            self._move("armed", by, GateState.ARMED)
        elif self.state is not GateState.ARMED:
            raise ControlError("G104", f"cannot arm a gate that is {self.state.value}")

    def pause(self, by: str) -> None:
        """ARMED → PAUSED; of several who pause, the last one's name stays."""
        if self.state is not GateState.PAUSED:
            self._move("paused", by, GateState.PAUSED)
        elif by != self.by:
            self._move("paused", by)

    def resume(self, by: str) -> None:
        """PAUSED → ARMED."""
        if self.state is not GateState.PAUSED:
            raise ControlError("G104", f"cannot resume a gate that is {self.state.value}")
        self._move("resumed", by, GateState.ARMED)

    def _move(self, reason: str, by: str, *way: GateState) -> None:
        state = self.state
        try:
            for to in way:
                state = advance(GATE, state, to)
        except IllegalMove as error:
            raise ControlError("G104", str(error)) from error
        self._state, self._why = state, TripRecord(reason=reason, by=by)
        if self._trip is None:
            self._on_change(state, reason, by)


def read_trip(path: Path) -> TripRecord | None:
    """The trip an earlier process left, or None. A file that cannot be read counts as a trip."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return TripRecord(reason=f"gate file unreadable: {error.strerror}", by="engine")
    try:
        return msgspec.json.decode(raw, type=TripRecord)
    except msgspec.DecodeError:
        return TripRecord(reason="gate file damaged", by="engine")


def write_trip(path: Path, record: TripRecord) -> None:
    """Keep a trip across restarts: written beside and renamed, so that it is whole or absent."""
    draft = path.with_suffix(".new")
    with open(draft, "wb") as file:
        file.write(msgspec.json.encode(record))
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
