"""`hoploop run` that kills itself with SIGKILL at a named step of its first attempt: a test double for power loss."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

from hoploop.cli.main import run
from hoploop.engine import attempt as attempts
from hoploop.engine.submit import Submitter
from hoploop.ledger.writer import Writer


def die(*_: Any, **__: Any) -> NoReturn:
    """As if the power went."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def arrange(point: str) -> None:
    """Replace the one step after (or before) which the process must die."""
    intend, send = Writer.intend, Submitter.send

    async def intend_then_die(self: Writer, record: Any) -> None:
        await intend(self, record)
        die()

    async def send_then_die(self: Submitter, *arguments: Any) -> Any:
        await send(self, *arguments)
        die()

    if point == "before_intent":
        Writer.intend = die  # type: ignore[method-assign]
    elif point == "after_intent":
        Writer.intend = intend_then_die  # type: ignore[method-assign]
    elif point == "after_send":
        Submitter.send = send_then_die  # type: ignore[method-assign]
    elif point == "before_settle":
        attempts.settlement = die
    else:
        raise SystemExit(f"unknown point {point!r}")


if __name__ == "__main__":
    arrange(os.environ["CRASH_AT"])
    sys.exit(run(["run", *sys.argv[1:]]))
