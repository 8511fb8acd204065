"""Which blocks a node is on, as its logs and headers tell, and where it left them."""

from __future__ import annotations

REMEMBERED = 64
"""Newest blocks whose hashes are kept; a branch that left earlier is a gap."""


class BranchLost(Exception):
    """Nobody told where the chain went on, or not in time; the text says how it looked."""


class Branch:
    """Hashes by number. Each method answers the newest block that is still good when later ones were taken back.

    Logs may come before their header, so a block is known from whichever comes first.
    """

    def __init__(self) -> None:
        self._hashes: dict[int, str] = {}
        self._begun = False
        self._undone: int | None = None
        # Blocks known from their logs only, and the newest one whose logs did not tell its hash.
        self._headless: set[int] = set()
        self._nameless = -1

    def log(self, number: int, block_hash: str | None) -> int | None:
        """A log of a block. BranchLost when the block is older than all that are remembered."""
        self._undone = None
        if block_hash is None:
            self._nameless = max(self._nameless, number)
            return None
        held = self._hashes.get(number)
        if held == block_hash:
            return None
        if held is None and self._hashes and number < min(self._hashes):
            raise BranchLost("a log of a block long past")
        if held is not None:
            self._forget(number)
        self._know(number, block_hash)
        self._headless.add(number)
        return None if held is None else number - 1

    def removed(self, number: int, block_hash: str | None) -> int | None:
        """A log of this block was taken back; None when that was told already."""
        held = self._hashes.get(number)
        if held is not None and block_hash not in (None, held):
            return None
        if self._undone is not None and self._undone <= number - 1:
            return None
        self._undone = number - 1
        self._forget(number)
        return number - 1

    def header(self, number: int, block_hash: str, parent: str) -> int | None:
        """The next header. BranchLost when its parent is not a block that we know, or its logs may have come before."""
        self._undone = None
        before = self._hashes.get(number - 1)
        if before is None and not self._begun:
            self._know(number - 1, parent)
        elif before != parent:
            newest = max(self._hashes, default=-1)
            self._restart(number, block_hash, parent)
            raise BranchLost("a block was missed" if number - 1 > newest >= 0 else "the chain was reorganised")
        self._begun = True
        self._headless.discard(number)
        held = self._hashes.get(number)
        if held in (None, block_hash):
            self._know(number, block_hash)
            return None
        if self._nameless >= number or any(early > number for early in self._headless):
            self._restart(number, block_hash, parent)
            raise BranchLost("the chain was reorganised, and logs came before their header")
        self._forget(number)
        self._know(number, block_hash)
        return number - 1

    def _restart(self, number: int, block_hash: str, parent: str) -> None:
        self._headless.clear()
        self._hashes = {number - 1: parent, number: block_hash}

    def _forget(self, number: int) -> None:
        self._hashes = {held: name for held, name in self._hashes.items() if held < number}
        self._headless = {held for held in self._headless if held < number}

    def _know(self, number: int, block_hash: str) -> None:
        self._hashes[number] = block_hash
        if len(self._hashes) > REMEMBERED:
            oldest = min(self._hashes)
            del self._hashes[oldest]
            self._headless.discard(oldest)
