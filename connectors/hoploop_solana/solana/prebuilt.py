"""Messages by route shape: the first of a shape is composed, later ones are filled in and signed natively."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solders.hash import Hash

from hoploop.errors import InvariantError
from hoploop.plugin.kinds import Bid, Order
from hoploop.plugin.signing import Hole, Signing, Source, Terms
from hoploop_solana._shared.steps import Step
from hoploop_solana.solana.signing import Signer

CAPACITY = 4_096
_BUDGET: tuple[Hole, ...] = ((0, 1, 4, "given", 0), (1, 1, 8, "given", 1), (2, 1, 4, "given", 2))
_TIP_AT = 4
"""Of the lamports in a system transfer's data, behind the instruction's number."""
_MAX_TIP_ACCOUNTS = 64
Given = tuple[int, int, int]
"""Unit limit, unit price and loaded-data limit, in the order of their instructions."""


class Prebuilt:
    """Nothing is held without native signing, for opportunities of other origin, and for steps that say too little."""

    def __init__(self, signer: Signer, signing: Signing | None) -> None:
        self._signer = signer
        self._templates = None if signing is None else signing.templates("solana", CAPACITY)
        self._variants: dict[str, int] = {}

    def forget(self) -> None:
        """The lookup tables have changed: what was compiled with them is of no use."""
        self._variants.clear()
        if self._templates is not None:
            self._templates.clear()

    def add(self, order: Order, given: Given, blockhash: Hash, payload: bytes, note: object) -> None:
        """Keep a composed message. InvariantError when its steps say wrongly where their amounts are."""
        native, holes = order.opportunity.native, _holes(order)
        if self._templates is None or native is None or holes is None:
            return
        if len(self._variants) >= _MAX_TIP_ACCOUNTS and order.tip_account not in self._variants:
            self.forget()
        variant = self._variants.setdefault(order.tip_account, len(self._variants))
        try:
            self._templates.add(native, _terms(order, variant, given, blockhash), payload, holes, note)
        except ValueError as error:
            raise InvariantError("G501", f"{order.opportunity.shape()}: {error}") from None

    def sign(self, bid: Bid, given: Given, blockhash: Hash) -> tuple[Any, str, bytes] | None:
        """(note, base58 signature, wire bytes); None when it must be composed."""
        native, variant = bid.opportunity.native, self._variants.get(bid.tip_account)
        if self._templates is None or native is None or variant is None:
            return None
        try:
            return self._signer.fill(self._templates, native, _terms(bid, variant, given, blockhash))
        except ValueError:
            return None  # a number does not fit: composing says which


def _terms(bid: Bid, variant: int, given: Given, blockhash: Hash) -> Terms:
    return variant, bytes(blockhash), bid.tip, bid.min_gain, given


def _holes(order: Order) -> list[Hole] | None:
    """Where the numbers stand in the message; None when a step does not say so or a leg has not exactly one."""
    before, after = ((), ()) if order.loan is None else (order.loan.before, order.loan.after)
    steps = (*before, *order.steps, *after)
    if len(order.steps) != len(order.opportunity.legs) or any(step.amount_at is None for step in steps):
        return None
    if any(step.min_out_at is None for step in order.steps):
        return None
    first = len(_BUDGET)
    holes = [*_BUDGET, *_amounts(first, before), *_amounts(first + len(before) + len(order.steps), after)]
    last = len(order.steps) - 1
    for leg, step in enumerate(order.steps):
        at = first + len(before) + leg
        least: tuple[Source, int] = ("least_out", 0) if leg == last else ("leg_out", leg)
        holes += [(at, step.amount_at, 8, "leg_in", leg), (at, step.min_out_at, 8, *least)]
    if order.tip:
        holes.append((first + len(steps), _TIP_AT, 8, "tip", 0))
    return holes


def _amounts(first: int, steps: tuple[Step, ...]) -> Iterator[Hole]:
    for number, step in enumerate(steps):
        if step.amount_at is not None:
            yield first + number, step.amount_at, 8, "amount_in", 0
