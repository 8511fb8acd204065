"""Raydium AMM v4: constant product without an order book, the whole fee kept in the pool."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hoploop.hot.reference import raydium, token
from hoploop.hot.reference.accounts import Accounts, Clock, address
from hoploop.hot.reference.refusal import demand, refusing, u64, u128

PROGRAM = address("675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8")
LENGTH = 752
INITIALIZED, SWAP_ONLY, WAITING = 1, 6, 7


class Pool(msgspec.Struct, frozen=True):
    """State of one pool; reserves are coin and pc."""

    reserves: tuple[int, int]
    fee_num: int
    fee_den: int

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out). Source: raydium-amm `processor.rs` `process_swap_base_{in,out}_v2`."""
        newest = raydium.is_newest(variant)
        reserve_in, reserve_out = self.reserves if zero_for_one else self.reserves[::-1]
        demand(amount > 0, "zero")
        if not exact_in:
            demand(amount < reserve_out, "empty")
            net = raydium.ceil(reserve_in * amount, reserve_out - amount, newest)
            paid = u64(raydium.ceil(u128(net * self.fee_den), self.fee_den - self.fee_num, newest))
            demand(paid > 0, "zero")
            return paid, amount
        net = amount - raydium.ceil(amount * self.fee_num, self.fee_den, newest)
        demand(reserve_in + net > 0, "empty")
        out = reserve_out * net // (reserve_in + net)
        demand(0 < out < reserve_out, "zero")
        return amount, out


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """The pool's state. Source: raydium-amm `state.rs` `AmmInfo`."""
    accounts, now = Accounts(roles, held), Clock(*clock)
    pool = accounts.owned("pool", PROGRAM)
    demand(len(pool.data) == LENGTH, "length")
    for at, role in ((336, "vault_a"), (368, "vault_b"), (400, "mint_a"), (432, "mint_b")):
        demand(pool.take(at, 32) == accounts.key(role), "inconsistent")
    demand(pool.take(400, 32) != pool.take(432, 32), "inconsistent")
    status, opens = pool.uint(0, 8), pool.uint(224, 8)
    waiting_is_over = status == WAITING and max(now.unix_timestamp, 0) >= opens
    demand(status in (INITIALIZED, SWAP_ONLY) or waiting_is_over, "disabled")
    vaults = [token.held(accounts.owned(role, token.TOKEN)) for role in ("vault_a", "vault_b")]
    coin, pc = (u64(vault - pool.uint(192 + side * 8, 8)) for side, vault in enumerate(vaults))
    state = Pool((coin, pc), pool.uint(176, 8), pool.uint(184, 8))
    demand(state.fee_num < state.fee_den, "range")
    return state
