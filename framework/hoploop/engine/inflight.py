"""Attempts that are not final yet, and what they hold."""

from __future__ import annotations

from collections import Counter

from hoploop.model.market import Opportunity


class InFlight:
    """An attempt holds its pools, its own capital and its costs from approval to its final state."""

    def __init__(self) -> None:
        self._held: dict[int, Opportunity] = {}
        self._pools: Counter[str] = Counter()
        self._strategies: Counter[str] = Counter()
        self._own: Counter[str] = Counter()
        self.native = 0
        """Planned fees and tips of all of them, native base units."""
        self.worst = 0
        """Most that they can cost together, native base units."""
        self._worst: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, attempt: int, opportunity: Opportunity, worst: int) -> None:
        """Take hold for a new attempt that can cost `worst` at most."""
        self._held[attempt] = opportunity
        self._worst[attempt] = worst
        self.worst += worst
        self._move(opportunity, 1)

    def release(self, attempt: int) -> None:
        """Let go; a second time does nothing."""
        opportunity = self._held.pop(attempt, None)
        if opportunity is not None:
            self.worst -= self._worst.pop(attempt)
            self._move(opportunity, -1)

    def busy(self, pool: str) -> bool:
        """True while an unfinished attempt goes through the pool."""
        return self._pools[pool] > 0

    def of(self, strategy: str) -> int:
        """Unfinished attempts of a strategy."""
        return self._strategies[strategy]

    def own(self, asset: str) -> int:
        """Own capital held, base units."""
        return self._own[asset]

    def _move(self, opportunity: Opportunity, sign: int) -> None:
        for leg in opportunity.legs:
            self._pools[leg.pool] += sign
        self._strategies[opportunity.strategy] += sign
        self.native += sign * (opportunity.network_fee + opportunity.tip)
        if opportunity.lender is None:
            self._own[opportunity.asset] += sign * opportunity.amount_in
