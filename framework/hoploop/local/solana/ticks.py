"""Slots, time and blockhashes of the local chain, advanced together: LiteSVM moves none of them by itself."""

from __future__ import annotations

from collections import OrderedDict

from solders.clock import Clock
from solders.hash import Hash
from solders.litesvm import LiteSVM

BLOCKHASH_LIFE = 150
"""Blocks a blockhash may be used for (MAX_PROCESSING_AGE)."""
SLOT_HASHES = 512


class Ticks:
    """Owns slot number, unix time and the queue of usable blockhashes. One block a slot, never a skipped one."""

    def __init__(self, svm: LiteSVM, *, start_unix_s: int, slot_ms: int) -> None:
        self._svm = svm
        self._start_unix_s = start_unix_s
        self._slot_ms = slot_ms
        self.first_slot: int = svm.get_clock().slot
        self.slot = self.first_slot
        self._slot_hashes: list[tuple[int, Hash]] = []
        self._usable: OrderedDict[str, int] = OrderedDict()
        self._open()

    @property
    def height(self) -> int:
        """Block height; grows with the slot."""
        return self.slot - self.first_slot

    @property
    def latest(self) -> str:
        """Newest blockhash."""
        return next(reversed(self._usable))

    def advance(self) -> None:
        """Next slot: new blockhash, slot hash of the slot that ended, clock and unix time with it."""
        self._slot_hashes.insert(0, (self.slot, self._svm.latest_blockhash()))
        del self._slot_hashes[SLOT_HASHES:]
        self.slot += 1
        self._svm.warp_to_slot(self.slot)
        self._svm.expire_blockhash()
        self._svm.set_slot_hashes(self._slot_hashes)
        self._open()

    def last_valid_height(self, blockhash: str) -> int | None:
        """Last block height a transaction on this blockhash may land in; None when it is unknown or expired."""
        return self._usable.get(blockhash)

    def unix_s(self, slot: int) -> int:
        """Unix time of a slot."""
        return self._start_unix_s + (slot - self.first_slot) * self._slot_ms // 1_000

    def _open(self) -> None:
        clock = self._svm.get_clock()
        now = self.unix_s(self.slot)
        self._svm.set_clock(
            Clock(
                slot=self.slot,
                epoch_start_timestamp=self._start_unix_s,
                epoch=clock.epoch,
                leader_schedule_epoch=clock.leader_schedule_epoch,
                unix_timestamp=now,
            )
        )
        self._usable[str(self._svm.latest_blockhash())] = self.height + BLOCKHASH_LIFE
        while next(iter(self._usable.values())) < self.height:
            self._usable.popitem(last=False)
