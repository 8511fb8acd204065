"""Launcher that ties a program to the life of the process that asked for it; run as a file, imports nothing of ours.

`python -I -S _guard.py PARENT_PID PROGRAM ARG…`. On Linux the kernel sends SIGKILL to the program when its parent ends
(`PR_SET_PDEATHSIG` survives exec). Elsewhere this process stays as a watcher in the same process group.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1
_WATCH_S = 0.25


def main(argv: list[str]) -> int:
    """Become, or watch over, the program."""
    parent, program = int(argv[1]), argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the request took hold
            return 1
        os.execv(program[0], program)
    return _watch(parent, program)


def _watch(parent: int, program: list[str]) -> int:
    child = subprocess.Popen(program)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while (code := child.poll()) is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(_WATCH_S)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv))
