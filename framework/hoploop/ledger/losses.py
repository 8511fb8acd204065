"""What today cost or earned, kept in memory so that risk can ask at every opportunity."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable

from hoploop.ledger.project import ACCOUNTED, day_number, day_text
from hoploop.model.events import AttemptAdvanced, Event


class DayLosses:
    """Realized net of the current UTC day by asset; follows the events as they are recorded."""

    def __init__(self, db: sqlite3.Connection, wall_ns: Callable[[], int]) -> None:
        self._wall_ns = wall_ns
        self._day = day_number(wall_ns())
        rows = db.execute("SELECT asset, realized FROM day_result WHERE day=?", (day_text(self._day),))
        self._net: Counter[str] = Counter({asset: int(realized) for asset, realized in rows})

    def take(self, event: Event) -> None:
        """Count an attempt that reached an end with a cost or a gain."""
        if isinstance(event, AttemptAdvanced) and event.attempt.state in ACCOUNTED:
            self._turn_page()
            if day_number(event.at_ns) == self._day:
                self._net[event.attempt.asset] += event.attempt.realized_net or 0

    def lost(self, asset: str) -> int:
        """Net loss of today in base units; 0 when in profit."""
        self._turn_page()
        return max(0, -self._net[asset])

    def _turn_page(self) -> None:
        today = day_number(self._wall_ns())
        if today != self._day:
            self._day = today
            self._net.clear()
