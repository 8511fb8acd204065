"""Projections of the event table: one row an attempt, one row a day and asset; `rebuild` makes them anew."""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Any

import msgspec

from hoploop.model.attempts import Attempt
from hoploop.model.events import AnyEvent, AttemptAdvanced, AttemptIntended, Event
from hoploop.model.states import AttemptState

# Amounts are TEXT in the database; all other integers fit SQLite's 64 bits.
AMOUNTS = frozenset({
    "amount_in", "flash_fee", "predicted_gross", "predicted_network_fee", "predicted_tip", "predicted_net",
    "realized_gross", "realized_network_fee", "realized_tip", "realized_net",
})  # fmt: skip
COLUMNS = Attempt.__struct_fields__
ACCOUNTED = (AttemptState.LANDED, AttemptState.REVERTED)

DAY_NS = 86_400 * 1_000_000_000
_EPOCH = date(1970, 1, 1).toordinal()
_NAMES = (*COLUMNS, "intended", "at_ns")
_KEEP = {"id": "", "intended": "intended=max(intended, excluded.intended)"}
_UPSERT = (
    f"INSERT INTO attempt ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))}) ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(_KEEP.get(name, f"{name}=excluded.{name}") for name in _NAMES if name != "id")
)


def day_number(at_ns: int) -> int:
    """UTC days since 1970-01-01 of a wall-clock time."""
    return at_ns // DAY_NS


def day_text(number: int) -> str:
    """`YYYY-MM-DD` of a day number."""
    return date.fromordinal(_EPOCH + number).isoformat()


def net_of(attempt: Attempt) -> int:
    """What an accounted attempt changed own funds by; of one whose gain nobody could tell, only the costs count."""
    if attempt.realized_net is not None:
        return attempt.realized_net
    return -(attempt.realized_network_fee or 0) - (attempt.realized_tip or 0)


def apply(db: sqlite3.Connection, event: Event) -> None:
    """Bring the projections up to one more event."""
    if not isinstance(event, AttemptAdvanced | AttemptIntended):
        return
    attempt = event.attempt
    db.execute(_UPSERT, (*_values(attempt), int(isinstance(event, AttemptIntended)), event.at_ns))
    if isinstance(event, AttemptAdvanced) and attempt.state in ACCOUNTED:
        _add_to_day(db, day_text(day_number(event.at_ns)), attempt)


def rebuild(db: sqlite3.Connection) -> None:
    """Throw the projections away and make them from the events; the caller holds the transaction."""
    db.execute("DELETE FROM attempt")
    db.execute("DELETE FROM day_result")
    for (payload,) in db.execute("SELECT payload FROM event ORDER BY id"):
        apply(db, msgspec.json.decode(payload, type=AnyEvent))


def attempt_of(row: sqlite3.Row) -> Attempt:
    """An attempt from its row."""
    values: dict[str, Any] = {name: _inward(name, row[name]) for name in COLUMNS}
    return Attempt(**values | {"state": AttemptState(row["state"])})


def _values(attempt: Attempt) -> tuple[object, ...]:
    return tuple(_outward(name, getattr(attempt, name)) for name in COLUMNS)


def _outward(name: str, value: object) -> object:
    if isinstance(value, AttemptState):
        return value.value
    return str(value) if name in AMOUNTS and value is not None else value


def _inward(name: str, value: str | int | None) -> str | int | None:
    return int(value) if name in AMOUNTS and value is not None else value


def _add_to_day(db: sqlite3.Connection, day: str, attempt: Attempt) -> None:
    row = db.execute("SELECT landed, reverted, predicted, realized FROM day_result WHERE day=? AND asset=?",
                     (day, attempt.asset)).fetchone()  # fmt: skip
    landed, reverted, predicted, realized = row or (0, 0, "0", "0")
    is_landed = attempt.state is AttemptState.LANDED
    db.execute(
        "INSERT OR REPLACE INTO day_result VALUES (?, ?, ?, ?, ?, ?)",
        (
            day, attempt.asset, landed + is_landed, reverted + (not is_landed),
            str(int(predicted) + attempt.predicted_net), str(int(realized) + net_of(attempt)),
        ),
    )  # fmt: skip
