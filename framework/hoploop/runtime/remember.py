"""Before the gate may arm: what limits must know of earlier runs, and what those left open."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from hoploop.engine.memory import Memory
from hoploop.engine.ports import Clock, GatePort, Ports
from hoploop.engine.recover import Progress, Recovery
from hoploop.ledger.reader import Reader
from hoploop.model.events import AttemptAdvanced, Event
from hoploop.plugin.kinds import ChainClient
from hoploop.runtime.watch import CLOCK_JUMP_NS


async def catch_up(
    book: Path, clients: Mapping[str, ChainClient], memory: Memory, ports: Ports, *,
    clock_trusted: bool, progress: Progress,
) -> None:  # fmt: skip
    """`remember`, and settle what is open: how that ends counts too. MarketError when a chain cannot be asked."""

    def settled(event: Event) -> None:
        ports.emit(event)
        if isinstance(event, AttemptAdvanced):
            memory.moved(event.attempt, ports.clock.mono_ns())

    recovery = Recovery(clients, settled, ports.clock, pause=lambda: asyncio.sleep(0.2), progress=progress)
    with Reader(book) as earlier:
        remember(memory, earlier, ports.clock, ports.gate, clock_trusted=clock_trusted)
        await recovery.run(earlier.unfinished())


def remember(memory: Memory, earlier: Reader, clock: Clock, gate: GatePort, *, clock_trusted: bool = False) -> None:
    """Put the memory where a process that never ended would have it; what is not known exactly counts as just now.

    A book that is ahead of the clock trips the gate, for nobody can tell then how long ago anything was;
    `clock_trusted` is an operator's word that the clock is right. LedgerError when the book cannot be read.
    """
    wall_ns, mono_ns = clock.wall_ns(), clock.mono_ns()

    def at(then_ns: int) -> int:
        return mono_ns - max(0, wall_ns - then_ns)

    for end in earlier.ended():
        memory.ended(end.strategy, end.shape, end.state, end.reason, at(end.at_ns))
    since_ns = wall_ns - memory.kept_ns
    for pause in earlier.pauses():
        if pause.at_ns < since_ns:
            memory.breakers.recall_gate(pause, at(pause.at_ns))
    newest_ns, last_ns = 0, mono_ns - memory.kept_ns
    for event in earlier.moves(since_ns):
        newest_ns, last_ns = max(newest_ns, event.at_ns), max(last_ns, at(event.at_ns))
        if isinstance(event, AttemptAdvanced):
            memory.recall(event.attempt, last_ns)
        else:
            memory.breakers.recall_gate(event, last_ns)
    memory.breakers.wake(last_ns)
    if newest_ns > wall_ns + CLOCK_JUMP_NS and not clock_trusted:
        gate.trip("clock_jump", "ledger")
