"""State machines as literal tables; `advance` is the only way from one state to another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

S = TypeVar("S", bound=Enum)


class IllegalMove(Exception):
    """A move the table does not have: a bug in the caller."""


class ComponentState(Enum):
    """Life of a feed, client, route or worker."""

    CREATED = "created"
    STARTING = "starting"
    OK = "ok"
    RECOVERING = "recovering"
    DEGRADED = "degraded"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"


class AttemptState(Enum):
    """Life of one try to take an opportunity."""

    FOUND = "found"
    APPROVED = "approved"
    REFUSED = "refused"
    BUILT = "built"
    SENT = "sent"
    LANDED = "landed"
    REVERTED = "reverted"
    LOST = "lost"
    UNKNOWN = "unknown"


class GateState(Enum):
    """Whether bytes may leave. TRIPPED is final for the process."""

    DRY = "dry"
    ARMED = "armed"
    PAUSED = "paused"
    TRIPPED = "tripped"


C, A, G = ComponentState, AttemptState, GateState

COMPONENT: Mapping[ComponentState, frozenset[ComponentState]] = {
    C.CREATED: frozenset({C.STARTING, C.STOPPED}),
    C.STARTING: frozenset({C.OK, C.FAILED, C.STOPPING}),
    C.OK: frozenset({C.RECOVERING, C.DEGRADED, C.FAILED, C.STOPPING}),
    C.RECOVERING: frozenset({C.OK, C.DEGRADED, C.FAILED, C.STOPPING}),
    C.DEGRADED: frozenset({C.OK, C.RECOVERING, C.FAILED, C.STOPPING}),
    C.FAILED: frozenset({C.STOPPING, C.STOPPED}),
    C.STOPPING: frozenset({C.STOPPED, C.FAILED}),
    C.STOPPED: frozenset(),
}

ATTEMPT: Mapping[AttemptState, frozenset[AttemptState]] = {
    A.FOUND: frozenset({A.APPROVED, A.REFUSED}),
    A.APPROVED: frozenset({A.BUILT, A.LOST}),
    A.BUILT: frozenset({A.SENT, A.LOST}),
    A.SENT: frozenset({A.LANDED, A.REVERTED, A.LOST, A.UNKNOWN}),
    A.UNKNOWN: frozenset({A.LANDED, A.REVERTED, A.LOST}),
    A.REFUSED: frozenset(),
    A.LANDED: frozenset(),
    A.REVERTED: frozenset(),
    A.LOST: frozenset(),
}

GATE: Mapping[GateState, frozenset[GateState]] = {
    G.DRY: frozenset({G.ARMED, G.TRIPPED}),
    G.ARMED: frozenset({G.PAUSED, G.TRIPPED}),
    G.PAUSED: frozenset({G.ARMED, G.TRIPPED}),
    G.TRIPPED: frozenset(),
}


def advance(table: Mapping[S, frozenset[S]], now: S, to: S) -> S:
    """Return `to` when the table allows the move, raise `IllegalMove` otherwise."""
    if to not in table[now]:
        raise IllegalMove(f"{type(now).__name__}: {now.name} -> {to.name}")
    return to
