"""Meteora DAMM v2 pools made for tests, in the on-chain layout."""

from __future__ import annotations

import msgspec
from venue_kit import TOKEN, TOKEN_2022, Forged, account_key, mint_account, packed, token_account

from hoploop.hot.reference.meteora_damm_v2 import PROGRAM

VENUE = "meteora_damm_v2"
KEYS = {role: account_key(role) for role in ("pool", "vault_a", "vault_b", "mint_a", "mint_b")}
OPENED, NOW, SLOT = 1_700_000_000, 1_700_001_000, 250_000_000
ONE = 2**64


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a forged pool is made of. Prices are square roots in Q64.64, rates billionths."""

    mode: int = 0
    cliff: int = 2_500_000
    periods: int = 0
    words: tuple[int, int] = (0, 0)
    """The two 32-bit parameters; together the 64-bit length of a period."""
    reduction: int = 0
    collect: int = 0
    version: int = 1
    layout: int = 1
    activation: tuple[int, int] = (1, OPENED)
    status: int = 0
    prices: tuple[int, int, int, int] = (ONE, ONE // 1000, ONE, ONE * 1000)
    """First, least, now, most."""
    liquidity: int = 10**12 << 64
    counted: tuple[int, int] = (10**12, 10**12)
    vaults: tuple[int, int] = (2**62, 2**62)
    shares: tuple[int, int] = (20, 0)
    """Protocol's percent, compounding's bps."""
    dynamic: tuple[int, ...] = ()
    """Control, bin step, filter, decay, reduction, last update, bin step in Q64, accumulator."""
    fees: tuple[tuple[int, int] | None, tuple[int, int] | None] = (None, None)


def forge(terms: Terms) -> Forged:
    """A pool of these terms in the on-chain layout."""
    pool = bytearray(packed(1112, {}, "f19a6d0411b16dbc"))

    def put(at: int, size: int, value: int) -> None:
        pool[at : at + size] = value.to_bytes(size, "little")

    base = ((8, 8, terms.cliff), (16, 1, terms.mode), (22, 2, terms.periods), (32, 8, terms.reduction))
    words = ((24, 4, terms.words[0]), (28, 4, terms.words[1]), (48, 1, terms.shares[0]), (54, 2, terms.shares[1]))
    first, least, now, most = terms.prices
    prices = ((152, 16, first), (424, 16, least), (456, 16, now), (440, 16, most), (360, 16, terms.liquidity))
    kinds = ((480, 1, terms.activation[0]), (472, 8, terms.activation[1]), (481, 1, terms.status))
    modes = ((484, 1, terms.collect), (486, 1, terms.version), (696, 1, terms.layout))
    counted = ((680, 8, terms.counted[0]), (688, 8, terms.counted[1]))
    for at, size, value in base + words + prices + kinds + modes + counted:
        put(at, size, value)
    for at, role in ((168, "mint_a"), (200, "mint_b"), (232, "vault_a"), (264, "vault_b")):
        pool[at : at + 32] = KEYS[role]
    if terms.dynamic:
        control, step, sieve, decay, kept, updated, step_q64, accumulator = terms.dynamic
        limits = ((56, 1, 1), (68, 4, control), (72, 2, step), (74, 2, sieve), (76, 2, decay), (78, 2, kept))
        for at, size, value in (
            *limits,
            (80, 8, updated),
            (88, 16, step_q64),
            (104, 16, first),
            (120, 16, accumulator),
        ):
            put(at, size, value)
    held = {KEYS["pool"]: (PROGRAM, bytes(pool))}
    for side, amount, fee in zip("ab", terms.vaults, terms.fees, strict=True):
        mint = KEYS[f"mint_{side}"]
        held[mint] = mint_account(fee)
        held[KEYS[f"vault_{side}"]] = token_account(amount, mint, TOKEN if fee is None else TOKEN_2022)
    return Forged(KEYS, held, (SLOT, NOW, 700))
