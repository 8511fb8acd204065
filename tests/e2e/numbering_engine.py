"""`hoploop run` that also notes the number of every event the ledger need not keep: one that is in neither was lost."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, TextIO

from hoploop.cli.main import run
from hoploop.model.events import Event
from hoploop.runtime import bus, engine


def arrange(notes: TextIO) -> None:
    """Listen at every bus from its start on."""

    class Noting(bus.Tap):
        def push(self, event: Event) -> None:
            if isinstance(event, bus._LOSSY):
                notes.write(f"{event.seq}\n")

    class Noted(bus.Bus):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._taps.add(Noting(0))

    engine.Bus = Noted  # type: ignore[misc]


if __name__ == "__main__":
    with open(Path(os.environ["EVENT_NUMBERS"]), "w", encoding="ascii") as notes:
        arrange(notes)
        code = run(["run", *sys.argv[1:]])
    sys.exit(code)
