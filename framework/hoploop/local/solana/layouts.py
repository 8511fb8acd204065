"""Byte layouts of the accounts the local chain forges: SPL tokens, lookup tables, our pools and reserves."""

from __future__ import annotations

import struct

import msgspec
from solders.pubkey import Pubkey

SYSTEM = Pubkey.default()
TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022 = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
TOKEN_PROGRAMS = (TOKEN, TOKEN_2022)
ATA_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
LOOKUP_TABLES = Pubkey.from_string("AddressLookupTab1e1111111111111111111111111")
UPGRADEABLE_LOADER = Pubkey.from_string("BPFLoaderUpgradeab1e11111111111111111111111")
COMPUTE_BUDGET = Pubkey.from_string("ComputeBudget111111111111111111111111111111")
INSTRUCTIONS_SYSVAR = Pubkey.from_string("Sysvar1nstructions1111111111111111111111111")
NATIVE_MINT = Pubkey.from_string("So11111111111111111111111111111111111111112")

TOKEN_ACCOUNT_SIZE = 165
LOOKUP_TABLE_META = 56
POOL = struct.Struct("<8sIIB7x32s32s32s32sQQQ")
RESERVE = struct.Struct("<8sIIBB6x32s32sQ")
POOL_MAGIC = b"HOPAMM01"
RESERVE_MAGIC = b"HOPLEND1"


class Token(msgspec.Struct, frozen=True):
    """The fields of an SPL token account that balances need."""

    mint: Pubkey
    owner: Pubkey
    amount: int


def ata(owner: Pubkey, mint: Pubkey) -> Pubkey:
    """Associated token account of the classic token program."""
    return Pubkey.find_program_address([bytes(owner), bytes(TOKEN), bytes(mint)], ATA_PROGRAM)[0]


def authority(state: Pubkey, program: Pubkey) -> tuple[Pubkey, int]:
    """(address, bump) of the PDA `[b"authority", state]` that owns a pool's or reserve's vaults."""
    return Pubkey.find_program_address([b"authority", bytes(state)], program)


def mint(decimals: int, supply: int) -> bytes:
    """82-byte mint without mint or freeze authority."""
    return bytes(36) + struct.pack("<QBB", supply, decimals, 1) + bytes(36)


def token_account(mint_key: Pubkey, owner: Pubkey, amount: int, *, native_rent: int | None = None) -> bytes:
    """165-byte token account; `native_rent` marks a wrapped-SOL account and is its rent-exempt reserve in lamports."""
    is_native = bytes(12) if native_rent is None else struct.pack("<IQ", 1, native_rent)
    head = bytes(mint_key) + bytes(owner) + struct.pack("<Q", amount) + bytes(36) + b"\x01"
    return head + is_native + bytes(8) + bytes(36)


def read_token(data: bytes) -> Token | None:
    """Mint, owner and amount; None when the bytes are not an initialized token account."""
    if len(data) < TOKEN_ACCOUNT_SIZE or data[108] == 0 or (len(data) > TOKEN_ACCOUNT_SIZE and data[165] != 2):
        return None
    return Token(Pubkey(data[:32]), Pubkey(data[32:64]), int.from_bytes(data[64:72], "little"))


def lookup_table(addresses: list[Pubkey]) -> bytes:
    """Active table without authority, extended in slot 0, so every entry is usable at once."""
    head = struct.pack("<IQQB", 1, 2**64 - 1, 0, 0)
    return head.ljust(LOOKUP_TABLE_META, b"\0") + b"".join(map(bytes, addresses))


def read_lookup_table(data: bytes) -> list[Pubkey]:
    """Addresses of a table account; empty when the bytes are no table."""
    body = data[LOOKUP_TABLE_META:]
    return [Pubkey(body[at : at + 32]) for at in range(0, len(body) // 32 * 32, 32)]
