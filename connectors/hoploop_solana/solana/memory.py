"""What the composer knew of a transaction, kept for the client that later asks the chain about it."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

CAPACITY = 4_096


class Composed(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of one transaction that the chain alone does not say."""

    mint: str
    account: str
    """Token account in which the profit arrives."""
    pools: tuple[str, ...]
    """Addresses of the pools it moves."""
    slot: int
    """Slot of the newest state the quote rests on."""
    gain: int
    """Quoted change of the profit asset, flash fee paid."""


class Memory:
    """Bounded map by signature; the oldest is forgotten first. Nothing breaks when an entry is gone."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._items: OrderedDict[str, Composed] = OrderedDict()

    def remember(self, signature: str, composed: Composed) -> None:
        """Keep it, forgetting the oldest when full."""
        self._items[signature] = composed
        if len(self._items) > self._capacity:
            self._items.popitem(last=False)

    def recall(self, signature: str) -> Composed | None:
        """None when it was composed by an earlier process or is long ago."""
        return self._items.get(signature)
