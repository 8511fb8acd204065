"""What can be spent on one chain: own money, and what lenders have, less what unfinished attempts hold."""

from __future__ import annotations

from collections.abc import Mapping

from hoploop.model.market import Opportunity


class Funds:
    """Last known balances in base units. What was never read is None: unknown, not zero."""

    def __init__(self) -> None:
        self.native: int | None = None
        self.own: dict[str, int] = {}
        self.lendable: dict[tuple[str, str], int] = {}

    def set_own(self, native: int, own: Mapping[str, int]) -> None:
        """Balances as the chain reports them: fee coin of the signer, and own funds by asset id."""
        self.native = native
        self.own = dict(own)

    def set_lendable(self, lender: str, asset: str, amount: int) -> None:
        """Most a lender can lend of an asset."""
        self.lendable[lender, asset] = amount

    def source(self, opportunity: Opportunity) -> int | None:
        """What the lender it names, or own capital, can give of its asset."""
        if opportunity.lender is None:
            return self.own.get(opportunity.asset)
        return self.lendable.get((opportunity.lender, opportunity.asset))

    def as_text(self) -> dict[str, str]:
        """Own funds for the status document; the fee coin under `native`."""
        native = {} if self.native is None else {"native": str(self.native)}
        return {asset: str(amount) for asset, amount in self.own.items()} | native
