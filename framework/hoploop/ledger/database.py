"""Opens the ledger's file: creates, checks, migrates, and names what is wrong with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from hoploop.errors import LedgerError

Connect = Callable[[Path, str], sqlite3.Connection]
"""(path, SQLite URI mode: `rwc` or `ro`)"""

# "HOPL": tells our file from any other SQLite file.
APPLICATION_ID = 0x484F504C
VERSION = 1
MIGRATIONS: Mapping[int, str] = {}
"""Version -> SQL that leads to the next one."""

_CODES = {
    sqlite3.SQLITE_CORRUPT: "L102",
    sqlite3.SQLITE_NOTADB: "L102",
    sqlite3.SQLITE_CANTOPEN: "L103",
    sqlite3.SQLITE_READONLY: "L103",
    sqlite3.SQLITE_PERM: "L103",
    sqlite3.SQLITE_AUTH: "L103",
}


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection in explicit transactions only; used by one thread at a time."""
    uri = f"file:{quote(str(path))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def open_to_write(
    path: Path, *, connect: Connect = connect, version: int = VERSION, migrations: Mapping[int, str] = MIGRATIONS
) -> sqlite3.Connection:
    """The book, created or migrated to `version`; LedgerError when it cannot be trusted or used.

    Nothing is written before an existing file has passed its checks. A migration leaves a copy `NAME.v<old>` beside it.
    """
    try:
        old = _checked_version(path, connect, version)
        db = connect(path, "rwc")
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA foreign_keys=ON")
            if old is None:
                _create(db, version)
            elif old < version:
                _migrate(db, path, old, version, migrations)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise ledger_error(error, path) from error
    return db


def open_to_read(path: Path, *, connect: Connect = connect) -> sqlite3.Connection:
    """The book as it is, never written to; LedgerError when there is none or it has another version."""
    try:
        if _checked_version(path, connect, VERSION) != VERSION:
            raise LedgerError("L103", f"{path}: no ledger of this version is here yet", hint="run the engine once")
        return connect(path, "ro")
    except sqlite3.Error as error:
        raise ledger_error(error, path) from error


def ledger_error(error: sqlite3.Error, path: Path, otherwise: str = "L105") -> LedgerError:
    """The LedgerError for what SQLite said."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    code = _CODES.get(primary, "L102" if type(error) is sqlite3.DatabaseError else otherwise)
    return LedgerError(code, f"{path}: {error}")


def set_aside(path: Path, label: str) -> Path | None:
    """Rename a book out of the way as `NAME.<label>`, its log files too; None when there is none."""
    if not path.exists():
        return None
    try:
        for suffix in ("-wal", "-shm", ""):
            old = path.with_name(path.name + suffix)
            if old.exists():
                old.rename(path.with_name(f"{path.name}.{label}{suffix}"))
    except OSError as error:
        raise LedgerError("L103", f"{path}: {error.strerror}") from error
    return path.with_name(f"{path.name}.{label}")


def _checked_version(path: Path, connect: Connect, newest: int) -> int | None:
    """Version of an existing, sound book; None when there is no file or an empty one."""
    try:
        if not path.exists() or path.stat().st_size == 0:
            return None
    except OSError as error:
        raise LedgerError("L103", f"{path}: {error.strerror}") from error
    db = connect(path, "ro")
    try:
        if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise LedgerError("L104", f"{path} is an SQLite file of something else")
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if version > newest:
            raise LedgerError("L101", f"{path} has version {version}, this Hoploop knows up to {newest}")
        verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise LedgerError("L102", f"{path}: {verdict}")
        return version
    finally:
        db.close()


def _create(db: sqlite3.Connection, version: int) -> None:
    schema = files(__package__).joinpath("schema.sql").read_text("utf-8")
    _run_whole(db, f"{schema}\nPRAGMA application_id={APPLICATION_ID};\nPRAGMA user_version={version};")


def _migrate(db: sqlite3.Connection, path: Path, old: int, new: int, migrations: Mapping[int, str]) -> None:
    copy = sqlite3.connect(path.with_name(f"{path.name}.v{old}"))
    try:
        db.backup(copy)
    finally:
        copy.close()
    steps = "\n".join(migrations[version] for version in range(old, new))
    _run_whole(db, f"{steps}\nPRAGMA user_version={new};")


def _run_whole(db: sqlite3.Connection, script: str) -> None:
    """All of it or nothing."""
    try:
        db.executescript(f"BEGIN IMMEDIATE;\n{script}\nCOMMIT;")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
