"""Compares own funds on chain with what the attempts say they should be; less than that trips the gate."""

from __future__ import annotations

from hoploop.engine.ports import GatePort
from hoploop.engine.street import Street


class Reconciler:
    """Works on quiet moments only: nothing in flight before and after the balances were read.

    Funds leave a strategy's account only through attempts. A balance below the expected one, twice in a row, means
    money went elsewhere. A balance above it is a deposit and becomes the new base.
    """

    def __init__(self, street: Street, gate: GatePort) -> None:
        self._street = street
        self._gate = gate
        self._base: dict[str, int] = {}
        self._strikes = 0

    def watch(self, street: Street) -> None:
        """The street that goes on where the watched one stopped: same funds, same counters."""
        self._street = street

    def mark(self) -> int | None:
        """A number that changes with every settled attempt; None while one is in flight."""
        return None if len(self._street.in_flight) else self._street.counters.settled()

    def check(self) -> None:
        """Compare the balances just read with base plus what attempts gained."""
        short = False
        for asset, held in self._street.funds.own.items():
            gained = self._street.counters.gained[asset]
            expected = self._base.setdefault(asset, held - gained) + gained
            if held > expected:
                self._base[asset] = held - gained
            short = short or held < expected
        self._strikes = self._strikes + 1 if short else 0
        if self._strikes >= 2:
            self._gate.trip("balance_mismatch", self._street.chain.id)
