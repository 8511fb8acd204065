"""Reads the book without ever writing to it: for recovery, commands, the console and reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

import msgspec

from hoploop.errors import LedgerError
from hoploop.ledger.database import ledger_error, open_to_read
from hoploop.ledger.project import attempt_of
from hoploop.model.attempts import Attempt, Unfinished
from hoploop.model.events import AnyEvent, AttemptAdvanced, GateChanged
from hoploop.model.states import AttemptState, GateState

_T = TypeVar("_T")
_MOVE = msgspec.json.Decoder(AttemptAdvanced | GateChanged)
_GATE = msgspec.json.Decoder(GateChanged)
UNFINISHED = (AttemptState.FOUND, AttemptState.APPROVED, AttemptState.BUILT, AttemptState.SENT, AttemptState.UNKNOWN)


class DayResult(msgspec.Struct, frozen=True, kw_only=True):
    """One UTC day in one asset, base units, after all costs."""

    day: str
    asset: str
    landed: int
    reverted: int
    predicted: int
    realized: int


class Ended(NamedTuple):
    """How an attempt ended, and when by the wall clock."""

    strategy: str
    shape: str
    state: AttemptState
    reason: str
    at_ns: int


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the engine; `ended_ns` is None when it did not end in an orderly way."""

    id: int
    started_ns: int
    recipe: str
    fingerprint: str
    mode: str
    version: str
    ended_ns: int | None
    end_reason: str


class Reader:
    """A view of the book while an engine writes it, or after. Use as a context manager. LedgerError when it fails."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = open_to_read(path)
        self._db.row_factory = sqlite3.Row

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def attempts(
        self, states: Sequence[AttemptState] = (), *, chain: str = "", limit: int = 100
    ) -> tuple[Attempt, ...]:
        """Newest first; of all states and chains when none is named."""
        wanted = [state.value for state in states or AttemptState]
        marks = ", ".join("?" * len(wanted))
        rows = self._all(
            f"SELECT * FROM attempt WHERE state IN ({marks}) AND (? = '' OR chain = ?) ORDER BY id DESC LIMIT ?",
            (*wanted, chain, chain, limit),
        )
        return tuple(attempt_of(row) for row in rows)

    def attempt(self, number: int) -> Attempt | None:
        """One attempt by its number."""
        rows = self._all("SELECT * FROM attempt WHERE id = ?", (number,))
        return attempt_of(rows[0]) if rows else None

    def history(self, attempt: int) -> tuple[AnyEvent, ...]:
        """Every event of one attempt, oldest first."""
        rows = self._all("SELECT payload FROM event WHERE attempt = ? ORDER BY id", (attempt,))
        return tuple(msgspec.json.decode(row["payload"], type=AnyEvent) for row in rows)

    def events(self, limit: int = 1_000_000) -> tuple[AnyEvent, ...]:
        """Every event of every run, oldest first."""
        rows = self._all("SELECT payload FROM event ORDER BY id LIMIT ?", (limit,))
        return tuple(msgspec.json.decode(row["payload"], type=AnyEvent) for row in rows)

    def unfinished(self) -> tuple[Unfinished, ...]:
        """What recovery must settle, oldest first."""
        marks = ", ".join("?" * len(UNFINISHED))
        rows = self._all(
            f"SELECT * FROM attempt WHERE state IN ({marks}) ORDER BY id", tuple(state.value for state in UNFINISHED)
        )
        return tuple(Unfinished(attempt=attempt_of(row), intended=_may_have_left(row)) for row in rows)

    def ended(self) -> Iterator[Ended]:
        """Every attempt that came to its end, in that order."""
        rows = self._each(
            "SELECT strategy, shape, state, reason, at_ns FROM attempt WHERE state IN ('landed', 'reverted', 'lost')"
            " ORDER BY at_ns, id"
        )
        states = {state.value: state for state in AttemptState}
        with closing(rows):
            for strategy, shape, state, reason, at_ns in rows:
                yield Ended(strategy, shape, states[state], reason, at_ns)

    def moves(self, since_ns: int) -> Iterator[AttemptAdvanced | GateChanged]:
        """What attempts and the gate did since a time of the wall clock, oldest first."""
        rows = self._each(
            "SELECT payload FROM event WHERE type IN ('AttemptAdvanced', 'GateChanged') AND at_ns >= ? ORDER BY id",
            since_ns,
        )
        with closing(rows):
            for (payload,) in rows:
                yield self._decoded(payload, _MOVE)

    def pauses(self) -> tuple[GateChanged, ...]:
        """What the gate did since it was last armed or resumed, oldest first."""
        found: list[GateChanged] = []
        with closing(self._each("SELECT payload FROM event WHERE type = 'GateChanged' ORDER BY id DESC")) as rows:
            for (payload,) in rows:
                event = self._decoded(payload, _GATE)
                if event.state == GateState.ARMED.value:
                    break
                found.append(event)
        return tuple(reversed(found))

    def counts(self) -> dict[tuple[str, AttemptState], int]:
        """Number of attempts by chain and state."""
        rows = self._all("SELECT chain, state, count(*) AS n FROM attempt GROUP BY chain, state", ())
        return {(row["chain"], AttemptState(row["state"])): row["n"] for row in rows}

    def days(self, limit: int = 366) -> tuple[DayResult, ...]:
        """Results by day and asset, newest day first."""
        rows = self._all("SELECT * FROM day_result ORDER BY day DESC, asset LIMIT ?", (limit,))
        return tuple(
            DayResult(
                day=row["day"], asset=row["asset"], landed=row["landed"], reverted=row["reverted"],
                predicted=int(row["predicted"]), realized=int(row["realized"]),
            )
            for row in rows
        )  # fmt: skip

    def runs(self, limit: int = 20) -> tuple[RunRecord, ...]:
        """Newest first."""
        rows = self._all("SELECT * FROM run ORDER BY id DESC LIMIT ?", (limit,))
        return tuple(RunRecord(**dict(row)) for row in rows)

    def _all(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        return list(self._each(sql, *values))

    def _decoded(self, payload: str, decoder: msgspec.json.Decoder[_T]) -> _T:
        try:
            return decoder.decode(payload)
        except msgspec.DecodeError as error:
            raise LedgerError("L102", f"{self._path}: an event cannot be read: {error}") from error

    def _each(self, sql: str, *values: Any) -> Generator[sqlite3.Row]:
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise ledger_error(error, self._path) from error


def _may_have_left(row: sqlite3.Row) -> bool:
    return bool(row["intended"]) or AttemptState(row["state"]) in (AttemptState.SENT, AttemptState.UNKNOWN)
