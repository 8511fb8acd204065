"""Transaction bytes from outside -> a checked transaction with its accounts, before the virtual machine sees it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from solders.message import MessageV0, MessageV1
from solders.pubkey import Pubkey
from solders.transaction import SanitizeError, VersionedTransaction

from hoploop.local.solana import layouts

MAX_BYTES = 1232
"""Legacy and v0 (one packet). LiteSVM does not look at the size."""
MAX_BYTES_V1 = 4096
V1_PREFIX = 0x81
MAX_LOADED_BYTES = 64 * 1024 * 1024
_ACCOUNT_OVERHEAD = 64
_TABLE_BYTES = 8_248  # charged per lookup table, whatever it holds (SIMD-0186)
_SET_LOADED_LIMIT = 4
_SET_UNIT_PRICE = 3

Data = Callable[[Pubkey], bytes | None]
"""Account data by address; None when there is no such account."""


class Malformed(Exception):
    """The bytes are not a transaction this chain takes; the text says why."""


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """A well-formed transaction. Nothing is known yet about signatures, blockhash or accounts."""

    raw: bytes
    tx: VersionedTransaction
    signature: str
    blockhash: str
    version: int | str
    """`legacy`, 0 or 1."""


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """Every account of a transaction in the order of its indices: static, table writables, table readonlies."""

    keys: tuple[Pubkey, ...]
    writable: tuple[bool, ...]
    loaded_writable: tuple[Pubkey, ...]
    loaded_readonly: tuple[Pubkey, ...]


def decode(raw: bytes) -> Decoded:
    """Parse and sanitize; Malformed when too large, not a transaction, or inconsistent in itself."""
    limit = MAX_BYTES_V1 if raw[:1] == bytes([V1_PREFIX]) else MAX_BYTES
    if len(raw) > limit:
        raise Malformed(f"VersionedTransaction too large: {len(raw)} bytes (max: encoded/raw {limit * 4 // 3}/{limit})")
    try:
        tx = VersionedTransaction.from_bytes(raw)
        tx.sanitize()
    except (ValueError, SanitizeError) as err:
        raise Malformed(f"failed to deserialize VersionedTransaction: {err}") from err
    if bytes(tx) != raw:
        raise Malformed("failed to deserialize VersionedTransaction: trailing or non-canonical bytes")
    message = tx.message
    version: int | str = 0 if isinstance(message, MessageV0) else 1 if isinstance(message, MessageV1) else "legacy"
    return Decoded(
        raw=raw,
        tx=tx,
        signature=str(tx.signatures[0]),
        blockhash=str(message.recent_blockhash),
        version=version,
    )


def accounts(decoded: Decoded, data: Data) -> Accounts:
    """Resolve lookup tables. Entries a table does not have are left out: the virtual machine refuses them by name."""
    message = decoded.tx.message
    keys = list(message.account_keys)
    writable = [is_writable(decoded, i) for i in range(len(keys))]
    loaded_writable: list[Pubkey] = []
    loaded_readonly: list[Pubkey] = []
    if isinstance(message, MessageV0):
        for lookup in message.address_table_lookups:
            table = layouts.read_lookup_table(data(lookup.account_key) or b"")
            loaded_writable += [table[i] for i in lookup.writable_indexes if i < len(table)]
            loaded_readonly += [table[i] for i in lookup.readonly_indexes if i < len(table)]
    keys += loaded_writable + loaded_readonly
    writable += [True] * len(loaded_writable) + [False] * len(loaded_readonly)
    return Accounts(
        keys=tuple(keys),
        writable=tuple(writable),
        loaded_writable=tuple(loaded_writable),
        loaded_readonly=tuple(loaded_readonly),
    )


def is_writable(decoded: Decoded, index: int) -> bool:
    """Does the message lock static account `index` for writing?"""
    header, count = decoded.tx.message.header, len(decoded.tx.message.account_keys)
    signed = header.num_required_signatures
    if index < signed:
        return index < signed - header.num_readonly_signed_accounts
    return index < count - header.num_readonly_unsigned_accounts


def loaded_bytes(decoded: Decoded, found: Accounts, data: Data) -> int:
    """Bytes a node counts as loaded: 64 + data of each account and program data, and a flat sum per lookup table."""
    total = 0
    for key in found.keys:
        held = data(key)
        if held is None:
            continue
        total += _ACCOUNT_OVERHEAD + len(held)
        if len(held) == 36 and held[:4] == b"\x02\0\0\0":  # a program: what runs lies in its program-data account
            total += _ACCOUNT_OVERHEAD + len(data(Pubkey(held[4:])) or b"")
    tables = decoded.tx.message.address_table_lookups if isinstance(decoded.tx.message, MessageV0) else ()
    return total + _TABLE_BYTES * len(tables)


def loaded_limit(decoded: Decoded) -> int:
    """Most bytes the transaction allows itself to load; at most 64 MiB."""
    message = decoded.tx.message
    if isinstance(message, MessageV1):
        return min(message.config.loaded_accounts_data_size_limit or 0, MAX_LOADED_BYTES)
    asked = _budget_value(decoded, _SET_LOADED_LIMIT, 4)
    return MAX_LOADED_BYTES if asked is None else min(asked, MAX_LOADED_BYTES)


def unit_price(decoded: Decoded) -> int:
    """Requested compute-unit price in micro-lamports; 0 when none."""
    return _budget_value(decoded, _SET_UNIT_PRICE, 8) or 0


def _budget_value(decoded: Decoded, tag: int, size: int) -> int | None:
    message = decoded.tx.message
    for instruction in message.instructions:
        data = bytes(instruction.data)
        program = message.account_keys[instruction.program_id_index]
        if program == layouts.COMPUTE_BUDGET and len(data) == 1 + size and data[0] == tag:
            return int.from_bytes(data[1:], "little")
    return None
