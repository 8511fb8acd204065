"""What a node's notifications mean, whoever reads them: logs, headers, and the gaps between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hoploop.model.chain import Head
from hoploop.model.market import RawUpdate
from hoploop.plugin.kinds import FeedEvent, Gap, Reorg
from hoploop_evm._shared.node import block_head, block_time
from hoploop_evm._shared.words import address_text, quantity
from hoploop_evm.evm.branch import Branch, BranchLost
from hoploop_evm.evm.outcome import log_parts
from hoploop_evm.evm.view import ChainView

ADDRESSES = 500
"""Most addresses in one subscription; more pools take several."""


class News:
    """One connection's worth of notifications; DecodeError for what is none."""

    def __init__(self, doors: frozenset[bytes], view: ChainView) -> None:
        self.doors, self.view = doors, view
        self._head: Head | None = None
        self._branch = Branch()

    def log(self, log: dict[str, Any]) -> tuple[Gap | Reorg | None, RawUpdate | None]:
        """What it says of the branch, and the update of a watched door."""
        number = quantity(log.get("blockNumber"), "a log's block")
        named = log.get("blockHash")
        block_hash = named if isinstance(named, str) else None
        if log.get("removed"):
            return _reorg("a block was taken back", self._branch.removed(number, block_hash)), None
        news: Gap | Reorg | None
        try:
            news = _reorg("another block took its place", self._branch.log(number, block_hash))
        except BranchLost as lost:
            news = Gap(str(lost), number)
        if number > self.view.head:
            told = log.get("blockTimestamp")
            self.heard(number, None if told is None else quantity(told, "a log's block time"))
        address, topics, data = log_parts(log)
        key = address + topics[0] if topics else b""
        if key not in self.doors:
            return news, None
        seq = number << 20 | quantity(log.get("logIndex"), "a log's index")
        return news, RawUpdate(key, seq, b"".join(topics[1:]) + data)

    def header(self, header: dict[str, Any], at_ns: int) -> list[FeedEvent]:
        """A head, and what it says of the branch before it."""
        bare = block_head(header)
        self.view.saw(bare.number, block_time(header))
        head = Head(number=bare.number, hash=bare.hash, parent=bare.parent, seen_ns=at_ns)
        before, self._head = self._head, head
        if before is not None and before.hash == head.hash:
            return []
        try:
            news = _reorg("the chain was reorganised", self._branch.header(head.number, head.hash, head.parent))
        except BranchLost as lost:
            return [Gap(str(lost), head.number), head]
        return [head] if news is None else [news, head]

    def heard(self, number: int, told: int | None) -> None:
        """A log's block, with its time where the node tells it, else the least it can be.

        Logs may come before their header, and what is built on them belongs to the block after theirs.
        """
        if number > self.view.head:
            self.view.saw(number, self.view.head_time + (number - self.view.head) if told is None else told)


def _reorg(why: str, number: int | None) -> Reorg | None:
    return None if number is None else Reorg(why, number)


def subscriptions(doors: Sequence[bytes]) -> list[list[Any]]:
    """Parameters of every `eth_subscribe`: logs of exactly these doors' addresses and topics, and heads."""
    addresses = sorted({address_text(door[:20]) for door in doors})
    topics = sorted({"0x" + door[20:].hex() for door in doors})
    groups = [addresses[at : at + ADDRESSES] for at in range(0, len(addresses), ADDRESSES)]
    return [*(["logs", {"address": group, "topics": [topics]}] for group in groups), ["newHeads"]]
