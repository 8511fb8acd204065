"""Meteora DAMM v1: a pool whose reserves are shares of two lending vaults."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hoploop.hot.reference import token
from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.meteora_damm_v1_curves import PEG, Stable, product
from hoploop.hot.reference.refusal import Refused, demand, refusing, u64, u128

PROGRAM = address("Eo7WjKq67rjJQSZxS6z3YkapzY3eMj6Xy8X5EQVn5UaB")
VAULT_PROGRAM = address("24Uqj9JCLxUeoC3hGfh5W3s9FM9uCHDS2SG3LYwBpyTi")
POOL_MAGIC = bytes.fromhex("f19a6d0411b16dbc")
VAULT_MAGIC = bytes.fromhex("d308e82b02987577")
POOL_LENGTH, VAULT_LENGTH = 875, 1227
STABLE_LENGTH = 925
UNLOCKED = 10**12
CACHED_SECONDS = 600
MARINADE, LIDO = (
    address("8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC"),
    address("49Yi1TKkNyYjPAFdR9LBvoHcUjuPX4Df5T5yv39w2XTn"),
)


class Share(msgspec.Struct, frozen=True):
    """One side: what the vault has, how many of its LP tokens exist and how many are the pool's."""

    total: int
    unlocked: int
    supply: int
    held: int
    liquid: int
    """What lies in the vault's token account; the rest is lent out."""
    enabled: bool

    @property
    def amount(self) -> int:
        """What the pool's LP tokens are worth."""
        return worth(self.held, self.unlocked, self.supply)


class Pool(msgspec.Struct, frozen=True):
    """State of one pool at one moment; fees are (numerator, denominator), the protocol's a part of the trade's."""

    shares: tuple[Share, Share]
    trade_fee: tuple[int, int]
    protocol_fee: tuple[int, int]
    stable: Stable | None

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out). Source: damm-v1-sdk `dynamic-amm-quote/src/lib.rs`, and the program itself."""
        demand(exact_in and variant == 0, "unsupported")
        if amount == 0:
            return 0, 0
        into, out = self.shares if zero_for_one else self.shares[::-1]
        trade = _fee(amount, *self.trade_fee)
        protocol = _fee(trade, *self.protocol_fee)
        given = self._deposited(into, u64(amount - protocol)) - u128(trade - protocol)
        demand(given >= 0, "overflow")
        if self.stable is None:
            bought = product(given, into.amount, out.amount)
        else:
            bought = self.stable.swap(given, into.amount, out.amount, zero_for_one)
        burnt = minted(u64(bought), out.unlocked, out.supply)
        received = worth(burnt, out.unlocked, out.supply)
        demand(received <= out.liquid, "empty")
        return amount, received

    def _deposited(self, into: Share, amount: int) -> int:
        """By how much a deposit raises the worth of the pool's LP tokens."""
        demand(into.enabled, "disabled")
        demand(amount > 0, "zero")
        lp = minted(amount, into.unlocked, into.supply)
        u64(into.total + amount)
        after = worth(u64(into.held + lp), u64(into.unlocked + amount), u64(into.supply + lp))
        return u64(after - into.amount)


def worth(lp: int, unlocked: int, supply: int) -> int:
    """Tokens that LP tokens of a vault are worth."""
    demand(supply > 0, "empty")
    return u64(lp * unlocked // supply)


def minted(amount: int, unlocked: int, supply: int) -> int:
    """LP tokens that an amount of tokens is worth."""
    demand(unlocked > 0, "empty")
    return u64(amount * supply // unlocked)


def _fee(amount: int, numerator: int, denominator: int) -> int:
    """`floor`, but at least 1 of anything."""
    if amount == 0 or numerator == 0:
        return 0
    demand(denominator > 0, "range")
    return max(u128(amount * numerator) // denominator, 1)


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """The pool's state now. Source: damm-v1-sdk `programs/dynamic-amm/src/state.rs`, `dynamic-vault/src/state.rs`."""
    accounts, now = Accounts(roles, held), Clock(*clock)
    pool = accounts.owned("pool", PROGRAM)
    demand(len(pool.data) >= POOL_LENGTH, "length")
    demand(pool.data[:8] == POOL_MAGIC, "magic")
    demand(now.unix_timestamp >= 0 and pool.uint(475, 1) <= 1 and pool.uint(233, 1) <= 1, "range")
    point = (now.slot, now.unix_timestamp)[pool.uint(475, 1)]
    demand(pool.uint(233, 1) == 1 and point >= pool.uint(403, 8), "disabled")
    return Pool(
        shares=(_share(accounts, pool, "a", now), _share(accounts, pool, "b", now)),
        trade_fee=(pool.uint(330, 8), pool.uint(338, 8)),
        protocol_fee=(pool.uint(346, 8), pool.uint(354, 8)),
        stable=_stable(accounts, pool, now),
    )


def _share(accounts: Accounts, pool: Account, side: str, now: Clock) -> Share:
    vault = accounts.owned(f"vault_{side}", VAULT_PROGRAM)
    demand(len(vault.data) >= VAULT_LENGTH, "length")
    demand(vault.data[:8] == VAULT_MAGIC, "magic")
    at = 0 if side == "a" else 32
    named = {
        f"vault_{side}": pool.take(104 + at, 32),
        f"vault_lp_{side}": pool.take(168 + at, 32),
        f"token_vault_{side}": vault.take(19, 32),
        f"lp_mint_{side}": vault.take(115, 32),
    }
    demand(all(accounts.key(role) == key for role, key in named.items()), "inconsistent")
    mint = accounts.role(f"lp_mint_{side}")
    demand(mint.owner == token.TOKEN, "owner")
    total = vault.uint(11, 8)
    return Share(
        total=total,
        unlocked=u64(total - _locked(vault, now)),
        supply=mint.uint(36, 8),
        held=token.held(accounts.role(f"vault_lp_{side}")),
        liquid=token.held(accounts.role(f"token_vault_{side}")),
        enabled=vault.data[8] != 0,
    )


def _locked(vault: Account, now: Clock) -> int:
    """The part of the last profit that is not shared out yet; it melts with time."""
    profit, reported, degradation = (vault.uint(at, 8) for at in (1203, 1211, 1219))
    melted = u64(now.unix_timestamp - reported) * degradation
    return 0 if melted > UNLOCKED else profit * (UNLOCKED - melted) // UNLOCKED


def _stable(accounts: Accounts, pool: Account, now: Clock) -> Stable | None:
    tag = pool.uint(874, 1)
    demand(tag <= 1, "unsupported")
    if tag == 0:
        return None
    demand(len(pool.data) >= STABLE_LENGTH, "length")
    amp, multipliers = pool.uint(875, 8), (pool.uint(883, 8), pool.uint(891, 8))
    kind = pool.uint(916, 1)
    demand(kind <= 3, "unsupported")
    if kind == 0:
        return Stable(amp, multipliers, (1, 1))
    price = pool.uint(900, 8)
    if now.unix_timestamp > u64(pool.uint(908, 8) + CACHED_SECONDS):
        price = _virtual_price(accounts, pool, kind)
    return Stable(amp, multipliers, (PEG, price))


def _virtual_price(accounts: Accounts, pool: Account, kind: int) -> int:
    """Millionths of a staked token's worth, from its stake pool. Source: damm-v1-sdk `depeg/*.rs`."""
    wanted = {1: MARINADE, 2: LIDO}.get(kind, pool.take(363, 32))
    demand(accounts.key("stake") == wanted, "inconsistent")
    stake = accounts.role("stake")
    if kind == 1:
        return u64(stake.uint(512, 8) * PEG >> 32)
    supply, lamports = (stake.uint(73, 8), stake.uint(81, 8)) if kind == 2 else (stake.uint(266, 8), stake.uint(258, 8))
    if supply == 0:
        raise Refused("empty")
    return u64(lamports * PEG // supply)
