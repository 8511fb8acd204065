"""Watchers that close the gate: the kill file and the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from hoploop.engine.ports import Clock, GatePort

_KILL_FILE_PERIOD_S = 0.05
_CLOCK_PERIOD_S = 1
# Wall and monotonic clock apart by more than this between two looks: times in the book could not be trusted.
CLOCK_JUMP_NS = 5 * 1_000_000_000


async def watch_kill_file(path: Path, found: Callable[[], None]) -> None:
    """Call `found` once when the file appears. The gate looks by itself before bytes leave; this ends the rest."""
    while not path.exists():  # noqa: ASYNC110 - another process makes the file
        await asyncio.sleep(_KILL_FILE_PERIOD_S)
    found()


async def watch_clock(clock: Clock, gate: GatePort) -> None:
    """Trip when the wall clock jumps."""
    offset = clock.wall_ns() - clock.mono_ns()
    while True:
        await asyncio.sleep(_CLOCK_PERIOD_S)
        now = clock.wall_ns() - clock.mono_ns()
        if abs(now - offset) > CLOCK_JUMP_NS:
            gate.trip("clock_jump", "clock")
        offset = now
