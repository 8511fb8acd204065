"""What is known about one error code."""

from __future__ import annotations

from typing import NamedTuple

# Exit codes of every command (sysexits.h where it has one).
OK, FINDINGS, USAGE, UNREACHABLE, BUG, IO_ERROR, INVALID = 0, 1, 64, 69, 70, 74, 78


class CodeInfo(NamedTuple):
    """Title and default hint of a code; `exit_code` is what a command ends with when it stops on it."""

    title: str
    hint: str
    exit_code: int = FINDINGS
