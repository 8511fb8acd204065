"""Raydium AMM v4 pools made for tests, in the on-chain layout."""

from __future__ import annotations

import msgspec
from venue_kit import Forged, account_key, mint_account, packed, token_account

from hoploop.hot.reference.raydium_amm_v4 import PROGRAM

VENUE = "raydium_amm_v4"
KEYS = {role: account_key(role) for role in ("pool", "vault_a", "vault_b", "mint_a", "mint_b")}


class Terms(msgspec.Struct, frozen=True):
    """What a forged pool is made of."""

    vaults: tuple[int, int] = (1_000_000_000, 5_000_000)
    taken: tuple[int, int] = (0, 0)
    fee: tuple[int, int] = (25, 10_000)
    status: int = 6
    open_time: int = 0


def forge(terms: Terms) -> Forged:
    """A pool of these terms in the on-chain layout."""
    places = {336: "vault_a", 368: "vault_b", 400: "mint_a", 432: "mint_b"}
    named: dict[int, int | bytes] = {at: KEYS[role] for at, role in places.items()}
    numbers: dict[int, int | bytes] = {
        0: terms.status, 176: terms.fee[0], 184: terms.fee[1], 192: terms.taken[0], 200: terms.taken[1],
        224: terms.open_time,
    }  # fmt: skip
    held = {KEYS["pool"]: (PROGRAM, packed(752, named | numbers))}
    for side, amount in zip("ab", terms.vaults, strict=True):
        mint = KEYS[f"mint_{side}"]
        held[mint] = mint_account()
        held[KEYS[f"vault_{side}"]] = token_account(amount, mint)
    return Forged(KEYS, held)
