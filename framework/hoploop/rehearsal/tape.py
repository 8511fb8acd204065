"""A recorded market: what a node answered and what its feed pushed, per chain of a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec

from hoploop.errors import RecipeError
from hoploop.model.market import RawUpdate
from hoploop.plugin.kinds import Updates

MAX_BYTES = 32 << 20


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One JSON-RPC exchange; exactly one of `result` and `error` is meant."""

    method: str
    params: Any
    result: Any = None
    error: Any = None
    times: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    """How often in a row this question got this answer."""


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """One raw update of the feed; `door` and `data` in hex."""

    door: str
    seq: int
    data: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Updates that arrived together in block or slot `number`."""

    number: int
    items: tuple[Push, ...]

    def updates(self) -> Updates:
        """As the feed would have given them, at time zero."""
        items = tuple(RawUpdate(bytes.fromhex(one.door), one.seq, bytes.fromhex(one.data)) for one in self.items)
        return Updates(at_ns=0, number=self.number, items=items)


class ChainTape(msgspec.Struct, frozen=True, kw_only=True):
    """One chain's answers in the order they were given, and its feed until something was worth trading."""

    answers: tuple[Answer, ...] = ()
    batches: tuple[Batch, ...] = ()


class MarketTape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file `<recipe>.market.json`."""

    recipe: str
    chains: dict[str, ChainTape]


def tape_path(recipe: Path) -> Path:
    """Where the market of a recipe is kept: beside it."""
    return recipe.with_suffix(".market.json")


def read_tape(path: Path) -> MarketTape:
    """RecipeError R410 when there is none, R411 when it is not a recorded market."""
    try:
        with path.open("rb") as handle:
            raw = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecipeError("R410", f"{path}: {error.strerror or type(error).__name__}") from None
    if len(raw) > MAX_BYTES:
        raise RecipeError("R411", f"{path}: larger than {MAX_BYTES >> 20} MiB")
    try:
        tape = msgspec.json.decode(raw, type=MarketTape)
        for chain in tape.chains.values():
            for batch in chain.batches:
                batch.updates()
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise RecipeError("R411", f"{path}: {error}") from None
    return tape


def write_tape(path: Path, tape: MarketTape) -> None:
    """Write it indented, so that a change can be reviewed."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(tape), indent=1) + b"\n")


def batch_of(updates: Updates) -> Batch:
    """The recorded form of what a feed pushed."""
    items = tuple(Push(door=key.hex(), seq=seq, data=bytes(data).hex()) for key, seq, data in updates.items)
    return Batch(number=updates.number, items=items)
