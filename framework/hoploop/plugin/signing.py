"""Keys and transaction templates a chain connector may be handed, so that neither lives in Python.

A connector that is handed none signs with its family's own library. Both ways give the same bytes (tested).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from hoploop.model.chain import Family

Slot = tuple[int, int, int]
"""Part of a transaction, first byte in it, length: what a family counts as parts its native template says."""

Source = Literal["leg_in", "leg_out", "amount_in", "least_out", "min_gain", "tip", "given"]
"""A number of a candidate: a leg's amounts, the first input (what is lent), the least last output (input, flash fee and
least gain), or of its terms."""
Hole = tuple[int, int, int, Source, int]
"""A slot, the number that goes there, and which of several (leg, place in `given`); 0 otherwise."""
Terms = tuple[int, bytes, int, int, Sequence[int]]
"""Variant of the shape, blockhash or nonce, tip, least gain, and the composer's own numbers (`given`)."""


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


class Templates(Protocol):
    """Transactions by route shape: directed pools and lender of a native candidate, and a variant.

    At most as many as asked for; the shape used longest ago is forgotten first. ValueError when a number does not
    fit; the next call is whole again.
    """

    def add(self, candidate: Any, terms: Terms, unsigned: bytes, holes: Sequence[Hole], note: object) -> None:
        """Keep what a composer made of exactly these numbers; ValueError when the holes filled with them give other
        bytes. Everything outside the holes must be the same for all candidates of the shape."""
        ...

    def sign(self, signer: Any, candidate: Any, terms: Terms) -> tuple[Any, bytes, bytes, bytes] | None:
        """(note, id, wire bytes, the message or calldata in them) with a native signer; None when there is no such
        shape."""
        ...

    def clear(self) -> None:
        """Forget all."""
        ...


class Signing(Protocol):
    """Makes them. ValueError, without the bytes, when they are no key or no transaction, or a slot does not fit."""

    def signer(self, family: Family, secret: bytes) -> Signer: ...
    def templates(self, family: Family, capacity: int) -> Templates: ...
    def template(self, family: Family, unsigned: bytes, slots: Sequence[Slot]) -> Template: ...
