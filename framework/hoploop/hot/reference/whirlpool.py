"""Orca Whirlpools: concentrated liquidity in arrays of ticks, with a fee that may follow volatility."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from solders.pubkey import Pubkey

from hoploop.hot.reference import token
from hoploop.hot.reference import whirlpool_math as maths
from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.refusal import Refused, demand, refusing, u64, u128
from hoploop.hot.reference.whirlpool_math import MAX_PRICE, MAX_TICK, MIN_PRICE, MIN_TICK, Volatility, price_at

PROGRAM = address("whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc")
POOL_MAGIC = bytes.fromhex("3f95d10ce1806309")
FIXED_MAGIC = bytes.fromhex("4561bdbe6e0742bb")
DYNAMIC_MAGIC = bytes.fromhex("11d8f68ee1c7da38")
ORACLE_MAGIC = bytes.fromhex("8bc283b38cb3e5f4")
POOL_LENGTH, FIXED_LENGTH, DYNAMIC_LENGTH, ORACLE_LENGTH = 653, 9988, 148, 254
SYSTEM = bytes(32)
SLOTS = 88
MOST_STEPS = 1400
"""More cost the program more compute units than a transaction has."""


class Sequence(NamedTuple):
    """Arrays a swap of one direction walks through: their first ticks, and all initialized ticks with their net."""

    starts: list[int]
    net: dict[int, int]


class Moved(NamedTuple):
    """What a swap did inside the pool, before transfer fees."""

    amount_in: int
    amount_out: int
    price: int
    liquidity: int


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """State of one pool. A sequence that is a string is the reason why its direction is refused."""

    price: int
    tick: int
    liquidity: int
    fee_rate: int
    spacing: int
    sequences: tuple[Sequence | str, Sequence | str]
    volatility: Volatility | None
    fees: tuple[token.TransferFee, token.TransferFee]
    older_tokens: bool

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out). Source: `instructions/v2/swap.rs`."""
        demand(variant in (0, 1), "unsupported")
        demand(variant == 0 or self.older_tokens, "owner")
        fee_in, fee_out = self.fees if zero_for_one else self.fees[::-1]
        asked = fee_in.after(amount) if exact_in else fee_out.before(amount)
        moved = self.swap(zero_for_one, exact_in, asked, price_limit)
        whole = exact_in and moved.amount_in == asked
        return amount if whole else fee_in.before(moved.amount_in), fee_out.after(moved.amount_out)

    def swap(self, down: bool, exact_in: bool, amount: int, price_limit: int) -> Moved:
        """The program's loop. Source: `manager/swap_manager.rs`."""
        limit = price_limit or (MIN_PRICE if down else MAX_PRICE)
        demand(MIN_PRICE <= limit <= MAX_PRICE and (limit < self.price if down else limit > self.price), "range")
        demand(amount > 0, "zero")
        sequence = self.sequences[0 if down else 1]
        if isinstance(sequence, str):
            raise Refused(sequence)
        walk = Walk(pool=self, down=down, exact_in=exact_in, price=self.price, liquidity=self.liquidity, left=amount)
        walk.group = self.tick // self.volatility.group_size if self.volatility else 0
        tick, array = self.tick, 0
        while walk.left > 0 and walk.price != limit:
            array, following = next_tick(sequence, array, tick, self.spacing, down)
            next_price = price_at(following)
            walk.approach(max(next_price, limit) if down else min(next_price, limit), following)
            if walk.price == next_price:
                net = sequence.net.get(following, 0)
                walk.liquidity = u128(walk.liquidity + (-net if down else net))
                offset = (following - sequence.starts[array]) // self.spacing
                array += offset == (0 if down else SLOTS - 1)
                tick = following - 1 if down else following
        demand(walk.left == 0 or exact_in or price_limit != 0, "partial_fill")
        done = amount - walk.left
        given = (done, walk.other) if exact_in else (walk.other, done)
        return Moved(*given, walk.price, walk.liquidity)


class Walk(msgspec.Struct, kw_only=True):
    """A swap under way; `other` is the amount of the side that is not given."""

    pool: Pool
    down: bool
    exact_in: bool
    price: int
    liquidity: int
    left: int
    other: int = 0
    steps: int = 0
    group: int = 0

    def approach(self, target: int, tick: int) -> None:
        """Move to `target` or until nothing is left, group by group where volatility changes the fee."""
        state = self.pool.volatility
        while True:
            self.steps += 1
            demand(self.steps <= MOST_STEPS, "partial_fill")
            if state is None:
                self._step(target, self.pool.fee_rate)
            else:
                bound, skips = state.bound(target, self.liquidity, self.group, down=self.down)
                self._step(bound, state.rate(self.pool.fee_rate, self.group))
                if skips:
                    here = tick if self.price == price_at(tick) else maths.tick_at(self.price)
                    traversed = state.traversed(self.price, here, down=self.down)
                    self.group = min(self.group, traversed) if self.down else max(self.group, traversed)
                self.group += -1 if self.down else 1
            if self.left == 0 or self.price == target:
                return

    def _step(self, target: int, rate: int) -> None:
        step = maths.step(self.price, target, self.liquidity, self.left, rate, exact_in=self.exact_in, down=self.down)
        paid = u64(step.amount_in + step.fee)
        done, other = (paid, step.amount_out) if self.exact_in else (step.amount_out, paid)
        self.left = u64(self.left - done)
        self.other = u64(self.other + other)
        self.price = step.price


def next_tick(sequence: Sequence, array: int, tick: int, spacing: int, down: bool) -> tuple[int, int]:
    """Array and next initialized tick, or the end of the last array. Source: `util/swap_tick_sequence.rs`."""
    demand(array < len(sequence.starts), "partial_fill")
    length = SLOTS * spacing
    for index in range(array, len(sequence.starts)):
        start = sequence.starts[index]
        slots = range(start, start + length, spacing)
        found = [one for one in slots if one in sequence.net and (one <= tick if down else one > tick)]
        if found:
            return index, max(found) if down else min(found)
    last = len(sequence.starts) - 1
    start = sequence.starts[last]
    return last, max(start, MIN_TICK) if down else min(start + length - 1, MAX_TICK)


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """The pool's state. Source: `state/{whirlpool,oracle,*tick_array}.rs`, `util/sparse_swap.rs`."""
    accounts, now = Accounts(roles, held), Clock(*clock)
    key, pool = accounts.key("pool"), accounts.owned("pool", PROGRAM)
    demand(pool.take(0, 8) == POOL_MAGIC, "magic")
    demand(len(pool.data) >= POOL_LENGTH, "length")
    demand(now.unix_timestamp >= pool.uint(261, 8), "inconsistent")
    for at, role in ((101, "mint_a"), (181, "mint_b")):
        demand(pool.take(at, 32) == accounts.key(role), "inconsistent")
    price, tick, spacing = pool.uint(65, 16), pool.sint(81, 4), pool.uint(41, 2)
    demand(MIN_TICK - 1 <= tick <= MAX_TICK and MIN_PRICE <= price <= MAX_PRICE, "inconsistent")
    demand(price_at(tick) <= price <= price_at(tick + 1), "inconsistent")
    demand(spacing > 0, "range")
    mints = (accounts.role("mint_a"), accounts.role("mint_b"))
    return Pool(
        price=price,
        tick=tick,
        liquidity=pool.uint(49, 16),
        fee_rate=pool.uint(45, 2),
        spacing=spacing,
        sequences=(
            _sequence(accounts, routes[0], key, _wanted(tick, spacing, True), spacing),
            _sequence(accounts, routes[1], key, _wanted(tick, spacing, False), spacing),
        ),
        volatility=_volatility(accounts, key, pool, now.unix_timestamp),
        fees=(token.transfer_fee(mints[0], now), token.transfer_fee(mints[1], now)),
        older_tokens=all(mint.owner == token.TOKEN for mint in mints),
    )


def _volatility(accounts: Accounts, key: bytes, pool: Account, now: int) -> Volatility | None:
    oracle = _existing(accounts, _derived([b"oracle", key]))
    if oracle is None:
        demand(pool.uint(41, 2) == pool.uint(43, 2), "empty")
        return None
    demand(oracle.owner == PROGRAM, "owner")
    demand(oracle.take(0, 8) == ORACLE_MAGIC, "magic")
    demand(len(oracle.data) >= ORACLE_LENGTH, "length")
    demand(oracle.take(8, 32) == key, "inconsistent")
    demand(now >= oracle.uint(40, 8), "disabled")
    most, size = oracle.uint(58, 4), oracle.uint(62, 2)
    demand(size > 0 and most * size < 2**32, "range")
    reference, group = maths.references(
        now=now,
        group=pool.sint(81, 4) // size,
        updated=oracle.uint(82, 8),
        major=oracle.uint(90, 8),
        filtered=oracle.uint(48, 2),
        decays=oracle.uint(50, 2),
        old=(oracle.uint(98, 4), oracle.sint(102, 4)),
        decayed=oracle.uint(106, 4) * oracle.uint(52, 2) // maths.GROUP,
    )
    demand(reference <= most and MIN_TICK - 1 <= group <= MAX_TICK, "inconsistent")
    return Volatility(
        control=oracle.uint(54, 4), most=most, group_size=size, reference=reference, group_reference=group
    )


@refusing
def _sequence(accounts: Accounts, route: list[bytes], key: bytes, wanted: list[int], spacing: int) -> Sequence:
    """Arrays given, in the order wanted, up to the first that was not. An array that does not exist is empty."""
    net: dict[int, int] = {}
    for one in route:
        account = _existing(accounts, one)
        if account is not None:
            start, ticks = _array(account, key, spacing)
            demand(_derived([b"tick_array", key, str(start).encode()]) == one, "inconsistent")
            net |= ticks
    given = [_derived([b"tick_array", key, str(start).encode()]) in route for start in wanted]
    covered = wanted[: ([*given, False]).index(False)]
    demand(bool(covered), "empty")
    return Sequence(covered, net)


def _wanted(tick: int, spacing: int, down: bool) -> list[int]:
    length = SLOTS * spacing
    here = tick // length * length
    if not down and tick + spacing >= here + length:
        here += length
    starts = (here + count * (-length if down else length) for count in range(3))
    return [start for start in starts if MIN_TICK - length < start <= MAX_TICK]


def _array(account: Account, pool: bytes, spacing: int) -> tuple[int, dict[int, int]]:
    """First tick and net liquidity of the initialized ticks of an array of either layout."""
    demand(account.owner == PROGRAM, "owner")
    fixed = account.take(0, 8) == FIXED_MAGIC
    demand(fixed or account.take(0, 8) == DYNAMIC_MAGIC, "magic")
    demand(len(account.data) == FIXED_LENGTH if fixed else len(account.data) >= DYNAMIC_LENGTH, "length")
    demand(account.take(9956 if fixed else 12, 32) == pool, "inconsistent")
    start = account.sint(8, 4)
    bitmap = 0 if fixed else account.uint(44, 16)
    demand(bitmap < 1 << SLOTS, "range")
    net, at = {}, 12 if fixed else 60
    for slot in range(SLOTS):
        flag = account.uint(at, 1)
        demand(flag <= 1 if fixed else flag == bitmap >> slot & 1, "inconsistent")
        if flag:
            tick = start + slot * spacing
            net[tick] = account.sint(at + 1, 16)
            demand(MIN_TICK <= tick <= MAX_TICK and tick % spacing == 0 and net[tick] != -(2**127), "range")
        at += 113 if fixed or flag else 1
    return start, net


def _existing(accounts: Accounts, key: bytes) -> Account | None:
    account = accounts.at(key)
    return None if account is None or (account.owner == SYSTEM and not account.data) else account


def _derived(seeds: list[bytes]) -> bytes:
    return bytes(Pubkey.find_program_address(seeds, Pubkey(PROGRAM))[0])
