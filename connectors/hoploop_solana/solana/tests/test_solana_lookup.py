"""Lookup-table bytes, recorded and generated."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from hoploop.errors import MissingLookupTable
from hoploop_solana._shared.accounts import Account, Accounts
from hoploop_solana._shared.addresses import LOOKUP_TABLE
from hoploop_solana._shared.testing import named_key
from hoploop_solana.solana.lookup import ACTIVE, usable_tables

GOLDEN = Path(__file__).resolve().parents[5] / "shared/golden/solana/instructions/address_lookup_table.json"
TABLE = named_key("table")


def _account(count: int, *, deactivated: int = ACTIVE, extended: int = 5, first: int = 0) -> Account:
    head = struct.pack("<IQQB", 1, deactivated, extended, first).ljust(56, b"\0")
    return Account(str(LOOKUP_TABLE), 1, head + b"".join(bytes(named_key(f"entry {n}")) for n in range(count)))


def _entries(account: Account | None, slot: int) -> list[Pubkey]:
    (table,) = usable_tables((TABLE,), Accounts(slot, (account,)))
    return list(table.addresses)


@given(st.integers(0, 256), st.integers(6, 2**63))
def test_every_entry_is_usable_after_the_slot_of_the_last_extension(count: int, slot: int) -> None:
    assert _entries(_account(count), slot) == [named_key(f"entry {n}") for n in range(count)]


@given(st.integers(0, 20), st.integers(0, 30))
def test_entries_of_the_present_slots_extension_are_not_usable_yet(count: int, first: int) -> None:
    usable = _entries(_account(count, extended=9, first=first), 9)
    assert usable == [named_key(f"entry {n}") for n in range(min(first, count))]


@pytest.mark.skipif(not GOLDEN.exists() and os.environ.get("CI") != "true", reason="recorded tables are not here")
def test_a_recorded_table_reads_as_recorded_until_it_is_deactivated() -> None:
    steps = json.loads(GOLDEN.read_text())["instructions"]
    addresses: list[str] = []
    outcomes: list[bool | None] = []
    for step in steps[:4]:
        addresses += step["args"].get("addresses", [])
        body = b"".join(bytes(Pubkey.from_string(text)) for text in addresses)
        data = bytes.fromhex(step["table_account_after"]["data_hex_first_56"]) + body
        assert len(data) == step["table_account_after"]["len"]
        try:
            outcomes.append([str(key) for key in _entries(Account(str(LOOKUP_TABLE), 1, data), 2**40)] == addresses)
        except MissingLookupTable:
            outcomes.append(None)
    assert outcomes == [True, True, True, None]


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (None, "does not exist"),
        (_account(2, deactivated=7), "deactivated in slot 7"),
        (Account(str(Pubkey.default()), 1, _account(2).data), "not a lookup table"),
        (Account(str(LOOKUP_TABLE), 1, bytes(56)), "not initialised"),
        (Account(str(LOOKUP_TABLE), 1, _account(2).data[:-1]), "not a lookup table"),
        (Account(str(LOOKUP_TABLE), 1, b""), "not a lookup table"),
        (Account(str(LOOKUP_TABLE), 1, _account(257).data), "not a lookup table"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(account: Account | None, words: str) -> None:
    with pytest.raises(MissingLookupTable, match=words):
        _entries(account, 10)
