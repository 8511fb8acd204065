"""Bytes of the Hoploop AMM: pool account and swap instruction (contracts/solana/README.md)."""

from __future__ import annotations

import struct

import msgspec
from solders.pubkey import Pubkey

from hoploop.errors import DecodeError

MAGIC = b"HOPAMM01"
POOL = struct.Struct("<8sIIB7x32s32s32s32sQQQ")
POOL_SIZE = 176
SWAP = struct.Struct("<BQQ")
SWAP_TAG = 1
AMOUNT_AT = 1
"""Offset of `amount_in` in the swap's data."""
MIN_OUT_AT = 9
"""Offset of `min_out` in the swap's data."""


class PoolState(msgspec.Struct, frozen=True):
    """A pool account. Quotes use the reserves here, not the vaults' balances."""

    fee_num: int
    fee_den: int
    bump: int
    mint_a: Pubkey
    mint_b: Pubkey
    vault_a: Pubkey
    vault_b: Pubkey
    reserve_a: int
    reserve_b: int
    swaps: int


def decode_pool(data: bytes) -> PoolState:
    """Read a pool account; DecodeError when it is not one."""
    if len(data) != POOL_SIZE:
        raise DecodeError("C207", f"a Hoploop AMM pool has {POOL_SIZE} bytes, this account has {len(data)}")
    magic, num, den, bump, mint_a, mint_b, vault_a, vault_b, reserve_a, reserve_b, swaps = POOL.unpack(data)
    if magic != MAGIC or den == 0 or num >= den:
        raise DecodeError("C207", "the account is not a Hoploop AMM pool (magic or fee)")
    keys = (Pubkey(mint_a), Pubkey(mint_b), Pubkey(vault_a), Pubkey(vault_b))
    return PoolState(num, den, bump, *keys, reserve_a, reserve_b, swaps)


def encode_pool(state: PoolState) -> bytes:
    """Inverse of `decode_pool`, for tests and world files."""
    keys = (bytes(state.mint_a), bytes(state.mint_b), bytes(state.vault_a), bytes(state.vault_b))
    return POOL.pack(
        MAGIC, state.fee_num, state.fee_den, state.bump, *keys, state.reserve_a, state.reserve_b, state.swaps
    )


def swap_data(amount_in: int, min_out: int) -> bytes:
    """Instruction data of `swap`; amounts are u64."""
    return SWAP.pack(SWAP_TAG, amount_in, min_out)
