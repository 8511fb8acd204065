"""Starts the local Solana chain in a process of its own (LiteSVM holds the GIL) and waits until it serves."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from hoploop.errors import LocalError
from hoploop.local.process import ChildProcess, child_env
from hoploop.local.running import RunningChain
from hoploop.local.solana.node import Addresses, Failure

_READY_S = 30.0
_SOURCE_ROOT = Path(__file__).resolve().parents[3]


async def start(
    *, workdir: Path, seed: int, slot_ms: int, traffic: bool, world: str, progress: Callable[[str], None]
) -> RunningChain:
    """A chain on loopback with the default world (`world` empty) or the dumps in the folder `world`.

    Log and ready file lie in `workdir`. LocalError: X20x for a world that does not load, X00x when the process dies.
    """
    ready = _fresh(workdir)
    progress("starting LiteSVM")
    argv = _command(seed, slot_ms, traffic, world, ready)
    async with contextlib.AsyncExitStack() as undo:
        child = await ChildProcess.start("solana", argv, log=workdir / "solana.log", env=_env(workdir), cwd=workdir)
        undo.push_async_callback(child.stop)
        addresses = _answer(await child.ready(ready, timeout_s=_READY_S))
        undo.pop_all()
    progress(f"serving at {addresses.rpc}")
    return RunningChain(
        endpoint=addresses.rpc,
        extras={"ws": addresses.ws, "jito": addresses.jito},
        pids=(child.pid,),
        stop=child.stop,
    )


def _answer(content: bytes) -> Addresses:
    """What the child wrote: where it serves, or why it does not."""
    fields = msgspec.json.decode(content)
    if "code" in fields:
        failure = msgspec.convert(fields, Failure)
        raise LocalError(failure.code, failure.message)
    return msgspec.convert(fields, Addresses)


def _command(seed: int, slot_ms: int, traffic: bool, world: str, ready: Path) -> list[str]:
    argv = [
        sys.executable, "-m", "hoploop.local.solana", "--seed", str(seed), "--slot-ms", str(slot_ms),
        "--traffic" if traffic else "--no-traffic", "--port", "0", "--engine-port", "0", "--ready", str(ready),
    ]  # fmt: skip
    return [*argv, "--world", os.path.abspath(world)] if world else argv


def _fresh(workdir: Path) -> Path:
    """The ready file's path, without one of an earlier run."""
    workdir.mkdir(parents=True, exist_ok=True)
    ready = workdir / "solana.ready.json"
    ready.unlink(missing_ok=True)
    return ready


def _env(workdir: Path) -> dict[str, str]:
    """Clean environment in which the child finds this very package."""
    env = child_env(workdir)
    env["PYTHONPATH"] = str(_SOURCE_ROOT)
    return env
