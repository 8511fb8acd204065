"""Start and stop the embedded EVM chain: anvil, the world, relay and builder, traffic."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from hoploop.errors import LocalError
from hoploop.local.artifacts import PackageCache, Progress, cache_root
from hoploop.local.evm.addresses import check_world
from hoploop.local.evm.anvil import LONGEST_IPC_PATH, claim_socket, start_anvil
from hoploop.local.evm.packages import ArtifactStore, PackageTable, find_anvil
from hoploop.local.evm.rpc import IpcClient
from hoploop.local.evm.world import build_world
from hoploop.local.process import ChildProcess, child_env
from hoploop.local.running import RunningChain

CHAIN_ID = 31337

_READY_S = 30.0


async def start(
    *, workdir: Path, chain_id: int, seed: int, block_ms: int, traffic: bool, progress: Progress
) -> RunningChain:
    """Start the whole chain in `workdir` (logs, socket); LocalError X… when it cannot be, with nothing left running.

    A block comes every `block_ms`; `seed` fixes the traffic. The first start fetches packages, later ones need no
    network. `extras["flashbots"]` is the relay's URL.
    """
    async with AsyncExitStack() as stack:
        run, sockets = _folders(workdir, stack)
        node, ipc = sockets / "anvil.ipc", sockets / "chain.ipc"
        claim_socket(ipc)
        anvil, store = await asyncio.to_thread(_artifacts, progress)
        progress("starting anvil")
        child = await start_anvil(anvil, run=run, ipc=node, chain_id=chain_id)
        stack.callback(node.unlink, missing_ok=True)
        children = [_push(stack, child)]
        progress("deploying the world")
        check_world(await deploy(node, store))
        options = ("--anvil", str(node), "--ipc", str(ipc), "--block-ms", str(block_ms))
        relay = await _helper("relay", run, *options)
        stack.callback(ipc.unlink, missing_ok=True)
        children.append(_push(stack, relay))
        url = (await relay.ready(run / "relay.ready", timeout_s=_READY_S)).decode()
        if traffic:
            trader = await _helper("traffic", run, "--ipc", str(ipc), "--seed", str(seed), "--chain-id", str(chain_id))
            children.append(_push(stack, trader))
            await trader.ready(run / "traffic.ready", timeout_s=_READY_S)
        progress(f"EVM chain {chain_id} is up")
        return RunningChain(
            endpoint=f"ipc:{ipc}",
            extras={"flashbots": url},
            pids=tuple(child.pid for child in children),
            stop=_once(stack.pop_all().aclose),
        )


async def deploy(ipc: Path, store: ArtifactStore) -> dict[str, str]:
    """Build the world on a fresh anvil; LocalError when the node fails it."""
    rpc = await IpcClient.connect(ipc)
    try:
        addresses = await build_world(rpc, store)
        # As on real chains no two blocks share a timestamp: what a swap costs is then known before its block is.
        await rpc.call("anvil_setBlockTimestampInterval", 1)
        return addresses
    except (OSError, TimeoutError) as error:
        raise LocalError("X111", f"anvil went away during deployment: {error}") from error
    finally:
        await rpc.close()


def _artifacts(progress: Progress) -> tuple[Path, ArtifactStore]:
    cache, table = PackageCache(cache_root(), progress), PackageTable.load()
    store = ArtifactStore(cache, table)
    store.ensure()
    return find_anvil(cache, table), store


def _folders(workdir: Path, stack: AsyncExitStack) -> tuple[Path, Path]:
    """(run folder, folder of the sockets): where a socket's path would be too long, a temporary folder."""
    run = workdir.absolute()
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    if len(os.fsencode(run / "chain.ipc")) <= LONGEST_IPC_PATH:
        return run, run
    short = Path(tempfile.mkdtemp(prefix="hoploop-"))
    stack.callback(shutil.rmtree, short, ignore_errors=True)
    return run, short


async def _helper(name: str, run: Path, *options: str) -> ChildProcess:
    ready = run / f"{name}.ready"
    ready.unlink(missing_ok=True)
    argv = [sys.executable, "-m", f"hoploop.local.evm.{name}", *options, "--ready", str(ready)]
    env = child_env(run) | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return await ChildProcess.start(name, argv, log=run / f"{name}.log", env=env, cwd=run)


def _push(stack: AsyncExitStack, child: ChildProcess) -> ChildProcess:
    stack.push_async_callback(child.stop)
    return child


def _once(close: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Closing an emptied stack again does nothing, so a second call is harmless."""

    async def stop() -> None:
        await close()

    return stop
