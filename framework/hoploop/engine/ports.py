"""What the engine needs from the runtime, as contracts, so that it never imports it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, Protocol

from hoploop.model.attempts import Attempt
from hoploop.model.events import Event
from hoploop.model.states import GateState

Emit = Callable[[Event], None]
"""Publish an event: gives it `seq` and `at_ns`, hands it to ledger and consoles by its lane. Never blocks."""

Spawn = Callable[[Coroutine[Any, Any, None], str], None]
"""Start a named supervised task in the outer group: it survives a kill so that what is in flight is settled."""


class Clock(Protocol):
    """Time, injected."""

    def mono_ns(self) -> int: ...
    def wall_ns(self) -> int: ...


class GatePort(Protocol):
    """The one thing between signed bytes and the world."""

    @property
    def state(self) -> GateState: ...
    def permit(self) -> None:
        """Raise `GateClosed` unless ARMED. Synchronous; the last call before bytes leave."""
        ...

    def trip(self, reason: str, by: str) -> None:
        """Close for good. Synchronous and thread-safe."""
        ...

    @property
    def by(self) -> str:
        """Who moved it last."""
        ...

    def pause(self, by: str) -> None:
        """Let nothing leave until `resume`; the name of who paused last stays. From the event loop only."""
        ...

    def resume(self, by: str) -> None:
        """End a pause."""
        ...


class Book(Protocol):
    """The ledger as the engine uses it."""

    async def intend(self, attempt: Attempt) -> None:
        """Return only when the intent is on disk (`synchronous=FULL`); LedgerError otherwise."""
        ...

    def next_attempt_id(self) -> int: ...
    def lost_today(self, asset: str) -> int:
        """Net loss of the UTC day in `asset` base units, network fees and tips included; 0 when in profit."""
        ...

    def fees_today(self, asset: str) -> int:
        """Network fees and tips of the UTC day, base units of the wrapped native `asset`."""
        ...


class Ports(NamedTuple):
    """All of them, as the runtime hands them to a street."""

    clock: Clock
    emit: Emit
    spawn: Spawn
    gate: GatePort
    book: Book
