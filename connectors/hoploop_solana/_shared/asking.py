"""Shapes of a node's answers and how it says no; apart from the connection, so that a recipe check needs none."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import msgspec

from hoploop.errors import PermanentError

T = TypeVar("T")
U64 = Annotated[int, msgspec.Meta(ge=0)]


class Context(msgspec.Struct, frozen=True):
    """Which slot an answer speaks of."""

    slot: U64


class AtSlot(msgspec.Struct, Generic[T], frozen=True):
    """The `{context, value}` pair of most Solana answers."""

    context: Context
    value: T


class NodeError(PermanentError):
    """The node understood and said no. `rpc_code` is its number, `data` whatever it added (often nothing)."""

    def __init__(self, method: str, rpc_code: int, text: str, data: Any) -> None:
        super().__init__("C203", f"{method}: {text} ({rpc_code})")
        self.rpc_code = rpc_code
        self.text = text
        self.data = data
