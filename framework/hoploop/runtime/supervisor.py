"""The supervisor: the only place that makes tasks, and the only one that catches everything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from hoploop.errors import HoploopError

Failed = Callable[[str, BaseException], None]


class _StopInner(Exception):
    """Ends the inner group from inside."""


class Supervisor:
    """Two nested task groups: the inner one looks and sends, the outer one settles and serves.

    Cancelling the inner group stops everything that could lead to new bytes; attempts already under way
    live in the outer group and are followed to their end or to the deadline.
    """

    def __init__(self, on_failure: Failed, *, drain_s: float) -> None:
        self._on_failure = on_failure
        self._drain_s = drain_s
        self._log = structlog.get_logger("supervisor")
        self._outer: asyncio.TaskGroup | None = None
        self._inner: asyncio.TaskGroup | None = None
        self._attempts: set[asyncio.Task[None]] = set()
        self._services: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()
        self._now = asyncio.Event()

    def stop(self) -> None:
        """End the inner group, then drain. Again: do not wait for what is in flight."""
        if self._stop.is_set():
            self._now.set()
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """True once `stop` was called."""
        return self._stop.is_set()

    async def run(self, services: Callable[[], Awaitable[None]], workers: Callable[[], Awaitable[None]]) -> None:
        """Start `services` (outer), then `workers` (inner); return when stopped and drained.

        What the two raise themselves, before anything runs, is raised as it is.
        """
        try:
            await self._run(services, workers)
        except BaseExceptionGroup as group:
            raise _first(group) from None

    async def _run(self, services: Callable[[], Awaitable[None]], workers: Callable[[], Awaitable[None]]) -> None:
        async with asyncio.TaskGroup() as outer:
            self._outer = outer
            try:
                await services()
                await self._run_inner(workers)
                await self._drain()
            finally:
                for task in self._services | self._attempts:
                    task.cancel()

    def spawn(self, coro: Coroutine[Any, Any, None], name: str) -> None:
        """An attempt: outer group, followed to its end when draining."""
        self._keep(self._outer, coro, name, self._attempts)

    def serve(self, coro: Coroutine[Any, Any, None], name: str) -> None:
        """A service: outer group, ended after draining."""
        self._keep(self._outer, coro, name, self._services)

    def work(self, coro: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """A worker: inner group, ended at once by `stop`. The task may be cancelled."""
        return self._keep(self._inner, coro, name, None)

    def _keep(
        self,
        group: asyncio.TaskGroup | None,
        coro: Coroutine[Any, Any, None],
        name: str,
        kept: set[asyncio.Task[None]] | None,
    ) -> asyncio.Task[None]:
        if group is None:
            coro.close()
            raise RuntimeError(f"{name}: the supervisor is not running")
        task = group.create_task(self._guard(coro, name), name=name)
        if kept is not None:
            kept.add(task)
            task.add_done_callback(kept.discard)
        return task

    async def _guard(self, coro: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await coro
        except asyncio.CancelledError:
            raise
        except HoploopError as error:
            self._log.error("failed", task=name, code=error.code, message=error.message)
            self._on_failure(name, error)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - the one broad handler: a crash closes the gate, a Rust panic too
            self._log.error("crashed", task=name, exc_info=error)
            self._on_failure(name, error)

    async def _run_inner(self, workers: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.TaskGroup() as inner:
                self._inner = inner
                inner.create_task(self._end_inner(), name="stop")
                await workers()
        except* _StopInner:
            pass
        finally:
            self._inner = None

    async def _end_inner(self) -> None:
        await self._stop.wait()
        raise _StopInner

    async def _drain(self) -> None:
        """Wait for attempts, at most `drain_s`, or until `stop` is called a second time."""
        if not self._attempts:
            return
        self._log.info("draining", attempts=len(self._attempts))
        attempts = asyncio.ensure_future(asyncio.wait(set(self._attempts), timeout=self._drain_s))
        hurry = asyncio.ensure_future(self._now.wait())
        await asyncio.wait({attempts, hurry}, return_when=asyncio.FIRST_COMPLETED)
        for waiter in (attempts, hurry):
            waiter.cancel()


def _first(error: BaseException) -> BaseException:
    """Tasks are guarded: a group holds what its own body raised, and nothing else."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
