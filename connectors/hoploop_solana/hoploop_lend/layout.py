"""Bytes of the Hoploop lender: reserve account, borrow and repay instructions (contracts/solana/README.md)."""

from __future__ import annotations

import struct

import msgspec
from solders.pubkey import Pubkey

from hoploop.errors import DecodeError

MAGIC = b"HOPLEND1"
RESERVE = struct.Struct("<8sIIBB6x32s32sQ")
RESERVE_SIZE = 96
BORROW = struct.Struct("<BQ")
BORROW_TAG = 1
REPAY = struct.Struct("<BQB")
REPAY_TAG = 2
AMOUNT_AT = 1
"""Offset of `amount` in both instructions' data."""
BORROW_INDEX_AT = 9
"""Offset of `borrow_index` in the repay's data."""


class ReserveState(msgspec.Struct, frozen=True):
    """A reserve account. What can be lent is the vault's balance."""

    fee_num: int
    fee_den: int
    bump: int
    enabled: bool
    mint: Pubkey
    vault: Pubkey
    fees_collected: int


def decode_reserve(data: bytes) -> ReserveState:
    """Read a reserve account; DecodeError when it is not one."""
    if len(data) != RESERVE_SIZE:
        raise DecodeError("C207", f"a Hoploop reserve has {RESERVE_SIZE} bytes, this account has {len(data)}")
    magic, num, den, bump, enabled, mint, vault, fees = RESERVE.unpack(data)
    if magic != MAGIC or den == 0 or num >= den or enabled > 1:
        raise DecodeError("C207", "the account is not a Hoploop reserve (magic, fee or flag)")
    return ReserveState(num, den, bump, enabled == 1, Pubkey(mint), Pubkey(vault), fees)


def encode_reserve(state: ReserveState) -> bytes:
    """Inverse of `decode_reserve`, for tests and world files."""
    return RESERVE.pack(
        MAGIC, state.fee_num, state.fee_den, state.bump, state.enabled,
        bytes(state.mint), bytes(state.vault), state.fees_collected,
    )  # fmt: skip


def borrow_data(amount: int) -> bytes:
    """Instruction data of `borrow`; `amount` is u64."""
    return BORROW.pack(BORROW_TAG, amount)


def repay_data(amount: int, borrow_index: int) -> bytes:
    """Instruction data of `repay`; the program pulls the fee on top of `amount`."""
    return REPAY.pack(REPAY_TAG, amount, borrow_index)
