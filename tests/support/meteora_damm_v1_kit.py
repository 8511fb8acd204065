"""Meteora DAMM v1 pools made for tests, in the on-chain layout."""

from __future__ import annotations

import msgspec
from venue_kit import Forged, account_key, mint_account, packed, token_account

from hoploop.hot.reference.meteora_damm_v1 import LIDO, MARINADE, PROGRAM, VAULT_PROGRAM

VENUE = "meteora_damm_v1"
SIDE_ROLES = ("vault", "vault_lp", "token_vault", "lp_mint")
NOW = 1_700_000_000
CACHED, EXPIRED = NOW - 600, NOW - 601


class Vault(msgspec.Struct, frozen=True):
    """One side of a forged pool."""

    total: int = 10**9
    supply: int = 10**9
    held: int = 10**8
    liquid: int = 10**9
    profit: int = 0
    report: int = NOW
    degradation: int = 0
    enabled: int = 1


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a forged pool is made of; without `amp` its curve is the constant product."""

    sides: tuple[Vault, Vault] = (Vault(), Vault())
    trade_fee: tuple[int, int] = (250, 100_000)
    protocol_fee: tuple[int, int] = (20_000, 100_000)
    amp: int | None = None
    multipliers: tuple[int, int] = (1, 1)
    peg: int = 0
    cached: tuple[int, int] = (10**6, CACHED)
    """Virtual price and when it was cached."""
    stake: tuple[int, int] = (11 * 10**8, 10**9)
    """Lamports and supply of the stake pool; Marinade's price is the first."""


def forge(terms: Terms) -> Forged:
    """A pool of these terms in the on-chain layout."""
    roles = {f"{role}_{side}": account_key(f"{role}_{side}") for role in SIDE_ROLES for side in "ab"}
    stake = {1: MARINADE, 2: LIDO}.get(terms.peg, account_key("stake"))
    roles |= {"pool": account_key("pool"), "stake": stake}
    named = {104: "vault_a", 136: "vault_b", 168: "vault_lp_a", 200: "vault_lp_b"}
    fields: dict[int, int | bytes] = {at: roles[role] for at, role in named.items()}
    fields |= {233: b"\1", 330: terms.trade_fee[0], 338: terms.trade_fee[1]}
    fields |= {346: terms.protocol_fee[0], 354: terms.protocol_fee[1], 363: account_key("stake")}
    if terms.amp is not None:
        fields |= {874: b"\1", 875: terms.amp, 883: terms.multipliers[0], 891: terms.multipliers[1]}
        fields |= {900: terms.cached[0], 908: terms.cached[1], 916: bytes([terms.peg])}
    held = {roles["pool"]: (PROGRAM, packed(944, fields, "f19a6d0411b16dbc"))}
    lamports, supply = terms.stake
    held[stake] = (bytes(32), packed(640, {512: lamports, 73: supply, 81: lamports, 258: lamports, 266: supply}))
    for side, vault in zip("ab", terms.sides, strict=True):
        at: dict[int, int | bytes] = {8: bytes([vault.enabled]), 11: vault.total, 1203: vault.profit}
        at |= {1211: vault.report, 1219: vault.degradation}
        at |= {19: roles[f"token_vault_{side}"], 115: roles[f"lp_mint_{side}"]}
        held[roles[f"vault_{side}"]] = VAULT_PROGRAM, packed(1227, at, "d308e82b02987577")
        held[roles[f"lp_mint_{side}"]] = mint_account(supply=vault.supply)
        held[roles[f"vault_lp_{side}"]] = token_account(vault.held, roles[f"lp_mint_{side}"])
        held[roles[f"token_vault_{side}"]] = token_account(vault.liquid, bytes(32))
    return Forged(roles, held, (1, NOW, 500))
