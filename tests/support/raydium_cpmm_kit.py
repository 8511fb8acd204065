"""Raydium CPMM pools made for tests, in the on-chain layout."""

from __future__ import annotations

import msgspec
from venue_kit import TOKEN, TOKEN_2022, Forged, account_key, mint_account, packed, token_account

from hoploop.hot.reference.raydium_cpmm import PROGRAM

VENUE = "raydium_cpmm"
KEYS = {role: account_key(role) for role in ("pool", "config", "vault_a", "vault_b", "mint_a", "mint_b")}


class Terms(msgspec.Struct, frozen=True):
    """What a forged pool is made of."""

    vaults: tuple[int, int] = (1_000_000_000, 5_000_000)
    owed: tuple[int, int] = (0, 0)
    trade_rate: int = 2500
    creator_rate: int = 0
    creator_on: int = 0
    creator_enabled: bool = False
    fees: tuple[tuple[int, int] | None, tuple[int, int] | None] = (None, None)
    status: int = 0
    open_time: int = 0


def forge(terms: Terms) -> Forged:
    """A pool of these terms in the on-chain layout."""
    places = {8: "config", 72: "vault_a", 104: "vault_b", 168: "mint_a", 200: "mint_b"}
    named: dict[int, int | bytes] = {at: KEYS[role] for at, role in places.items()}
    numbers: dict[int, int | bytes] = {341: terms.owed[0], 349: terms.owed[1], 373: terms.open_time}
    flags: dict[int, int | bytes] = {329: bytes([terms.status]), 389: bytes([terms.creator_on, terms.creator_enabled])}
    pool = packed(637, named | numbers | flags, "f7ede3f5d7c3de46")
    config = packed(236, {12: terms.trade_rate, 108: terms.creator_rate}, "daf42168cbcb2b6f")
    held = {KEYS["pool"]: (PROGRAM, pool), KEYS["config"]: (PROGRAM, config)}
    for side, amount, fee in zip("ab", terms.vaults, terms.fees, strict=True):
        mint = KEYS[f"mint_{side}"]
        held[mint] = mint_account(fee)
        held[KEYS[f"vault_{side}"]] = token_account(amount, mint, TOKEN if fee is None else TOKEN_2022)
    return Forged(KEYS, held)
