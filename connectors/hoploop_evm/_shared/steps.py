"""What venues and lenders hand to the composer: one executor swap, one executor loan."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from hoploop_evm._shared.words import MAX_WORD, address_text

TAKE_ALL = MAX_WORD
"""`max_in` of a swap that spends whatever the one before delivered."""


class SwapKind(IntEnum):
    """`SwapKind` in contracts/evm/src/Plan.sol."""

    V2 = 0
    V3 = 1


class LenderKind(IntEnum):
    """`LenderKind` in contracts/evm/src/Plan.sol."""

    NONE = 0
    AAVE_V3 = 1
    BALANCER_V2 = 2


class Amounts(IntEnum):
    """What the two amounts of a swap are for every leg through its pool in its direction."""

    UNSAID = 0
    QUOTED = 1
    """The leg's quoted input and output."""
    FIXED = 2
    """Always the same numbers."""


class SwapStep(msgspec.Struct, frozen=True):
    """One swap. `doors` (address + topic 0) are the logs that say somebody moved this pool."""

    kind: SwapKind
    pool: bytes
    token_out: bytes
    max_in: int
    amount_out: int
    """V2: asked of the pair. V3: least accepted, 0 where the profit check decides."""
    doors: tuple[bytes, ...]
    amounts: Amounts = Amounts.UNSAID
    """A step that says so is written once; the rest of it then follows from pool and direction alone."""

    def text(self) -> str:
        """One reviewable line."""
        spend = "all" if self.max_in == TAKE_ALL else str(self.max_in)
        pool, token = address_text(self.pool), address_text(self.token_out)
        return f"swap {self.kind.name} {pool} -> {token} in={spend} out={self.amount_out}"


class LoanStep(msgspec.Struct, frozen=True):
    """Whom the executor borrows from; it repays by itself."""

    kind: LenderKind
    lender: bytes
    doors: tuple[bytes, ...] = ()
    """Logs that say the lender's state, and so the gas of the loan, changed."""
