"""Shapes of the node's answers about simulations and transactions, and what they say about money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from hoploop_solana._shared.accounts import AccountValue
from hoploop_solana._shared.asking import U64
from hoploop_solana._shared.wire import plain

MAX_LOG_LINES = 200
Amount = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,20}$")]


class Blockhash(msgspec.Struct, frozen=True, rename="camel"):
    """Answer of getLatestBlockhash."""

    blockhash: Annotated[str, msgspec.Meta(min_length=32, max_length=44)]
    last_valid_block_height: U64


class UiAmount(msgspec.Struct, frozen=True):
    """Token amount in base units."""

    amount: Amount


class TokenBalance(msgspec.Struct, frozen=True, rename="camel"):
    """Balance of one token account before or after a transaction."""

    mint: str
    ui_token_amount: UiAmount
    owner: str = ""


class Simulated(msgspec.Struct, frozen=True, rename="camel"):
    """Answer of simulateTransaction. Nodes before 2026 leave the balances out."""

    err: Any = None
    logs: list[str] | None = None
    units_consumed: U64 | None = None
    accounts: list[AccountValue | None] | None = None
    pre_token_balances: list[TokenBalance] | None = None
    post_token_balances: list[TokenBalance] | None = None


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """One entry of getSignatureStatuses."""

    slot: U64
    err: Any = None
    confirmation_status: str | None = None

    @property
    def final(self) -> bool:
        """Confirmed: two thirds of the stake voted for its block."""
        return self.confirmation_status in ("confirmed", "finalized")


class Meta(msgspec.Struct, frozen=True, rename="camel"):
    """Execution result in getTransaction. Balance lists follow the message's account order, the payer first."""

    fee: U64
    pre_balances: list[U64]
    post_balances: list[U64]
    err: Any = None
    pre_token_balances: list[TokenBalance] | None = None
    post_token_balances: list[TokenBalance] | None = None
    compute_units_consumed: U64 | None = None

    def tip(self) -> int:
        """What the payer lost beyond the fee: our transactions move lamports for a tip only."""
        if self.err is not None or not self.pre_balances or not self.post_balances:
            return 0
        return max(self.pre_balances[0] - self.post_balances[0] - self.fee, 0)


class Transaction(msgspec.Struct, frozen=True):
    """Answer of getTransaction; the transaction's own bytes are not asked about."""

    slot: U64
    meta: Meta


class Mention(msgspec.Struct, frozen=True):
    """One entry of getSignaturesForAddress, newest first."""

    signature: str
    slot: U64
    err: Any = None


def gains(owner: str, before: Sequence[TokenBalance], after: Sequence[TokenBalance]) -> dict[str, int]:
    """Change of the owner's tokens by mint, over all its token accounts in the transaction."""
    change: dict[str, int] = {}
    for sign, balances in ((-1, before), (1, after)):
        for balance in balances:
            if balance.owner == owner:
                change[balance.mint] = change.get(balance.mint, 0) + sign * int(balance.ui_token_amount.amount)
    return change


def error_text(err: Any) -> str:
    """The chain's error as one bounded line; empty when there is none."""
    return "" if err is None else plain(err)
