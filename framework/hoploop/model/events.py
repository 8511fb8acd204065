"""What happened: frozen, past-tense, `seq at_ns cause` first; everything the ledger and the console see."""

from __future__ import annotations

from typing import Any

import msgspec

from hoploop.model.attempts import Attempt


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all events. `at_ns` is wall-clock nanoseconds; `seq` is given by the bus."""

    seq: int = 0
    at_ns: int = 0
    cause: int = 0


class HeadSeen(Event, frozen=True, kw_only=True, tag=True):
    """A new block or slot arrived."""

    chain: str
    number: int


class GapFound(Event, frozen=True, kw_only=True, tag=True):
    """A block or slot was missed; the chain's pools are stale until `Resynced`."""

    chain: str
    why: str
    number: int


class BlocksTakenBack(Event, frozen=True, kw_only=True, tag=True):
    """The blocks (slots) after `number` were replaced: pools were put back to it, or are stale until `Resynced`."""

    chain: str
    why: str
    number: int
    restored: int
    stale: int


class Resynced(Event, frozen=True, kw_only=True, tag=True):
    """All pools of a chain were read again."""

    chain: str
    number: int
    pools: int


class OpportunityFound(Event, frozen=True, kw_only=True, tag=True):
    """The hot module returned a candidate."""

    chain: str
    strategy: str
    shape: str
    asset: str
    amount_in: int
    net: int


class OpportunityRefused(Event, frozen=True, kw_only=True, tag=True):
    """Risk said no."""

    chain: str
    strategy: str
    shape: str
    asset: str
    amount_in: int
    net: int
    reason: str
    detail: str = ""


class AttemptAdvanced(Event, frozen=True, kw_only=True, tag=True):
    """An attempt moved to `attempt.state`."""

    attempt: Attempt


class AttemptIntended(Event, frozen=True, kw_only=True, tag=True):
    """The intent to send: on disk before the gate is asked. Written by the ledger itself, so it has no `seq`."""

    attempt: Attempt


class GateChanged(Event, frozen=True, kw_only=True, tag=True):
    """The gate moved; `by` names the trigger or operator."""

    state: str
    reason: str
    by: str


class ComponentChanged(Event, frozen=True, kw_only=True, tag=True):
    """A component's state changed."""

    component: str
    state: str
    detail: str = ""


class OperatorActed(Event, frozen=True, kw_only=True, tag=True):
    """An operator did something through the control socket or a signal."""

    act: str
    by: str
    detail: str = ""


class RecipeChanged(Event, frozen=True, kw_only=True, tag=True):
    """A running engine took a changed recipe. `changes` made on the recipe before lead to the one after."""

    by: str
    before: str
    """Fingerprints."""
    after: str
    generation: int
    changes: tuple[dict[str, Any], ...]
    """As `recipe.diff.Change`; values that may hold keys are masked."""


class RecipeRefused(Event, frozen=True, kw_only=True, tag=True):
    """A change of the recipe was not taken; the engine goes on as before."""

    by: str
    fingerprint: str
    """Of the plan that still runs."""
    code: str
    why: str


class RunStarted(Event, frozen=True, kw_only=True, tag=True):
    """The engine started."""

    recipe: str
    fingerprint: str
    mode: str
    version: str


class RunEnded(Event, frozen=True, kw_only=True, tag=True):
    """The engine stopped in an orderly way."""

    reason: str


AnyEvent = (
    HeadSeen | GapFound | BlocksTakenBack | Resynced | OpportunityFound | OpportunityRefused | AttemptAdvanced
    | AttemptIntended | GateChanged | ComponentChanged | OperatorActed | RecipeChanged | RecipeRefused
    | RunStarted | RunEnded
)
"""Every event there is, for reading them back."""
