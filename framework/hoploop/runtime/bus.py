"""The bus: numbers every event and hands it to the ledger and the consoles by its lane's loss policy."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec

from hoploop.engine.ports import Clock
from hoploop.model.events import Event, HeadSeen, OpportunityFound, OpportunityRefused

Sink = Callable[[Event], None]

# Consoles see these; losing one costs nothing but a line on a screen. All other events are never dropped.
_LOSSY = (HeadSeen, OpportunityFound, OpportunityRefused)


class Tap:
    """One console's view: newest head per chain, then a bounded tail of events; what falls off is counted."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._events: deque[Event] = deque()
        self._heads: dict[str, HeadSeen] = {}
        self.dropped = 0

    def push(self, event: Event) -> None:
        """Take one event; never blocks."""
        if isinstance(event, HeadSeen):
            self._heads[event.chain] = event
            return
        if len(self._events) >= self._keep:
            self._events.popleft()
            self.dropped += 1
        self._events.append(event)

    def drain(self) -> list[Event]:
        """Everything since the last call, oldest first."""
        events = [*self._heads.values(), *self._events]
        self._heads.clear()
        self._events.clear()
        return sorted(events, key=lambda event: event.seq)


class Bus:
    """Single-threaded: call `publish` from the event loop only."""

    def __init__(self, clock: Clock, record: Sink, *, recent: int = 200) -> None:
        self._clock = clock
        self._record = record
        self._seq = 0
        self._taps: set[Tap] = set()
        self.recent: deque[Event] = deque(maxlen=recent)

    def publish(self, event: Event) -> None:
        """Number, stamp and hand on; the ledger comes first."""
        self._seq += 1
        stamped: Event = msgspec.structs.replace(event, seq=self._seq, at_ns=self._clock.wall_ns())
        if not isinstance(stamped, _LOSSY):
            self._record(stamped)
        if not isinstance(stamped, HeadSeen):
            self.recent.append(stamped)
        for tap in self._taps:
            tap.push(stamped)

    def tap(self, keep: int = 2_000) -> Tap:
        """A new console's view."""
        tap = Tap(keep)
        self._taps.add(tap)
        return tap

    def untap(self, tap: Tap) -> None:
        """Forget a console."""
        self._taps.discard(tap)
