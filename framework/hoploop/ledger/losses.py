"""What today cost or earned, kept in memory so that risk can ask at every opportunity."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable

from hoploop.ledger.project import ACCOUNTED, DAY_NS, day_number, day_text, net_of
from hoploop.model.events import AttemptAdvanced, Event

_FEES = (
    "SELECT asset, realized_network_fee, realized_tip FROM attempt"
    f" WHERE state IN ({', '.join(repr(state.value) for state in ACCOUNTED)}) AND at_ns >= ?"
)


class DayLosses:
    """Realized net of the current UTC day by asset; follows the events as they are recorded."""

    def __init__(self, db: sqlite3.Connection, wall_ns: Callable[[], int]) -> None:
        self._wall_ns = wall_ns
        self._day = day_number(wall_ns())
        rows = db.execute("SELECT asset, realized FROM day_result WHERE day=?", (day_text(self._day),))
        self._net: Counter[str] = Counter({asset: int(realized) for asset, realized in rows})
        self._fees: Counter[str] = Counter()
        for asset, fee, tip in db.execute(_FEES, (self._day * DAY_NS,)):
            self._fees[asset] += int(fee or 0) + int(tip or 0)

    def take(self, event: Event) -> None:
        """Count an attempt that reached an end with a cost or a gain."""
        if isinstance(event, AttemptAdvanced) and event.attempt.state in ACCOUNTED:
            self._turn_page()
            if day_number(event.at_ns) == self._day:
                attempt = event.attempt
                self._net[attempt.asset] += net_of(attempt)
                self._fees[attempt.asset] += (attempt.realized_network_fee or 0) + (attempt.realized_tip or 0)

    def lost(self, asset: str) -> int:
        """Net loss of today in base units; 0 when in profit."""
        self._turn_page()
        return max(0, -self._net[asset])

    def fees(self, asset: str) -> int:
        """Network fees and tips of today in base units."""
        self._turn_page()
        return self._fees[asset]

    def _turn_page(self) -> None:
        # A clock that is set back a little after midnight does not open a day a second time.
        today = day_number(self._wall_ns())
        if today > self._day:
            self._day = today
            self._net.clear()
            self._fees.clear()
