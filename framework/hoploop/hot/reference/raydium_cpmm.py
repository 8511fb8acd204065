"""Raydium CPMM: constant product with trade and creator fees, fees kept out of the reserves."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hoploop.hot.reference import raydium, token
from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.refusal import U64_MAX, Refused, demand, refusing, u64, u128, up

PROGRAM = address("CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C")
POOL_MAGIC = bytes.fromhex("f7ede3f5d7c3de46")
CONFIG_MAGIC = bytes.fromhex("daf42168cbcb2b6f")
POOL_LENGTH, CONFIG_LENGTH = 637, 236
SWAP_DISABLED = 4
ONE = 1_000_000


class Side(msgspec.Struct, frozen=True):
    """One token of the pool: what the vault holds, what of it is priced, what its transfers cost."""

    vault: int
    reserve: int
    fee: token.TransferFee
    checked: bool
    """Token-2022 refuses a transfer that lifts a balance above 64 bits; the older token program lets it wrap."""

    def take(self, amount: int) -> None:
        """Refuses when the vault cannot hold `amount` more."""
        demand(not self.checked or self.vault + amount <= U64_MAX, "overflow")


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """State of one pool. Rates are millionths; `creator_on` is 0 for the input, 1 or 2 for token 0 or 1."""

    sides: tuple[Side, Side]
    trade_rate: int
    creator_rate: int
    creator_on: int
    creator_enabled: bool

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out). Source: raydium-cp-swap `instructions/swap_base_{input,output}.rs`."""
        newest = raydium.is_newest(variant) or self.creator_enabled
        into, out = self.sides if zero_for_one else self.sides[::-1]
        on_input = self.creator_on == 0 or (self.creator_on == 1) == zero_for_one
        if newest and on_input:
            # The newest source splits the fee between pool and creator, and cannot split a rate of zero.
            demand(self.trade_rate + self.creator_rate > 0, "zero")
        demand(amount > 0, "zero")
        if exact_in:
            arriving = into.fee.after(amount)
            given = out.fee.after(self._out(arriving, into, out, on_input))
            paid = amount
        else:
            leaving = _sent(out.fee, amount, newest)
            paid = _sent(into.fee, self._in(leaving, into, out, on_input, newest), newest)
            arriving = into.fee.after(paid)
            given = out.fee.after(leaving)
        into.take(arriving)
        demand(given > 0, "zero")
        return paid, given

    def _out(self, amount: int, into: Side, out: Side, on_input: bool) -> int:
        rate = self.trade_rate + (self.creator_rate if on_input else 0)
        net = amount - up(amount * rate, ONE)
        gross = net * out.reserve // (into.reserve + net)
        u128((into.reserve + net) * (out.reserve - gross))
        return gross if on_input else gross - up(gross * self.creator_rate, ONE)

    def _in(self, out_amount: int, into: Side, out: Side, on_input: bool, newest: bool) -> int:
        gross = out_amount if on_input else _before(out_amount, self.creator_rate)
        demand(gross < out.reserve, "empty")
        net = raydium.ceil(into.reserve * gross, out.reserve - gross, newest)
        u128((into.reserve + net) * (out.reserve - gross))
        amount = u64(_before(net, self.trade_rate + (self.creator_rate if on_input else 0)))
        demand(amount > 0, "zero")
        return amount


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """The pool's state. Source: raydium-cp-swap `states/{pool,config}.rs`."""
    accounts, now = Accounts(roles, held), Clock(*clock)
    pool, config = accounts.owned("pool", PROGRAM), accounts.owned("config", PROGRAM)
    demand(len(pool.data) >= POOL_LENGTH and len(config.data) >= CONFIG_LENGTH, "length")
    demand(pool.data[:8] == POOL_MAGIC and config.data[:8] == CONFIG_MAGIC, "magic")
    for at, role in ((8, "config"), (72, "vault_a"), (104, "vault_b"), (168, "mint_a"), (200, "mint_b")):
        demand(pool.take(at, 32) == accounts.key(role), "inconsistent")
    opened = max(now.unix_timestamp, 0) >= pool.uint(373, 8)
    demand(not pool.data[329] & SWAP_DISABLED and opened, "disabled")
    enabled = pool.data[390] != 0
    state = Pool(
        sides=(_side(accounts, pool, 0, now), _side(accounts, pool, 1, now)),
        trade_rate=config.uint(12, 8),
        creator_rate=config.uint(108, 8) if enabled else 0,
        creator_on=pool.data[389],
        creator_enabled=enabled,
    )
    demand(state.trade_rate + state.creator_rate <= ONE and state.creator_on <= 2, "range")
    return state


def _side(accounts: Accounts, pool: Account, side: int, now: Clock) -> Side:
    account = accounts.role(("vault_a", "vault_b")[side])
    vault = token.held(account)
    owed = sum(pool.uint(at + side * 8, 8) for at in (341, 357, 397))
    if owed >= vault:
        raise Refused("empty")
    fee = token.transfer_fee(accounts.role(("mint_a", "mint_b")[side]), now)
    return Side(vault, vault - owed, fee, account.owner == token.TOKEN_2022)


def _sent(fee: token.TransferFee, net: int, newest: bool) -> int:
    """What is sent so that `net` arrives: `net` plus the fee of the inverse, which newer builds check."""
    gross = fee.sent(net)
    demand(not newest or fee.after(gross) == net, "inconsistent")
    return gross


def _before(net: int, rate: int) -> int:
    demand(rate < ONE, "range")
    return u128(up(u128(net * ONE), ONE - rate))
