"""Turns whatever a command ends with into one message and one exit code; never a traceback."""

from __future__ import annotations

import errno
import os
import traceback
from types import TracebackType

import click

from hoploop.codes import CODES
from hoploop.codes._info import BUG, FINDINGS, IO_ERROR, USAGE
from hoploop.errors import HoploopError
from hoploop.model.text import visible

TRACEBACK = "HOPLOOP_TRACEBACK"


class ExitCodes:
    """Context in which a command runs; `code` is what the process ends with.

    0 ok, 1 findings, 64 usage, 69 engine not reachable, 70 bug, 74 I/O, 78 recipe invalid at run.
    """

    def __init__(self) -> None:
        self.code = 0

    def __enter__(self) -> ExitCodes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or isinstance(error, (SystemExit, GeneratorExit)):
            return False
        self.code = _explain(error)
        if os.environ.get(TRACEBACK) and not isinstance(error, click.ClickException):
            traceback.print_exception(kind, error, trace)
        return True


def _explain(error: BaseException) -> int:
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.UsageError):
        error.show()
        return USAGE
    if isinstance(error, click.ClickException):
        error.show()
        return IO_ERROR if isinstance(error, click.FileError) else FINDINGS
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return _say("interrupted", 130)
    if isinstance(error, HoploopError):
        return _say(f"error[{error.code}]: {error.message}\n  hint: {error.hint}", error.exit_code)
    if isinstance(error, OSError):
        if error.errno == errno.EPIPE:
            return IO_ERROR
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"error: {where}{error.strerror or type(error).__name__}", IO_ERROR)
    message = f"error[G501]: {CODES['G501'].title}: {type(error).__name__}"
    return _say(f"{message}\n  hint: {TRACEBACK}=1 shows where; {CODES['G501'].hint}", BUG)


def _say(text: str, code: int) -> int:
    click.echo("\n".join(map(visible, text.split("\n"))), err=True)
    return code
