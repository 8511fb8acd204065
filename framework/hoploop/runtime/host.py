"""Runs one engine to its end in this process: event loop, signals, lock, log, embedded chains."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from hoploop.ledger.database import set_aside
from hoploop.model.status import EngineStatus
from hoploop.plugin.registry import Registry
from hoploop.recipe.plan import Plan
from hoploop.recipe.propose import Loaded
from hoploop.runtime.engine import Engine
from hoploop.runtime.local_chains import LocalChains, Served, read_served
from hoploop.runtime.lock import EngineLock, clear_stale_socket
from hoploop.runtime.logs import log_to
from hoploop.runtime.options import RunOptions
from hoploop.runtime.paths import StatePaths

Progress = Callable[[str], None]
_KEPT_BOOKS = 5


def host(
    loaded: Loaded, registry: Registry, paths: StatePaths, options: RunOptions, progress: Progress
) -> EngineStatus:
    """Run until stopped; the status as it was when the run ended. HoploopError when it cannot start."""
    plan = loaded.plan
    paths.make()
    with EngineLock(paths):
        clear_stale_socket(paths.socket)
        log_to(paths.log)
        if plan.embedded and options.attach is None:
            _set_book_aside(paths)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_main(loaded, registry, paths, options, progress))


async def _main(
    loaded: Loaded, registry: Registry, paths: StatePaths, options: RunOptions, progress: Progress
) -> EngineStatus:
    async with _served(loaded.plan, options, progress) as served:
        engine = Engine(loaded, registry, paths, options, progress)
        # Plain handlers, not loop ones: they run between two bytecodes even while the loop is busy.
        before = {
            signal.SIGUSR1: signal.signal(signal.SIGUSR1, lambda *_: engine.kill_from_signal("SIGUSR1")),
            signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: engine.stop_from_signal("SIGTERM")),
            signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: engine.stop_from_signal("SIGINT")),
        }
        try:
            return await engine.run(served)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@asynccontextmanager
async def _served(plan: Plan, options: RunOptions, progress: Progress) -> AsyncIterator[dict[str, Served]]:
    if options.attach is not None:
        yield read_served(options.attach)
        return
    # A short folder: Unix socket paths hold about a hundred bytes.
    with tempfile.TemporaryDirectory(prefix="hoploop-") as folder:
        async with LocalChains(plan, Path(folder), progress) as served:
            yield dict(served)


def _set_book_aside(paths: StatePaths) -> None:
    """Embedded chains are new at every start: a book about ones that are gone could never be settled."""
    kept = sorted(paths.folder.glob(f"{paths.ledger.name}.earlier-[0-9]*[0-9]"))
    for old in kept[: max(0, len(kept) - _KEPT_BOOKS + 1)]:
        for file in paths.folder.glob(f"{old.name}*"):
            file.unlink()
    number = int(kept[-1].name.rpartition("-")[2]) + 1 if kept else 1
    set_aside(paths.ledger, f"earlier-{number:06d}")
