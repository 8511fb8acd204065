"""Compiled bytes against recorded transactions, and the chain's limits."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import to_bytes_versioned
from solders.pubkey import Pubkey

from hoploop.errors import TransactionTooLarge
from hoploop_solana._shared.steps import writable
from hoploop_solana._shared.testing import named_key
from hoploop_solana.solana.message import MAX_BYTES, compile_message, loaded, wire_size

GOLDEN = Path(__file__).resolve().parents[5] / "shared" / "golden" / "solana" / "instructions" / "transactions.json"


def _golden() -> list[dict[str, Any]]:
    if not GOLDEN.exists():
        if os.environ.get("CI") == "true":
            raise AssertionError(f"{GOLDEN} is missing")
        return []
    found = json.loads(GOLDEN.read_text())["transactions"]
    return [transaction for transaction in found if transaction["name"].startswith("v0")]


@pytest.mark.skipif(not _golden(), reason="recorded transactions are not here")
@pytest.mark.parametrize("case", _golden(), ids=lambda case: case["name"])
def test_a_recorded_v0_transaction_compiles_to_its_bytes(case: dict[str, Any]) -> None:
    payer = Keypair.from_seed(hashlib.sha256(case["signers"][0].encode()).digest()).pubkey()
    instructions = [
        Instruction(
            Pubkey.from_string(one["program_id"]),
            bytes.fromhex(one["data_hex"]),
            [AccountMeta(Pubkey.from_string(a["pubkey"]), a["signer"], a["writable"]) for a in one["accounts"]],
        )
        for one in case["instructions"]
    ]
    tables = [
        AddressLookupTableAccount(Pubkey.from_string(t["key"]), [Pubkey.from_string(a) for a in t["addresses"]])
        for t in case["lookup_tables"]
    ]
    blockhash = Hash.from_string(case.get("recent_blockhash_override") or case["recent_blockhash"])
    message = compile_message(payer, instructions, tables, blockhash)
    assert to_bytes_versioned(message).hex() == case["message_hex"]
    assert wire_size(message) == case["transaction_bytes"]


def _instruction(accounts: int, data: int = 0) -> Instruction:
    keys = [writable(named_key(f"account {n}")) for n in range(accounts)]
    return Instruction(named_key("program"), bytes(data), keys)


def test_a_message_at_the_byte_limit_compiles_and_one_more_byte_does_not() -> None:
    room = MAX_BYTES - wire_size(compile_message(named_key("owner"), [_instruction(1, 200)], [], Hash.default())) + 200
    assert wire_size(compile_message(named_key("owner"), [_instruction(1, room)], [], Hash.default())) == MAX_BYTES
    with pytest.raises(TransactionTooLarge, match="1233 bytes"):
        compile_message(named_key("owner"), [_instruction(1, room + 1)], [], Hash.default())


def test_locks_from_lookup_tables_count_too() -> None:
    table = AddressLookupTableAccount(named_key("table"), [named_key(f"account {n}") for n in range(70)])
    most = compile_message(named_key("owner"), [_instruction(62)], [table], Hash.default())
    assert loaded(most) == 62
    with pytest.raises(TransactionTooLarge, match="65 accounts"):
        compile_message(named_key("owner"), [_instruction(63)], [table], Hash.default())


def test_more_accounts_than_can_be_addressed_is_too_large() -> None:
    with pytest.raises(TransactionTooLarge, match="compile"):
        compile_message(named_key("owner"), [_instruction(300)], [], Hash.default())
