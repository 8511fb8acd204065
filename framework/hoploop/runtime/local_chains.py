"""Starts the embedded chains of a plan, or attaches to ones that `hoploop local up` keeps running."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from hoploop.errors import LocalError
from hoploop.local.running import RunningChain
from hoploop.recipe.plan import ChainPlan, Plan

Progress = Callable[[str], None]
_MAX_BYTES = 1 << 20


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Where one embedded chain is served; what `local up` writes to its file."""

    endpoint: str
    extras: dict[str, str]


class LocalChains:
    """Async context manager: the embedded chains of a plan, ended with it."""

    def __init__(self, plan: Plan, workdir: Path, progress: Progress) -> None:
        self._plan = plan
        self._workdir = workdir
        self._progress = progress
        self._running: list[RunningChain] = []

    async def __aenter__(self) -> Mapping[str, Served]:
        chains = [chain for chain in self._plan.chains if chain.embedded is not None]
        tasks: dict[str, asyncio.Task[RunningChain]] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for chain in chains:
                    tasks[chain.id] = group.create_task(_start(chain, self._workdir / chain.id, self._progress))
        except* LocalError as failed:
            await self._stop(task.result() for task in tasks.values() if _succeeded(task))
            raise failed.exceptions[0] from None
        self._running = [task.result() for task in tasks.values()]
        return {id: Served(endpoint=t.result().endpoint, extras=dict(t.result().extras)) for id, t in tasks.items()}

    async def __aexit__(self, *_: object) -> None:
        await self._stop(self._running)

    @property
    def pids(self) -> tuple[int, ...]:
        """Processes of all started chains."""
        return tuple(pid for chain in self._running for pid in chain.pids)

    @staticmethod
    async def _stop(chains: object) -> None:
        for chain in chains:  # type: ignore[attr-defined]
            await chain.stop()


def _succeeded(task: asyncio.Task[RunningChain]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


async def _start(chain: ChainPlan, workdir: Path, progress: Progress) -> RunningChain:
    # Imported here: a live recipe never needs the local chains' dependencies.
    assert chain.embedded is not None
    workdir.mkdir(parents=True, exist_ok=True)

    def tell(text: str) -> None:
        progress(f"{chain.id}: {text}")

    if chain.family == "evm":
        from hoploop.local import evm

        return await evm.start(
            workdir=workdir,
            chain_id=int(chain.identity),
            seed=chain.embedded.seed,
            block_ms=chain.embedded.block_ms,
            traffic=chain.embedded.traffic,
            progress=tell,
        )
    from hoploop.local import solana

    return await solana.start(
        workdir=workdir,
        seed=chain.embedded.seed,
        slot_ms=chain.embedded.block_ms,
        traffic=chain.embedded.traffic,
        world=os.path.abspath(chain.embedded.world) if chain.embedded.world else "",
        progress=tell,
    )


def read_served(path: Path) -> dict[str, Served]:
    """The chains a running `hoploop local up` serves."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MAX_BYTES), type=dict[str, Served])
    except OSError as error:
        raise LocalError("X108", f"{path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise LocalError("X108", f"{path}: {error}") from error


def write_served(path: Path, served: Mapping[str, Served]) -> None:
    """What `local up` tells engines that attach."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(dict(served)), indent=2) + b"\n")
