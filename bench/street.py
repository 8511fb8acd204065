"""Update bytes to a signed transaction through the engine's own market and builder; one JSON line a measurement.

The demo's recipe on its recorded market: `hoploop_python` fills templates, `python_objects` composes each transaction
from its steps and signs with the wallets' libraries. Both must give the same bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

import hoploop_evm
import hoploop_solana
from hoploop.engine.build import Built
from hoploop.model.market import PoolSpec, RawUpdate
from hoploop.plugin.kinds import Updates
from hoploop.plugin.registry import Registry
from hoploop.recipe.load import Pipeline
from hoploop.recipe.plan import ChainPlan, Plan
from hoploop.recipe.source import read_source
from hoploop.rehearsal.node import Replay
from hoploop.rehearsal.play import staged
from hoploop.rehearsal.stage import Stage
from hoploop.rehearsal.tape import read_tape, tape_path
from hoploop.runtime import wiring

RECIPE = Path(__file__).resolve().parent.parent / "recipes/paper/two_chains.yaml"
REGISTRY = Registry((*hoploop_evm.connectors(), *hoploop_solana.connectors()))
CALLS = 100 if os.environ.get("HOPLOOP_BENCH_QUICK") else 1_000
SEQS = count(1 << 50)


class Runner:
    """One chain, and one pool of it that jumps."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self._composer = stage, stage._kit.composer
        pools = [pool for pool in stage.market.pools.values() if pool.decoder != "uniswap_v3"]
        self._pool = pools[0]
        held = stage.market._native.pool_state(stage.market._pool_ids[self._pool.id])
        self._reserves = int(held["reserve0"]), int(held["reserve1"])

    def updates(self, number: int) -> Updates:
        """Worth a trade; no two the same."""
        reserve0, reserve1 = self._reserves
        return Updates(at_ns=0, number=0, items=(_update(self._pool, reserve0 * 105 // 100 + number, reserve1),))

    def built(self, updates: Updates) -> Built:
        """The best candidate's transaction."""
        found = self.stage.market.apply(updates)[0]
        strategy = self.stage.market.strategies[found.strategy]
        route = self.stage.routes[strategy.routes[0]]
        return self.stage._builder.build(found, strategy, route.terms(), 0)

    def forget(self, built: Built) -> None:
        """Let the next transaction have the same nonce, or the same number."""
        self.stage._builder.release(built)
        if hasattr(self._composer, "_composed"):
            self._composer._composed = 0


def _update(pool: PoolSpec, reserve0: int, reserve1: int) -> RawUpdate:
    data = reserve0.to_bytes(32, "big") + reserve1.to_bytes(32, "big")
    if pool.decoder == "hoploop_amm":
        fee = pool.fee_num.to_bytes(4, "little") + pool.fee_den.to_bytes(4, "little")
        reserves = reserve0.to_bytes(8, "little") + reserve1.to_bytes(8, "little")
        data = b"HOPAMM01" + fee + b"\xff" + bytes(135) + reserves + bytes(8)
    return RawUpdate(pool.doors[0], next(SEQS), data)


def measure(runner: Runner, chain: str, who: str, wanted: list[Built]) -> list[Built]:
    """Time every payload to its signed transaction; those of the other runner must be the same."""
    made, took = [], []
    runner.forget(runner.built(runner.updates(CALLS)))
    for number in range(CALLS):
        updates = runner.updates(number)
        start = time.perf_counter_ns()
        built = runner.built(updates)
        took.append(time.perf_counter_ns() - start)
        runner.forget(built)
        made.append(built)
    assert not wanted or [one.tx for one in made] == [one.tx for one in wanted]
    took.sort()
    figures = {"p50": took[CALLS // 2], "p99": took[CALLS * 99 // 100]}
    print(json.dumps({"name": f"payload_signed_{chain}", "who": who, **figures, "n": CALLS, "exact": True}))
    return made


async def stage_of(plan: Plan, chain: ChainPlan, stack: AsyncExitStack) -> Runner:
    replay = Replay(read_tape(tape_path(RECIPE)).chains[chain.id].answers)
    stage = await stack.enter_async_context(staged(plan, chain, REGISTRY, replay.ask))
    await stage.prepare()
    return Runner(stage)


async def main() -> int:
    plan = Pipeline(REGISTRY, {}).inspect(read_source(RECIPE, RECIPE.name)).plan
    assert plan is not None
    signing: Callable[..., Any] = wiring.NativeSigning
    async with AsyncExitStack() as stack:
        for chain in plan.chains:
            native = await stage_of(plan, chain, stack)
            wiring.NativeSigning = lambda _: None  # type: ignore[assignment,misc]
            plain = await stage_of(plan, chain, stack)
            wiring.NativeSigning = signing  # type: ignore[misc]
            name = {"evm": "evm", "solana": "sol"}[chain.family]
            measure(plain, name, "python_objects", measure(native, name, "hoploop_python", []))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
