"""Reserves of the flash lenders made for tests, in the on-chain layout."""

from __future__ import annotations

from venue_kit import Forged, account_key, packed, token_account

from hoploop.hot.reference import flash_fees

ROLES = ("reserve", "bank", "market", "group", "mint", "supply_vault", "fee_vault")
KEYS = {role: account_key(role) for role in ROLES}
ONE = 2**48


def _pool(role: str, program: bytes, data: bytes, vault: int) -> Forged:
    held = {KEYS[role]: (program, data), KEYS["supply_vault"]: token_account(vault, KEYS["mint"])}
    return Forged(KEYS, held, clock=(1000, 1, 1))


def klend(rate: int, available: int, updated: int = 0) -> Forged:
    """A klend reserve."""
    named = {32: KEYS["market"], 128: KEYS["mint"], 160: KEYS["supply_vault"], 192: KEYS["fee_vault"]}
    fields: dict[int, int | bytes] = {16: updated, 224: available, 4904: rate, **named}
    return _pool("reserve", flash_fees.KLEND, packed(8624, fields, "2bf2ccca1af73b7f"), available)


def solend(rate: int, available: int, host_percent: int) -> Forged:
    """A Solend reserve."""
    named = {10: KEYS["market"], 42: KEYS["mint"], 75: KEYS["supply_vault"], 339: KEYS["fee_vault"]}
    fields: dict[int, int | bytes] = {171: available, 314: rate, 322: bytes([host_percent]), **named}
    return _pool("reserve", flash_fees.SOLEND, packed(619, fields, "01"), available)


def marginfi(rate: int, vault: int, share_value: int, debt: int, limit: int) -> Forged:
    """A marginfi bank whose depositors own nearly everything there can be."""
    numbers = {80: ONE, 96: share_value, 256: debt, 272: 2**120, 480: rate}
    fields: dict[int, int | bytes] = {at: value.to_bytes(16, "little") for at, value in numbers.items()}
    fields |= {8: KEYS["mint"], 41: KEYS["group"], 112: KEYS["supply_vault"], 608: b"\1", 776: limit}
    return _pool("bank", flash_fees.MARGINFI, packed(1864, fields, "8e31a6f2324261bc"), vault)
