"""Plays a plan on its tape, or makes the tape."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from hoploop.errors import ConnectorError, RecipeError
from hoploop.plugin.kinds import FeedEvent, Gap, Reorg, Updates
from hoploop.plugin.registry import Registry
from hoploop.recipe.plan import ChainPlan, Plan
from hoploop.rehearsal.node import Ask, Recorder, Replay, TapedNode, compressed
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
            async with staged(plan, chain, registry, replay.ask) as stage:
                await stage.prepare()
                played.append(_played(chain, stage, recorded.batches))
        except ConnectorError as error:
            missing = f"; not on the tape: {', '.join(sorted(set(replay.missing)))}" if replay.missing else ""
            raise RecipeError("R411", f"{chain.id}: {error}{missing}") from None
    return tuple(played)


async def record(
    plan: Plan, served: Mapping[str, Served], registry: Registry, within_s: float | None = None
) -> MarketTape:
    """Listen to every chain until an opportunity comes up or the time is over, and keep all that led to it.

    RecipeError R411 when nothing at all was heard of a chain by then.
    """
    chains = {}
    for chain in plan.chains:
        wiring = Wiring(plan, registry, served)
        recorder = Recorder(wiring.endpoint(chain))
        source = await wiring.chain(chain)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(source.chain.close)
            stage = await stack.enter_async_context(staged(plan, chain, registry, recorder.ask))
            stream = source.chain.feed.stream(stage.market.doors())
            batches: list[Batch] = []
            try:
                async with asyncio.timeout(within_s):
                    await _listen(stream, stage, recorder, batches)
            except TimeoutError:
                if not batches:
                    raise RecipeError("R411", f"{chain.id}: nothing was heard in {within_s:g} s") from None
        chains[chain.id] = ChainTape(answers=compressed(recorder.answers), batches=tuple(batches))
    return MarketTape(recipe=plan.recipe, chains=chains)


async def _listen(
    stream: AsyncIterator[FeedEvent], stage: Stage, recorder: Recorder, batches: list[Batch]
) -> None:
    """Prepare at the feed's first event and anew after each gap or reorganisation; stop at the first decision."""
    opened, prepared = len(recorder.answers), False
    async for event in stream:
        if isinstance(event, Gap | Reorg) or not prepared:
            batches.clear()
            del recorder.answers[opened:]
            await stage.prepare()
            prepared = True
        if isinstance(event, Updates):
            batches.append(batch_of(event))
            if list(stage.play(msgspec.structs.replace(event, at_ns=0))) or len(batches) >= MAX_BATCHES:
                break


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


@asynccontextmanager
async def staged(plan: Plan, chain: ChainPlan, registry: Registry, ask: Ask) -> AsyncIterator[Stage]:
    """A stage whose node gives the answers of `ask`; not prepared yet."""
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(TapedNode(ask))
        here = f"127.0.0.1:{node.port}"
        endpoint = f"{_SCHEMES[chain.family]}://{here}"
        extras = {route.connector: f"http://{here}" for route in plan.routes if route.chain == chain.id}
        served = {chain.id: Served(endpoint=endpoint, extras=extras)}
        taped = msgspec.structs.replace(chain, endpoint=endpoint)
        wired = await Wiring(plan, registry, served).chain(taped)
        stack.push_async_callback(wired.chain.close)
        yield Stage(plan, chain, wired)
