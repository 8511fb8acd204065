"""Compiling instructions into a v0 message within the chain's limits."""

from __future__ import annotations

from collections.abc import Sequence

from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash
from solders.instruction import Instruction
from solders.message import CompileError, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey

from hoploop.errors import TransactionTooLarge

# Of legacy and v0 transactions (agave: PACKET_DATA_SIZE, MAX_TX_ACCOUNT_LOCKS). Local executors do not check the first.
MAX_BYTES = 1232
MAX_LOCKS = 64


def compile_message(
    payer: Pubkey, instructions: Sequence[Instruction], tables: Sequence[AddressLookupTableAccount], blockhash: Hash
) -> MessageV0:
    """The message; TransactionTooLarge when it cannot be addressed, is too big or locks too many accounts."""
    try:
        message = MessageV0.try_compile(payer, list(instructions), list(tables), blockhash)
    except CompileError as error:
        raise TransactionTooLarge("C211", f"the message does not compile: {error}") from None
    size = wire_size(message)
    if size > MAX_BYTES:
        raise TransactionTooLarge("C211", f"{size} bytes; a transaction has at most {MAX_BYTES}")
    locks = len(message.account_keys) + loaded(message)
    if locks > MAX_LOCKS:
        raise TransactionTooLarge("C211", f"{locks} accounts; a transaction locks at most {MAX_LOCKS}")
    return message


def wire_size(message: MessageV0) -> int:
    """Bytes of the transaction: signature count, signatures, message with its version byte."""
    return 1 + 64 * message.header.num_required_signatures + len(to_bytes_versioned(message))


def loaded(message: MessageV0) -> int:
    """Accounts that come from lookup tables."""
    return sum(len(use.writable_indexes) + len(use.readonly_indexes) for use in message.address_table_lookups)
