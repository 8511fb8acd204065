"""Address-lookup tables: account bytes, and which entries a transaction may use now."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.pubkey import Pubkey

from hoploop.errors import MissingLookupTable
from hoploop_solana._shared.accounts import Account, Accounts
from hoploop_solana._shared.addresses import LOOKUP_TABLE

# type u32, deactivation slot u64, last extended slot u64, first index of that extension u8; addresses from 56.
# Source: solana-program/address-lookup-table, program/src/state.rs
META = struct.Struct("<IQQB")
META_SIZE = 56
ACTIVE = 2**64 - 1
MAX_ADDRESSES = 256


def usable_tables(keys: Sequence[Pubkey], answer: Accounts) -> tuple[AddressLookupTableAccount, ...]:
    """Tables as of the answer's slot; MissingLookupTable when one is absent, foreign, malformed or deactivated."""
    return tuple(
        AddressLookupTableAccount(key, _addresses(key, account, answer.slot))
        for key, account in zip(keys, answer.items, strict=True)
    )


def _addresses(key: Pubkey, account: Account | None, slot: int) -> list[Pubkey]:
    if account is None:
        raise MissingLookupTable("C212", f"lookup table {key} does not exist on this chain")
    data = account.data
    count, rest = divmod(len(data) - META_SIZE, 32)
    if account.owner != str(LOOKUP_TABLE) or count < 0 or rest or count > MAX_ADDRESSES:
        raise MissingLookupTable("C212", f"{key} is not a lookup table")
    kind, deactivated, extended, first = META.unpack_from(data)
    if kind != 1:
        raise MissingLookupTable("C212", f"lookup table {key} is not initialised")
    if deactivated != ACTIVE:
        raise MissingLookupTable("C212", f"lookup table {key} was deactivated in slot {deactivated}")
    # Entries appended in slot S can be used in slots after S only.
    usable = count if extended < slot else min(first, count)
    return [Pubkey(data[at : at + 32]) for at in range(META_SIZE, META_SIZE + 32 * usable, 32)]
