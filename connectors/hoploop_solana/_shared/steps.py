"""One Solana step: an instruction, the places in it that only the composer can fill, and where its amount is."""

from __future__ import annotations

import msgspec
from solders.instruction import AccountMeta
from solders.pubkey import Pubkey


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A top-level instruction made by a venue or lender.

    `min_out_at` and `loan_index_at` are byte offsets into `data`: a u64 (little-endian) the composer overwrites
    in the last swap so that the trade fails below its minimum gain, and a u8 it overwrites with the position of
    the loan's first instruction in the final message, which repay instructions name.

    `amount_at` is the offset of the u64 a swap spends or a loan moves. A step that has it says that its accounts and
    the rest of its data follow from pool and direction (swap) or asset (loan) alone: such steps are composed once.
    """

    name: str
    program: Pubkey
    accounts: tuple[AccountMeta, ...]
    data: bytes
    min_out_at: int | None = None
    loan_index_at: int | None = None
    amount_at: int | None = None
    pool: str = ""
    """Address of the pool a swap moves; empty for anything else."""


def writable(key: Pubkey) -> AccountMeta:
    """An account the instruction changes."""
    return AccountMeta(key, is_signer=False, is_writable=True)


def readonly(key: Pubkey) -> AccountMeta:
    """An account the instruction only reads."""
    return AccountMeta(key, is_signer=False, is_writable=False)


def signer(key: Pubkey, *, changes: bool = False) -> AccountMeta:
    """An account that signs; `changes` when its lamports or data may change too."""
    return AccountMeta(key, is_signer=True, is_writable=changes)
