"""Keys and transaction templates a chain connector may be handed, so that neither lives in Python.

A connector that is handed none signs with its family's own library. Both ways give the same bytes (tested).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hoploop.model.chain import Family

Slot = tuple[int, int, int]
"""Part of a transaction, first byte in it, length: what a family counts as parts its native template says."""


class Signer(Protocol):
    """One key. It shows its public half alone."""

    @property
    def public(self) -> bytes:
        """Solana: the 32-byte address. EVM: the 20-byte address."""
        ...

    @property
    def locked(self) -> bool:
        """True when the key is kept out of swap."""
        ...

    def sign(self, unsigned: bytes) -> tuple[bytes, bytes]:
        """(id, wire bytes) of an unsigned transaction of the family; ValueError for anything else."""
        ...


class Template(Protocol):
    """An unsigned transaction of one shape."""

    def fill(self, fresh: bytes, parts: Sequence[bytes]) -> bytes:
        """Unsigned bytes with the blockhash or nonce `fresh` and one part a slot; ValueError when one does not fit."""
        ...


class Signing(Protocol):
    """Makes both. ValueError, without the bytes, when they are no key or no transaction, or a slot does not fit."""

    def signer(self, family: Family, secret: bytes) -> Signer: ...
    def template(self, family: Family, unsigned: bytes, slots: Sequence[Slot]) -> Template: ...
