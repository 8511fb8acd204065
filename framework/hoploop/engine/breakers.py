"""What a broken breaker does to the gate, and when it lets go again."""

from __future__ import annotations

from hoploop.engine.ports import GatePort
from hoploop.model.states import GateState
from hoploop.recipe.plan import BreakerPlan


class BreakerBox:
    """Pauses and trips; ends only pauses of its own. Call from the event loop only."""

    def __init__(self, gate: GatePort) -> None:
        self._gate = gate
        self._unlock_ns: int | None = None

    def broke(self, breaker: BreakerPlan, now_ns: int) -> None:
        """Do what the recipe says. A gate that lets nothing out anyway is left as it is."""
        if breaker.action == "trip":
            self._gate.trip(f"breaker {breaker.id}", "risk")
        elif self._gate.state is GateState.ARMED:
            self._gate.pause(f"breaker {breaker.id}")
            self._unlock_ns = None if breaker.unlock_ms is None else now_ns + breaker.unlock_ms * 1_000_000

    def unlock(self, now_ns: int) -> None:
        """Resume when the time has come, unless an operator paused in between."""
        if self._unlock_ns is None or now_ns < self._unlock_ns:
            return
        self._unlock_ns = None
        if self._gate.state is GateState.PAUSED and self._gate.by.startswith("breaker "):
            self._gate.resume("breaker unlocked")
