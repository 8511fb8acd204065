"""Meteora DAMM v2 (cp-amm): one range of concentrated liquidity or a compounding product, with fees."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt

import msgspec

from hoploop.hot.reference import token
from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.meteora_damm_v2_fees import Rate, rates, with_fee, without
from hoploop.hot.reference.refusal import U64_MAX, U128_MAX, demand, refusing, u64, u128, up

PROGRAM = address("cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG")
MAGIC = bytes.fromhex("f19a6d0411b16dbc")
POOL_LENGTH = 1112
OLD_SWAP, PARTIAL_FILL = 1, 4


class Step(msgspec.Struct, frozen=True):
    """What a curve makes of an amount; `price` is None when it follows from the amounts."""

    input: int
    output: int
    price: int | None


class Range(msgspec.Struct, frozen=True):
    """Concentrated liquidity. Prices are square roots in Q64.64; liquidity has 64 fractional bits.

    Source: damm-v2 `liquidity_handler/concentrated_liquidity.rs`.
    """

    least: int
    most: int
    price: int
    liquidity: int

    def give(self, amount: int, a_to_b: bool, partial: bool) -> Step:
        """Put `amount` in; with `partial` only as much as the range takes."""
        end = self.least if a_to_b else self.most
        room = 0
        if partial:
            room = self.delta_a(end, self.price, True) if a_to_b else self.delta_b(self.price, end, True)
        if partial and amount >= room:
            return Step(room, self._output(end, a_to_b), end)
        price = self._after_in(amount, a_to_b)
        demand(partial or (price >= end if a_to_b else price <= end), "partial_fill")
        return Step(amount, self._output(price, a_to_b), price)

    def take(self, amount: int, a_to_b: bool) -> Step:
        """Take `amount` out."""
        price = self._after_out(amount, a_to_b)
        demand(price >= self.least if a_to_b else price <= self.most, "partial_fill")
        paid = self.delta_a(price, self.price, True) if a_to_b else self.delta_b(self.price, price, True)
        return Step(u64(paid), amount, price)

    def delta_a(self, lower: int, upper: int, rounds_up: bool) -> int:
        """A between two prices."""
        demand(lower <= upper and lower * upper > 0, "range")
        product, divisor = self.liquidity * (upper - lower), lower * upper
        return up(product, divisor) if rounds_up else product // divisor

    def delta_b(self, lower: int, upper: int, rounds_up: bool) -> int:
        """B between two prices."""
        demand(lower <= upper, "range")
        product = self.liquidity * (upper - lower)
        return up(product, 2**128) if rounds_up else product >> 128

    def _output(self, price: int, a_to_b: bool) -> int:
        return u64(self.delta_b(price, self.price, False) if a_to_b else self.delta_a(self.price, price, False))

    def _after_in(self, amount: int, a_to_b: bool) -> int:
        if a_to_b:
            return up(self.liquidity * self.price, self.liquidity + amount * self.price)
        return u128(self.price + amount * 2**128 // self.liquidity)

    def _after_out(self, amount: int, a_to_b: bool) -> int:
        if a_to_b:
            return u128(self.price - up(amount * 2**128, self.liquidity))
        left = self.liquidity - amount * self.price
        demand(left > 0, "overflow")
        return u128(up(self.liquidity * self.price, left))


class Product(msgspec.Struct, frozen=True):
    """Constant product on the amounts the pool counts. Source: `liquidity_handler/compounding_liquidity.rs`."""

    amounts: tuple[int, int]

    def give(self, amount: int, a_to_b: bool, partial: bool) -> Step:
        """Put `amount` in; all of it is always taken."""
        into, out = self.amounts if a_to_b else self.amounts[::-1]
        demand(into + amount > 0, "overflow")
        return Step(amount, out * amount // u64(into + amount), None)

    def take(self, amount: int, a_to_b: bool) -> Step:
        """Take `amount` out."""
        into, out = self.amounts if a_to_b else self.amounts[::-1]
        demand(out > amount, "overflow")
        return Step(u64(up(into * amount, out - amount)), amount, None)


class Dynamic(msgspec.Struct, frozen=True):
    """What a swap leaves behind for the next one's variable fee; the program fails when it does not fit."""

    bin_step: int
    reference_price: int
    reference: int

    def store(self, before: int, price: int) -> None:
        """Refuses a move the program could not keep account of."""
        u128(self.reference + u128(self._bins(price, self.reference_price) * 10_000))
        self._bins(before, price)

    def _bins(self, one: int, other: int) -> int:
        demand(min(one, other) > 0 and self.bin_step > 0, "range")
        return u128((u128((max(one, other) << 64) // min(one, other)) - 2**64) // self.bin_step * 2)


class Side(msgspec.Struct, frozen=True):
    """One token: transfer fee, vault balance and whether its overflow is checked, amount counted, room for fees."""

    fee: token.TransferFee
    vault: int
    checked: bool
    amount: int
    protocol_room: int
    fee_room: int

    def sent(self, net: int) -> int:
        """What must be sent so that `net` arrives; refused where the program's two ways to see it disagree."""
        gross = self.fee.sent(net) if net else 0
        demand(gross - net == self.fee.of(gross), "inconsistent")
        return gross


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """State of one pool at one moment."""

    curve: Range | Product
    price: int
    sides: tuple[Side, Side]
    rates: tuple[Rate, Rate]
    dynamic: Dynamic | None
    only_b: bool
    protocol_percent: int
    compounding_bps: int

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out). Source: damm-v2 `instructions/swap/*.rs`, `state/pool.rs`."""
        demand(amount > 0, "zero")
        demand(variant in ((0, OLD_SWAP, PARTIAL_FILL) if exact_in else (0,)), "unsupported")
        if exact_in:
            return self._give(amount, zero_for_one, variant == PARTIAL_FILL)
        return self._take(amount, zero_for_one)

    def _give(self, amount: int, a_to_b: bool, partial: bool) -> tuple[int, int]:
        (into, out), rate, on_input = self._direction(a_to_b)
        given = into.fee.after(amount)
        demand(given > 0, "zero")
        paid_rate = rate.of_included(given)
        net, fee = without(paid_rate, given) if on_input else (given, 0)
        step = self.curve.give(net, a_to_b, partial)
        if step.input < net:
            given, fee = with_fee(rate.of_excluded(step.input), step.input) if on_input else (step.input, 0)
            demand(given > 0, "zero")
        output, fee = (step.output, fee) if on_input else without(paid_rate, step.output)
        self._settle(step, fee, a_to_b)
        return self._move(into.sent(given) if partial else amount, output, into, out)

    def _take(self, amount: int, a_to_b: bool) -> tuple[int, int]:
        (into, out), rate, on_input = self._direction(a_to_b)
        output = out.sent(amount)
        gross, fee = (output, 0) if on_input else with_fee(rate.of_excluded(output), output)
        step = self.curve.take(gross, a_to_b)
        paid, fee = with_fee(rate.of_excluded(step.input), step.input) if on_input else (step.input, fee)
        self._settle(step, fee, a_to_b)
        return self._move(into.sent(paid), output, into, out)

    def _direction(self, a_to_b: bool) -> tuple[tuple[Side, Side], Rate, bool]:
        sides = self.sides if a_to_b else (self.sides[1], self.sides[0])
        return sides, self.rates[0 if a_to_b else 1], self.only_b and not a_to_b

    def _settle(self, step: Step, fee: int, a_to_b: bool) -> None:
        """The bookkeeping after a swap, which fails when it does not fit."""
        protocol = u64(fee * self.protocol_percent // 100)
        rest = u64(fee - protocol)
        compounding = rest * self.compounding_bps // 10_000
        payer = self.sides[1 if a_to_b or self.only_b else 0]
        demand(compounding <= rest and protocol <= payer.protocol_room and rest <= payer.fee_room, "overflow")
        delta_a, delta_b = (step.input, -step.output) if a_to_b else (-step.output, step.input)
        a, b = u64(self.sides[0].amount + delta_a), u64(u64(self.sides[1].amount + delta_b) + compounding)
        price = step.price
        if price is None:
            demand(a > 0, "overflow")
            price = isqrt((b << 128) // a)
        if self.dynamic is not None:
            self.dynamic.store(self.price, price)

    def _move(self, amount_in: int, output: int, into: Side, out: Side) -> tuple[int, int]:
        demand(output <= out.vault, "empty")
        demand(not into.checked or into.vault + into.fee.after(amount_in) <= U64_MAX, "empty")
        return amount_in, out.fee.after(output)


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """The pool's state now. Source: damm-v2 `state/pool.rs`, `pool_action_access/permissionless.rs`."""
    accounts, now = Accounts(roles, held), Clock(*clock)
    pool = accounts.owned("pool", PROGRAM)
    demand(len(pool.data) >= POOL_LENGTH, "length")
    demand(pool.data[:8] == MAGIC, "magic")
    demand(pool.uint(480, 1) <= 1, "range")
    seconds = now.unix_timestamp % 2**64
    point, activation = (now.slot, seconds)[pool.uint(480, 1)], pool.uint(472, 8)
    demand(pool.uint(481, 1) == 0 and point >= activation, "disabled")
    curve, amounts = _curve(pool)
    return Pool(
        curve=curve,
        price=pool.uint(456, 16),
        sides=(_side(accounts, now, pool, 0, amounts[0]), _side(accounts, now, pool, 1, amounts[1])),
        rates=rates(pool, point, activation),
        dynamic=_dynamic(pool, seconds),
        only_b=pool.uint(484, 1) != 0,
        protocol_percent=pool.uint(48, 1),
        compounding_bps=pool.uint(54, 2),
    )


def _curve(pool: Account) -> tuple[Range | Product, tuple[int, int]]:
    """The curve, and what the pool counts as its own: pools of the first layout count it at every swap."""
    layout, mode = pool.uint(696, 1), pool.uint(484, 1)
    demand(layout <= 1 and mode <= 2, "unsupported")
    bounds = Range(pool.uint(424, 16), pool.uint(440, 16), pool.uint(456, 16), pool.uint(360, 16))
    demand(bounds.liquidity > 0, "empty")
    counted = pool.uint(680, 8), pool.uint(688, 8)
    if mode == 2:
        return Product(counted), counted
    demand(bounds.price > 0, "range")
    if layout == 0:
        a = u64(bounds.delta_a(bounds.price, bounds.most, True))
        counted = a, u64(bounds.delta_b(bounds.least, bounds.price, True))
    return bounds, counted


def _side(accounts: Accounts, now: Clock, pool: Account, at: int, amount: int) -> Side:
    mint_role, vault_role = (("mint_a", "vault_a"), ("mint_b", "vault_b"))[at]
    mint, vault = accounts.role(mint_role), accounts.role(vault_role)
    keys = accounts.key(mint_role), accounts.key(vault_role)
    demand(keys == (pool.take(168 + 32 * at, 32), pool.take(232 + 32 * at, 32)), "inconsistent")
    demand(mint.owner == vault.owner, "inconsistent")
    growing = pool.uint(488 + 32 * at + 24, 8) < U64_MAX
    return Side(
        fee=token.transfer_fee(mint, now),
        vault=token.held(vault),
        checked=vault.owner == token.TOKEN_2022,
        amount=amount,
        protocol_room=U64_MAX - max(pool.uint(392 + 8 * at, 8), pool.uint(600 + 8 * at, 8)) if growing else -1,
        fee_room=U128_MAX - pool.uint(568 + 16 * at, 16),
    )


def _dynamic(pool: Account, now: int) -> Dynamic | None:
    if pool.uint(56, 1) == 0:
        return None
    price, reference = pool.uint(104, 16), pool.uint(136, 16)
    elapsed = max(now - pool.uint(80, 8), 0)
    if elapsed >= pool.uint(74, 2):
        price, reference = pool.uint(456, 16), 0
        if elapsed < pool.uint(76, 2):
            reference = u128(pool.uint(120, 16) * pool.uint(78, 2)) // 10_000
    return Dynamic(pool.uint(88, 16), price, reference)
