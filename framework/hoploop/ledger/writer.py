"""The ledger's one writer: a thread that commits events in batches, and an intent before anyone goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

import msgspec

from hoploop.errors import LedgerError
from hoploop.ledger import project
from hoploop.ledger.database import Connect, connect, ledger_error, open_to_write
from hoploop.ledger.losses import DayLosses
from hoploop.model.attempts import Attempt
from hoploop.model.events import AttemptAdvanced, AttemptIntended, Event, RunEnded, RunStarted

OnFailure = Callable[[LedgerError], None]
"""Called once, from the writer's thread or the caller's of `record`: must be thread-safe. It closes the gate."""

LIMIT = 20_000
_BATCH = 512


class _Entry(NamedTuple):
    event: Event
    done: Future[None] | None
    """Set for an intent: it is waited for."""


class Writer:
    """The engine's `Book`, and the bus's sink. After the first failure nothing more is written: the gate is closed,
    and recovery at the next start asks the chains for what is missing here.
    """

    def __init__(
        self, db: sqlite3.Connection, path: Path, *,
        wall_ns: Callable[[], int], on_failure: OnFailure, limit: int = LIMIT,
    ) -> None:
        self._db, self._path = db, path
        self._wall_ns, self._on_failure, self._limit = wall_ns, on_failure, limit
        self._queue: SimpleQueue[_Entry | None] = SimpleQueue()
        self._failure: LedgerError | None = None
        self._closed = False
        self._losses = DayLosses(db, wall_ns)
        self._last_id = int(db.execute("SELECT ifnull(max(id), 0) FROM attempt").fetchone()[0])
        self._run = self._begin_run()
        self._thread = Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    @classmethod
    def open(
        cls, path: Path, *,
        wall_ns: Callable[[], int], on_failure: OnFailure, limit: int = LIMIT, connect: Connect = connect,
    ) -> Writer:
        """Open or create the book at `path` and start writing; LedgerError when it cannot be trusted or used."""
        db = open_to_write(path, connect=connect)
        try:
            return cls(db, path, wall_ns=wall_ns, on_failure=on_failure, limit=limit)
        except sqlite3.Error as error:
            db.close()
            raise ledger_error(error, path) from error

    @property
    def failure(self) -> LedgerError | None:
        """Why nothing is written any more."""
        return self._failure

    def record(self, event: Event) -> None:
        """Queue an event; never blocks and never raises. Past the limit the ledger fails instead of losing one."""
        if self._failure is not None or self._closed:
            return
        self._losses.take(event)
        if self._queue.qsize() >= self._limit:
            self._fail(LedgerError("L106", f"{self._path}: {self._limit} events wait to be written"))
            return
        self._queue.put(_Entry(event, None))

    async def intend(self, attempt: Attempt) -> None:
        """Return once this intent, and every event before it, is on disk; LedgerError otherwise."""
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise LedgerError("L107", f"intent of attempt {attempt.id} after closing")
        done: Future[None] = Future()
        event = AttemptIntended(at_ns=self._wall_ns(), cause=attempt.cause, attempt=attempt)
        self._queue.put(_Entry(event, done))
        await asyncio.wrap_future(done)

    def next_attempt_id(self) -> int:
        """A number no attempt of this book has."""
        self._last_id += 1
        return self._last_id

    def lost_today(self, asset: str) -> int:
        """Net loss of the UTC day in base units, network fees and tips included; 0 when in profit."""
        return self._losses.lost(asset)

    def fees_today(self, asset: str) -> int:
        """Network fees and tips of the UTC day in base units of the wrapped native asset."""
        return self._losses.fees(asset)

    def close(self) -> None:
        """Write what waits and close the file; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _begin_run(self) -> int:
        cursor = self._db.execute("INSERT INTO run (started_ns) VALUES (?)", (self._wall_ns(),))
        return int(cursor.lastrowid or 0)

    def _work(self) -> None:
        more = True
        try:
            while more:
                batch, more = self._take()
                error = self._failure or self._commit(batch)
                for entry in batch:
                    _answer(entry.done, error)
        finally:
            if more:
                self._fail(LedgerError("L105", f"{self._path}: the writer crashed"))
            self._db.close()

    def _take(self) -> tuple[list[_Entry], bool]:
        """Wait for one entry, then take what else is there; False when closing."""
        batch: list[_Entry] = []
        entry = self._queue.get()
        while entry is not None:
            if entry.done is None or entry.done.set_running_or_notify_cancel():
                batch.append(entry)
            if len(batch) >= _BATCH:
                return batch, True
            try:
                entry = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _commit(self, batch: list[_Entry]) -> LedgerError | None:
        """One transaction; forced to disk when an intent is in it. The error when it could not be written."""
        level = "NORMAL" if all(entry.done is None for entry in batch) else "FULL"
        try:
            self._db.execute(f"PRAGMA synchronous={level}")
            self._db.execute("BEGIN IMMEDIATE")
            for entry in batch:
                self._write(entry.event)
            self._db.execute("COMMIT")
        except (sqlite3.Error, OverflowError) as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            return self._fail(_named(error, self._path))
        return None

    def _write(self, event: Event) -> None:
        attempt = event.attempt.id if isinstance(event, AttemptAdvanced | AttemptIntended) else None
        self._db.execute(
            "INSERT INTO event (run, seq, at_ns, cause, type, attempt, payload) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self._run, event.seq, event.at_ns, event.cause, type(event).__name__, attempt,
                msgspec.json.encode(event).decode(),
            ),
        )  # fmt: skip
        project.apply(self._db, event)
        if isinstance(event, RunStarted):
            names = "recipe=?, fingerprint=?, mode=?, version=?"
            values = (event.recipe, event.fingerprint, event.mode, event.version, self._run)
            self._db.execute(f"UPDATE run SET {names} WHERE id=?", values)
        elif isinstance(event, RunEnded):
            ended = (event.at_ns, event.reason, self._run)
            self._db.execute("UPDATE run SET ended_ns=?, end_reason=? WHERE id=?", ended)

    def _fail(self, error: LedgerError) -> LedgerError:
        if self._failure is None:
            self._failure = error
            self._on_failure(error)
        return error


def _answer(done: Future[None] | None, error: LedgerError | None) -> None:
    if done is None:
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _named(error: sqlite3.Error | OverflowError, path: Path) -> LedgerError:
    """An OverflowError is a number from outside that does not fit 64 bits where one should."""
    if isinstance(error, sqlite3.Error):
        return ledger_error(error, path)
    return LedgerError("L105", f"{path}: {error}")
