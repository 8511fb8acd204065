"""Unsigned transactions made with the libraries wallets use, for tests of native signing."""

from __future__ import annotations

from collections.abc import Sequence

import rlp
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey

PROGRAM = Pubkey(b"\x07" * 32)


def solana_message(payer: Pubkey, data: Sequence[bytes], blockhash: bytes = b"\x09" * 32) -> bytes:
    """A v0 message with one instruction a `data`."""
    instructions = [Instruction(PROGRAM, part, [AccountMeta(payer, True, True)]) for part in data]
    return bytes(to_bytes_versioned(MessageV0.try_compile(payer, instructions, [], Hash(blockhash))))


def unsigned_1559(
    chain: int, nonce: int, tip: int, fee: int, gas: int, to: bytes, data: bytes, value: int = 0
) -> bytes:
    """Type byte and list of an EIP-1559 transaction without an access list."""
    return b"\x02" + bytes(rlp.encode([chain, nonce, tip, fee, gas, to, value, data, []]))
