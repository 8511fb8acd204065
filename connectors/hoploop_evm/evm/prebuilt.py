"""Transactions by route shape: the first of a shape is composed, later ones are filled in and signed natively."""

from __future__ import annotations

from typing import Any

from hoploop.errors import InvariantError
from hoploop.plugin.kinds import Bid
from hoploop.plugin.signing import Hole, Signing, Terms
from hoploop_evm._shared import executor
from hoploop_evm._shared.words import WORD
from hoploop_evm.evm.signing import Signer

CAPACITY = 4_096
_FEES: tuple[Hole, ...] = ((4, 0, 0, "given", 1), (2, 0, 0, "given", 2), (3, 0, 0, "given", 2))
"""Gas and both fee caps."""
_DATA = 7
Given = tuple[int, int, int]
"""Deadline (block), gas and price."""


class Prebuilt:
    """Nothing is held without native signing, for opportunities of other origin, and for steps that say too little."""

    def __init__(self, signer: Signer, signing: Signing | None) -> None:
        self._signer = signer
        self._templates = None if signing is None else signing.templates("evm", CAPACITY)

    def add(self, bid: Bid, plan: executor.Plan, given: Given, nonce: int, unsigned: bytes, note: object) -> None:
        """Keep a composed transaction. InvariantError when its steps say wrongly where their amounts are."""
        native, words = bid.opportunity.native, executor.words(plan)
        if self._templates is None or native is None or words is None:
            return
        holes = [*_FEES, *((_DATA, at, WORD, source, number) for at, source, number in words)]
        try:
            self._templates.add(native, _terms(bid, given, nonce), unsigned, holes, note)
        except ValueError as error:
            raise InvariantError("G501", f"{bid.opportunity.shape()}: {error}") from None

    def sign(self, bid: Bid, given: Given, nonce: int) -> tuple[Any, str, bytes, bytes] | None:
        """(note, hash, raw bytes, calldata); None when it must be composed."""
        native = bid.opportunity.native
        if self._templates is None or native is None:
            return None
        try:
            return self._signer.fill(self._templates, native, _terms(bid, given, nonce))
        except ValueError:
            return None  # a number does not fit: composing says which


def _terms(bid: Bid, given: Given, nonce: int) -> Terms:
    return 0, nonce.to_bytes(8, "big"), bid.tip, bid.min_gain, given
