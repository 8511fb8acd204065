"""A book that cannot be trusted is refused with a code, and is left as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hoploop.errors import LedgerError
from hoploop.ledger.database import APPLICATION_ID, VERSION, open_to_read, open_to_write, set_aside
from hoploop.ledger.reader import Reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def pragma(path: Path, name: str) -> int:
    db = sqlite3.connect(path)
    value = int(db.execute(f"PRAGMA {name}").fetchone()[0])
    db.close()
    return value


def set_version(path: Path, version: int) -> None:
    open_to_write(path).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version={version}")
    db.close()


def test_a_new_book_carries_our_mark_and_version(path: Path) -> None:
    open_to_write(path).close()
    assert (pragma(path, "application_id"), pragma(path, "user_version")) == (APPLICATION_ID, VERSION)


def test_opening_twice_changes_nothing(path: Path) -> None:
    open_to_write(path).close()
    before = path.read_bytes()
    open_to_write(path).close()
    assert path.read_bytes() == before


def test_a_book_of_a_newer_version_is_refused_untouched(path: Path) -> None:
    set_version(path, VERSION + 1)
    before = path.read_bytes()
    with pytest.raises(LedgerError) as refusal:
        open_to_write(path)
    assert refusal.value.code == "L101"
    assert refusal.value.exit_code == 74
    assert path.read_bytes() == before


def test_an_older_book_is_migrated_and_a_copy_kept(path: Path) -> None:
    open_to_write(path).close()
    migrations = {VERSION: "ALTER TABLE run ADD COLUMN note TEXT;"}
    db = open_to_write(path, version=VERSION + 1, migrations=migrations)
    assert "note" in {row[1] for row in db.execute("PRAGMA table_info(run)")}
    db.close()
    assert pragma(path, "user_version") == VERSION + 1
    assert pragma(path.with_name(f"ledger.db.v{VERSION}"), "user_version") == VERSION


def test_a_migration_that_fails_leaves_the_old_book(path: Path) -> None:
    open_to_write(path).close()
    migrations = {VERSION: "ALTER TABLE run ADD COLUMN note TEXT; INSERT INTO nowhere VALUES (1);"}
    with pytest.raises(LedgerError):
        open_to_write(path, version=VERSION + 1, migrations=migrations)
    assert pragma(path, "user_version") == VERSION
    db = open_to_read(path)
    assert "note" not in {row[1] for row in db.execute("PRAGMA table_info(run)")}
    db.close()


def test_a_file_of_garbage_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(LedgerError) as refusal:
        open_to_write(path)
    assert refusal.value.code == "L102"


def test_a_damaged_page_is_found_before_anything_is_written(path: Path) -> None:
    open_to_write(path).close()
    raw = bytearray(path.read_bytes())
    raw[4096:8192] = b"\xff" * 4096
    path.write_bytes(raw)
    with pytest.raises(LedgerError) as refusal:
        open_to_write(path)
    assert refusal.value.code == "L102"
    assert path.read_bytes() == raw


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(LedgerError) as refusal:
        open_to_write(path)
    assert refusal.value.code == "L104"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as refusal:
        open_to_write(tmp_path / "missing" / "ledger.db")
    assert refusal.value.code == "L103"


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LedgerError) as refusal:
        open_to_write(tmp_path / "file" / "ledger.db")
    assert refusal.value.code == "L103"


def test_a_book_that_cannot_be_written_is_refused(path: Path) -> None:
    def read_only(where: Path, mode: str) -> sqlite3.Connection:
        """What a folder without write permission amounts to, whoever runs the test."""
        if not where.exists():
            sqlite3.connect(where).close()
        return sqlite3.connect(f"file:{where}?mode=ro", uri=True, isolation_level=None)

    with pytest.raises(LedgerError) as refusal:
        open_to_write(path, connect=read_only)
    assert refusal.value.code == "L103"


def test_an_empty_file_becomes_a_book(path: Path) -> None:
    path.touch()
    open_to_write(path).close()
    assert pragma(path, "user_version") == VERSION


def test_reading_a_book_that_is_not_there_says_so(path: Path) -> None:
    with pytest.raises(LedgerError) as refusal:
        Reader(path)
    assert refusal.value.code == "L103"
    assert not path.exists()


def test_a_reader_cannot_write(path: Path) -> None:
    open_to_write(path).close()
    db = open_to_read(path)
    with pytest.raises(sqlite3.OperationalError):
        db.execute("INSERT INTO run (started_ns) VALUES (1)")
    db.close()


def test_a_path_with_odd_characters_is_one_file(tmp_path: Path) -> None:
    odd = tmp_path / "a?mode=ro#%20 b.db"
    open_to_write(odd).close()
    assert odd.exists()


def test_a_book_set_aside_leaves_room_for_a_new_one(path: Path) -> None:
    set_version(path, VERSION + 1)
    assert set_aside(path, "old") == path.with_name("ledger.db.old")
    open_to_write(path).close()
    assert pragma(path, "user_version") == VERSION


def test_setting_aside_nothing_is_fine(path: Path) -> None:
    assert set_aside(path, "old") is None
