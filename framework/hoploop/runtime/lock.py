"""One engine a state folder: an advisory lock that dies with its process, and a socket path that is free."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType

from hoploop.errors import ControlError
from hoploop.runtime.paths import StatePaths


class EngineLock:
    """Held while an engine runs. The kernel drops it when the process dies, so a stale file never blocks."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._fd = -1

    def __enter__(self) -> EngineLock:
        try:
            self._fd = os.open(self._paths.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ControlError("G206", f"{self._paths.lock}: {error.strerror}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._fd, 32, 0).decode("ascii", "replace").strip()
            os.close(self._fd)
            raise ControlError("G203", f"{self._paths.folder} is held by process {holder or 'unknown'}") from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)


def clear_stale_socket(path: Path) -> None:
    """Remove a socket nobody listens on; ControlError when somebody does, or when it is not a socket."""
    if not path.exists():
        return
    if not path.is_socket():
        raise ControlError("G206", f"{path} exists and is not a socket")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(os.fspath(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise ControlError("G203", f"{path} is in use")
