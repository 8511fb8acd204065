"""The anvil process: pinned rules, IPC only for us, no block without the builder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from pathlib import Path

from hoploop.errors import LocalError
from hoploop.local.evm.rpc import IpcClient
from hoploop.local.process import ChildProcess, child_env

HARDFORK = "prague"
GAS_LIMIT = 60_000_000
BASE_FEE = 1_000_000_000

# sockaddr_un holds 108 bytes on Linux, 104 on macOS, with a closing NUL.
LONGEST_IPC_PATH = 103
_READY_S = 20.0
_POLL_S = 0.005


async def start_anvil(binary: Path, *, run: Path, ipc: Path, chain_id: int) -> ChildProcess:
    """Start anvil with no mining and first-in-first-out ordering, ready to answer on `ipc`.

    LocalError X110 when another process serves there, X111 when the path is too long for a socket, X00x when it ends.
    """
    claim_socket(ipc)
    argv: list[str | Path] = [binary, "--host", "127.0.0.1", "--port", "0", "--ipc", ipc, "--no-mining"]
    argv += ["--order", "fifo", "--hardfork", HARDFORK, "--chain-id", str(chain_id), "--accounts", "1"]
    argv += ["--gas-limit", str(GAS_LIMIT), "--block-base-fee-per-gas", str(BASE_FEE), "--quiet"]
    argv += ["--prune-history", "256", "--transaction-block-keeper", "4096"]
    child = await ChildProcess.start("anvil", argv, log=run / "anvil.log", env=child_env(run), cwd=run)
    try:
        await _answering(child, ipc)
    except BaseException:
        await child.stop()
        raise
    return child


def claim_socket(path: Path) -> None:
    """Make a socket path free: remove a stale socket, refuse a live one or anything that is not a socket (X110)."""
    if len(os.fsencode(path)) > LONGEST_IPC_PATH:
        raise LocalError("X112", f"{path} has over {LONGEST_IPC_PATH} bytes")
    if not path.exists():
        return
    if not path.is_socket():
        raise LocalError("X110", f"{path} exists and is not a socket", hint="move that file away")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise LocalError("X110", f"{path}: {error.strerror}") from error
    raise LocalError("X110", f"another process serves {path}")


async def _answering(child: ChildProcess, ipc: Path) -> None:
    deadline = asyncio.get_running_loop().time() + _READY_S
    while asyncio.get_running_loop().time() < deadline:
        child.check()
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            client = await IpcClient.connect(ipc)
            await client.call("eth_chainId")
            await client.close()
            return
        await asyncio.sleep(_POLL_S)
    raise LocalError("X003", f"anvil is not ready after {_READY_S:g} s: {child.tail()}")
