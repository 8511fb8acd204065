"""Runs one engine to its end in this process: event loop, signals, lock, log, deadline."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvloop

from hoploop.model.status import EngineStatus
from hoploop.plugin.registry import Registry
from hoploop.recipe.plan import Plan
from hoploop.runtime.engine import Engine
from hoploop.runtime.lock import EngineLock
from hoploop.runtime.logs import log_to
from hoploop.runtime.paths import StatePaths


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What `hoploop run` was asked beyond the recipe."""

    for_ms: int | None = None
    """Stop by itself after this long; None runs until told."""
    attach: Path | None = None
    """File of a running `hoploop local up` instead of starting embedded chains."""
    clear_trip: str = ""
    """Operator who clears the trip an earlier run left."""
    fresh: bool = False
    """Set an earlier book aside: the embedded chains it speaks of are gone."""


def host(
    plan: Plan, registry: Registry, paths: StatePaths, options: RunOptions, progress: Callable[[str], None]
) -> EngineStatus:
    """Run until stopped; the status as it was when the run ended. HoploopError when it cannot start."""
    paths.make()
    with EngineLock(paths):
        log_to(paths.log)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_main(plan, registry, paths, options, progress))


async def _main(
    plan: Plan, registry: Registry, paths: StatePaths, options: RunOptions, progress: Callable[[str], None]
) -> EngineStatus:
    engine = Engine(plan, registry, paths, options, progress)
    # Plain handlers, not loop ones: they run between two bytecodes even while the loop is busy.
    before = {
        signal.SIGUSR1: signal.signal(signal.SIGUSR1, lambda *_: engine.kill_from_signal("SIGUSR1")),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: engine.stop_from_signal("SIGTERM")),
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: engine.stop_from_signal("SIGINT")),
    }
    try:
        return await engine.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
