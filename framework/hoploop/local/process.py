"""Child processes of the embedded chains: started with a clean environment, watched, logged, ended with us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

from hoploop.errors import LocalError

_GUARD = Path(__file__).with_name("_guard.py")
_KEPT = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "TMPDIR", "TZ")
_POLL_S = 0.005
_TAIL_BYTES = 2_000
_KILL_WAIT_S = 5.0


class ChildProcess:
    """One running program in a session of its own, output in `log`; it is killed by the system when we end.

    A terminal's Ctrl-C does not reach it, so the engine can still settle on the chain it talks to.
    Make it with `start`; `stop` is idempotent and leaves no process of the group behind.
    """

    def __init__(self, name: str, process: Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process
        self._stopped = False

    @classmethod
    async def start(
        cls, name: str, argv: Sequence[str | Path], *, log: Path, env: Mapping[str, str], cwd: Path | None = None
    ) -> ChildProcess:
        """Start `argv` (its first word found on `env["PATH"]`); X001 when there is no such program."""
        program = shutil.which(str(argv[0]), path=env.get("PATH", ""))
        if program is None:
            raise LocalError("X001", f"{name}: no program {argv[0]}")
        guarded = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), program, *map(str, argv[1:])]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *guarded, stdin=DEVNULL, stdout=out, stderr=STDOUT, env=dict(env), cwd=cwd, start_new_session=True
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """False once it has ended."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        return await self._process.wait()

    async def ready(self, path: Path, *, timeout_s: float) -> bytes:
        """Wait until it has written `path` (by rename) and return the content; X002 when it ends, X003 when late."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while (content := _content(path)) is None:
            self.check()
            if asyncio.get_running_loop().time() > deadline:
                raise LocalError("X003", f"{self.name} is not ready after {timeout_s:g} s: {self.tail()}")
            await asyncio.sleep(_POLL_S)
        return content

    def check(self) -> None:
        """Raise X002, with the end of the log, when it is no longer running."""
        if not self.alive:
            raise LocalError("X002", f"{self.name} ended with {self._process.returncode}: {self.tail()}")

    def tail(self) -> str:
        """The last lines of its log, on one line."""
        try:
            text = self.log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace")
        except OSError:
            return "(no log)"
        return " | ".join(text.strip().splitlines()[-8:]) or "(empty log)"

    async def stop(self, *, grace_s: float = 2.0) -> None:
        """Ask it to end, wait `grace_s`, then kill whatever of its group is left."""
        if self._stopped:  # its group id may belong to someone else by now
            return
        self._stopped = True
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), grace_s)
        self._signal(signal.SIGKILL)
        await asyncio.wait_for(self._process.wait(), _KILL_WAIT_S)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def child_env(home: Path) -> dict[str, str]:
    """Environment of a child: paths and locale only, so that no secret of ours is passed on; HOME is `home`."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"HOME": str(home)}


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def announce(path: Path, content: bytes) -> None:
    """Write a ready file in one step; the child's side of `ChildProcess.ready`."""
    scratch = path.with_suffix(".tmp")
    scratch.write_bytes(content)
    scratch.rename(path)
