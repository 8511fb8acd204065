"""PumpSwap pools made for tests, in the on-chain layout."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from solders.pubkey import Pubkey
from venue_kit import Forged, account_key, mint_account, packed, token_account

from hoploop.hot.reference.pump_swap import FEE_PROGRAM, PROGRAM, PUMP, WRAPPED_SOL

VENUE = "pump_swap"
BASE_MINT = account_key("mint_a")
AUTHORITY = bytes(Pubkey.find_program_address([b"pool-authority", BASE_MINT], PUMP)[0])
Tier = tuple[int, int, int, int]
SOL_TIERS: tuple[Tier, ...] = ((0, 2, 93, 30), (420 * 10**9, 20, 5, 95), (1470 * 10**9, 20, 5, 90))
USDC_TIERS: tuple[Tier, ...] = ((0, 3, 4, 5),)


class Terms(msgspec.Struct, frozen=True):
    """What a forged pool is made of; by default a graduated coin quoted in SOL, between 420 and 1 470 SOL."""

    base: int = 200_000_000 * 10**6
    quote: int = 100 * 10**9
    supply: int = 10**15
    virtual: int = 0
    quote_mint: bytes = WRAPPED_SOL
    creator: bytes = AUTHORITY
    coin_creator: bytes = account_key("coin creator")
    mayhem: bool = False
    own_creator_fee: int = 0
    configurable: bool = True
    flags: int = 0
    length: int = 300
    sol_tiers: Sequence[Tier] = SOL_TIERS
    flat: tuple[int, int, int] = (25, 5, 0)
    exotic: tuple[int, int, int] | None = (7, 8, 9)


def forge(terms: Terms) -> Forged:
    """A pool of these terms in the on-chain layout."""
    roles = {role: account_key(role) for role in ("pool", "global_config", "fee_config", "vault_a", "vault_b")}
    roles |= {"mint_a": BASE_MINT, "mint_b": terms.quote_mint}
    pool = packed(
        300,
        {
            11: terms.creator, 43: BASE_MINT, 75: terms.quote_mint, 139: roles["vault_a"], 171: roles["vault_b"],
            211: terms.coin_creator, 243: bytes([terms.mayhem]), 245: terms.virtual.to_bytes(16, "little", signed=True),
            261: terms.own_creator_fee,
        },
        "f19a6d0411b16dbc",
    )  # fmt: skip
    settings = packed(949, {56: bytes([terms.flags]), 940: bytes([terms.configurable])}, "95089ccaa0fcb0d9")
    held = {
        roles["pool"]: (PROGRAM, pool[: terms.length]),
        roles["global_config"]: (PROGRAM, settings),
        roles["fee_config"]: (FEE_PROGRAM, _fee_config(terms)),
        roles["vault_a"]: token_account(terms.base, BASE_MINT),
        roles["vault_b"]: token_account(terms.quote, terms.quote_mint),
        BASE_MINT: mint_account(supply=terms.supply),
        terms.quote_mint: mint_account(),
    }
    return Forged(roles, held)


def _fee_config(terms: Terms) -> bytes:
    def row(numbers: Sequence[int]) -> bytes:
        return b"".join(number.to_bytes(8, "little") for number in numbers)

    data = packed(41, {}, "8f3492bbdb7b4c9b") + row(terms.flat)
    for tiers in (terms.sol_tiers, USDC_TIERS):
        data += len(tiers).to_bytes(4, "little")
        data += b"".join(tier[0].to_bytes(16, "little") + row(tier[1:]) for tier in tiers)
    return data + (row(terms.exotic) if terms.exotic else b"")
