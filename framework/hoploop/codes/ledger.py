"""Error codes L…: ledger."""

from __future__ import annotations

from hoploop.codes._info import BUG, IO_ERROR, CodeInfo

CODES: dict[str, CodeInfo] = {
    "L101": CodeInfo(
        "the ledger was written by a newer version",
        "upgrade Hoploop, or use another --state-dir; the file was not touched",
        IO_ERROR,
    ),
    "L102": CodeInfo(
        "the ledger is damaged", "keep the file, restore a backup beside it, or use another --state-dir", IO_ERROR
    ),
    "L103": CodeInfo(
        "the ledger cannot be opened", "check that the folder exists, is yours, is writable and has room", IO_ERROR
    ),
    "L104": CodeInfo("the file is not a Hoploop ledger", "move it away or use another --state-dir", IO_ERROR),
    "L105": CodeInfo(
        "the ledger cannot be written", "free disk space or repair the disk; the gate was tripped", IO_ERROR
    ),
    "L106": CodeInfo("the ledger cannot keep up", "the disk is too slow; the gate was tripped", IO_ERROR),
    "L107": CodeInfo("the ledger is closed", "an event came after the engine ended; please report it", BUG),
}
