"""What every connector of the family asks a node: calls, storage, blocks; checked and pinned to one block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hoploop.errors import DecodeError, PermanentError, TransientError
from hoploop.model.chain import Head
from hoploop_evm._shared.asking import Call, NodeError
from hoploop_evm._shared.words import WORD, data, quantity

if TYPE_CHECKING:
    from hoploop_evm._shared.rpc import Rpc

Block = str | dict[str, Any]


class Storage(msgspec.Struct, frozen=True):
    """One storage slot to read."""

    address: str
    slot: bytes


class CallTo(msgspec.Struct, frozen=True):
    """One view call to make; `data` is hex."""

    to: str
    data: str


class Node:
    """Reads of one node, as connectors of the family see them."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    async def head(self) -> Head:
        """The newest block."""
        return block_head(await self._rpc.read("eth_getBlockByNumber", "latest", False))

    async def storage(self, head: Head, slots: Sequence[Storage]) -> list[bytes]:
        """Words, as of exactly that block. TransientError when the block is gone (reorg)."""
        return [
            data(raw, "a storage word", WORD)
            for raw in await self._pinned(head, [("eth_getStorageAt", [s.address, "0x" + s.slot.hex()]) for s in slots])
        ]

    async def view(self, head: Head, calls: Sequence[CallTo]) -> list[bytes]:
        """Answers of view calls as of exactly that block. NodeError when one reverts."""
        asks = [("eth_call", [{"to": c.to, "data": c.data}]) for c in calls]
        return [data(raw, "a call's answer") for raw in await self._pinned(head, asks)]

    async def _pinned(self, head: Head, calls: list[Call]) -> list[Any]:
        at = {"blockHash": head.hash}
        try:
            return await self._rpc.many([(method, [*params, at]) for method, params in calls])
        except NodeError as error:
            if _block_is_gone(error.text):
                raise TransientError("C101", f"block {head.number} is gone: {error.text}") from None
            raise


def block_head(block: Any) -> Head:
    """A block or header as nodes send it."""
    if not isinstance(block, dict):
        raise DecodeError("C107", "a block is not an object")
    return Head(
        number=quantity(block.get("number"), "a block's number"),
        hash="0x" + data(block.get("hash"), "a block's hash", WORD).hex(),
        parent="0x" + data(block.get("parentHash"), "a block's parent", WORD).hex(),
    )


def block_time(block: Any) -> int:
    """Its timestamp, seconds; call after `block_head` accepted it."""
    return quantity(block.get("timestamp"), "a block's timestamp")


def contradiction(what: str, recipe: object, chain: object) -> PermanentError:
    """The recipe says one thing, the chain another."""
    return PermanentError("C106", f"{what}: the recipe says {recipe}, the chain says {chain}")


def _block_is_gone(text: str) -> bool:
    lower = text.lower()
    return "not found" in lower or "unknown block" in lower or "canonical" in lower or "missing trie node" in lower
