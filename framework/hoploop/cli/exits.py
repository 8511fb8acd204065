"""Turns whatever a command ends with into one message and one exit code; never a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TextIO

import click

from hoploop.codes import CODES
from hoploop.codes._info import BUG, FINDINGS, IO_ERROR, USAGE
from hoploop.errors import HoploopError, RecipeError
from hoploop.model.text import visible

TRACEBACK = "HOPLOOP_TRACEBACK"


class ExitCodes:
    """Context in which a command runs; `code` is what the process ends with.

    0 ok, 1 findings, 64 usage, 69 engine not reachable, 70 bug, 74 I/O, 78 recipe invalid at run, 130 interrupted.
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
    if isinstance(error, click.ClickException):
        with _heard_or_not():
            error.show()
        usage, file = isinstance(error, click.UsageError), isinstance(error, click.FileError)
        return USAGE if usage else IO_ERROR if file else FINDINGS
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return _say("interrupted", 130)
    if isinstance(error, HoploopError):
        return _say(f"error[{error.code}]: {_message(error)}\n  hint: {error.hint}", error.exit_code)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"error: {where}{error.strerror or type(error).__name__}", IO_ERROR)
    message = f"error[G501]: {CODES['G501'].title}: {type(error).__name__}"
    return _say(f"{message}\n  hint: {TRACEBACK}=1 shows where; {CODES['G501'].hint}", BUG)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Ends with 74, and without a word, when nobody reads what is printed any more, as in `hoploop schema | head`.

    Click itself would end with 1, which says that there are findings.
    """
    try:
        yield
    except BrokenPipeError:
        _drop(sys.stdout)
        raise click.exceptions.Exit(IO_ERROR) from None


@contextmanager
def _heard_or_not() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        _drop(sys.stderr)


def _drop(stream: TextIO) -> None:
    """What is still buffered has nowhere to go when the interpreter ends, which would then end with 120."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _message(error: HoploopError) -> str:
    """Of a recipe's names and files nothing is repeated that looks like a key."""
    if not isinstance(error, RecipeError):
        return error.message
    from hoploop.recipe.masking import hide_key_material

    return hide_key_material(error.message)


def _say(text: str, code: int) -> int:
    with _heard_or_not():
        click.echo("\n".join(map(visible, text.split("\n"))), err=True)
    return code
