"""Plays a plan on its tape, or makes the tape."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack, aclosing

import msgspec

from hoploop.errors import ConnectorError, RecipeError
from hoploop.plugin.kinds import Gap, Updates
from hoploop.plugin.registry import Registry
from hoploop.recipe.plan import ChainPlan, Plan
from hoploop.rehearsal.node import Ask, Recorder, Replay, TapedNode
from hoploop.rehearsal.stage import Decision, Stage
from hoploop.rehearsal.tape import Batch, ChainTape, MarketTape, batch_of
from hoploop.runtime.local_chains import Served
from hoploop.runtime.wiring import Wiring

MAX_BATCHES = 2_000
_SCHEMES = {"evm": "ws", "solana": "http"}


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What happened on one chain."""

    chain: ChainPlan
    counts: Mapping[str, int]
    funds: Mapping[str, str]
    lendable: Mapping[tuple[str, str], int]
    decisions: tuple[Decision, ...]
    dropped: Mapping[str, int]


async def play(plan: Plan, tape: MarketTape, registry: Registry) -> tuple[Played, ...]:
    """Every chain of the plan on its recorded market. RecipeError R411 when the tape does not fit."""
    played = []
    for chain in plan.chains:
        if chain.id not in tape.chains:
            raise RecipeError("R411", f"the tape has no chain '{chain.id}'")
        recorded = tape.chains[chain.id]
        replay = Replay(recorded.answers)
        try:
            async with _staged(plan, chain, registry, replay.ask) as stage:
                played.append(_played(chain, stage, recorded.batches))
        except ConnectorError as error:
            missing = f"; not on the tape: {', '.join(sorted(set(replay.missing)))}" if replay.missing else ""
            raise RecipeError("R411", f"{chain.id}: {error}{missing}") from None
    return tuple(played)


async def record(plan: Plan, served: Mapping[str, Served], registry: Registry) -> MarketTape:
    """Listen to every chain until an opportunity comes up, and keep all that led to it."""
    chains = {}
    for chain in plan.chains:
        endpoint = served[chain.id].endpoint if chain.id in served else chain.endpoint
        recorder = Recorder(endpoint)
        live = Wiring(plan, registry, served)
        source = await live.chain(chain)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(source.chain.close)
            stage = await stack.enter_async_context(_staged(plan, chain, registry, recorder.ask))
            events = await stack.enter_async_context(aclosing(source.chain.feed.stream(stage.market.doors())))  # type: ignore[type-var]
            batches: list[Batch] = []
            async for event in events:
                if isinstance(event, Gap) and not batches:
                    await stage.prepare()
                elif isinstance(event, Updates):
                    batches.append(batch_of(event))
                    if list(stage.play(msgspec.structs.replace(event, at_ns=0))) or len(batches) >= MAX_BATCHES:
                        break
        chains[chain.id] = ChainTape(answers=tuple(recorder.answers), batches=tuple(batches))
    return MarketTape(recipe=plan.recipe, chains=chains)


def _played(chain: ChainPlan, stage: Stage, batches: tuple[Batch, ...]) -> Played:
    decisions = tuple(decision for batch in batches for decision in stage.play(batch.updates()))
    return Played(
        chain=chain,
        counts=stage.market.counts,
        funds=stage.funds.as_text(),
        lendable=stage.funds.lendable,
        decisions=decisions,
        dropped=stage.market.dropped,
    )


class _staged:
    """Async context: a prepared stage whose node gives the answers of `ask`."""

    def __init__(self, plan: Plan, chain: ChainPlan, registry: Registry, ask: Ask) -> None:
        self._plan, self._chain, self._registry = plan, chain, registry
        self._node = TapedNode(ask)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Stage:
        node = await self._stack.enter_async_context(self._node)
        here = f"127.0.0.1:{node.port}"
        extras = {route.connector: f"http://{here}" for route in self._plan.routes if route.chain == self._chain.id}
        served = {self._chain.id: Served(endpoint=f"{_SCHEMES[self._chain.family]}://{here}", extras=extras)}
        taped = msgspec.structs.replace(self._chain, endpoint=served[self._chain.id].endpoint)
        wired = await Wiring(self._plan, self._registry, served).chain(taped)
        self._stack.push_async_callback(wired.chain.close)
        stage = Stage(self._plan, self._chain, wired)
        await stage.prepare()
        return stage

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()



