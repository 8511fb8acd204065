"""Raydium CLMM: the walk through tick arrays with dynamic fee, fee side and limit orders, account by account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from hoploop.hot.reference import token
from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.raydium_clmm_math import (
    MAX_SQRT_PRICE,
    MAX_TICK,
    MILLION,
    MIN_SQRT_PRICE,
    MIN_TICK,
    Dynamic,
    Fees,
    Filled,
    match,
    sqrt_price_at,
    step,
)
from hoploop.hot.reference.refusal import Refused, demand, refusing, u64, u128

PROGRAM = address("CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK")
POOL, CONFIG, ARRAY, EXTENSION, OBSERVATION = (
    (bytes.fromhex(magic), length)
    for magic, length in (
        ("f7ede3f5d7c3de46", 1544),
        ("daf42168cbcb2b6f", 117),
        ("c09b55cd31f9812a", 10240),
        ("3c9624db61808b99", 1832),
        ("7aaec5358109a584", 51),
    )
)
USUAL, PLAIN_SWAP, NEWEST = 0, 1, 3
"""Variants: `swap_v2`; `swap`, for the older token program only; `swap_v2` by the newest rules for any layout."""
SWAP_DISABLED = 16
TICKS = 60
MOST_STEPS = 1_000
"""Steps a swap may take: more cost more than a transaction may compute."""


class Tick(msgspec.Struct, frozen=True):
    """An initialised tick. `unfilled`: its limit orders, the output token's units."""

    index: int
    net: int
    gross: int
    unfilled: int


class Array(msgspec.Struct, frozen=True):
    """One tick array: its start, its initialised ticks upwards, and how many the program believes there are."""

    start: int
    ticks: list[Tick]
    count: int


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """State of one pool. `marked`: starts of arrays whose bit is set.

    `first_build`: laid out by the build of 2024-04, which knows no dynamic fee, fee side or limit orders.
    """

    price: int
    tick: int
    liquidity: int
    tick_spacing: int
    fee_rate: int
    fee_on: int
    dynamic: tuple[int, ...] | None
    now: int
    marked: frozenset[int]
    extended: bool
    arrays: Mapping[int, Account]
    fees: tuple[token.TransferFee, token.TransferFee]
    plain: bool
    first_build: bool

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out). Source: raydium-clmm `instructions/swap{,_v2}.rs`."""
        demand(variant in (USUAL, PLAIN_SWAP, NEWEST), "unsupported")
        demand(variant != PLAIN_SWAP or self.plain, "owner")
        first = self.first_build and variant != NEWEST
        into, out = self.fees if zero_for_one else self.fees[::-1]
        asked = into.after(amount) if exact_in else _sent(out, amount, first)
        demand(asked > 0, "zero")
        swap = Swap(self, zero_for_one, exact_in, asked, price_limit, first)
        swap.run()
        consumed = asked - swap.left
        taken, given = (consumed, swap.calculated) if exact_in else (swap.calculated, consumed)
        demand(taken > 0 and given > 0, "zero")
        demand(not first or swap.price != self.price, "zero")
        whole = not first and exact_in and taken == asked
        paid = amount if whole else _sent(into, taken, first)
        if not first and price_limit == 0:
            demand(paid == amount if exact_in else given == asked, "partial_fill")
        return paid, out.after(given)

    def start_of(self, tick: int) -> int:
        """Start of the array that `tick` belongs to."""
        return tick // (TICKS * self.tick_spacing) * TICKS * self.tick_spacing

    def first_array(self, zero_for_one: bool) -> int | None:
        """The array of the current tick when it is marked, else the next one; needs the extension to look outside."""
        start = self.start_of(self.tick)
        inside = -512 <= start // (TICKS * self.tick_spacing) < 512
        demand(inside or self.extended, "empty")
        return start if start in self.marked else self.next_array(start, zero_for_one)

    def next_array(self, start: int, zero_for_one: bool) -> int | None:
        """The marked array next to `start`; None at the end of the bitmap."""
        beyond = (one for one in self.marked if (one < start if zero_for_one else one > start))
        return max(beyond, default=None) if zero_for_one else min(beyond, default=None)

    def array(self, start: int) -> Array:
        """A tick array that the swap must have been given."""
        demand(start in self.arrays, "empty")
        account = self.arrays[start]
        ticks = []
        for at in range(TICKS):
            base = 44 + at * 168
            gross = account.uint(base + 20, 16)
            orders = 0 if self.first_build else u64(account.uint(base + 124, 8) + account.uint(base + 132, 8))
            if gross > 0 or orders > 0:
                tick = Tick(account.sint(base, 4), account.sint(base + 4, 16), gross, orders)
                demand(tick.index == start + at * self.tick_spacing, "inconsistent")
                demand(MIN_TICK <= tick.index <= MAX_TICK, "range")
                ticks.append(tick)
        return Array(start, ticks, account.uint(10124, 1))


class Swap:
    """One swap on its way: price, liquidity and fee state so far."""

    def __init__(self, pool: Pool, zero_for_one: bool, exact_in: bool, asked: int, limit: int, first: bool) -> None:
        self.pool, self.zero_for_one, self.exact_in, self.first = pool, zero_for_one, exact_in, first
        if limit == 0:
            limit = MIN_SQRT_PRICE + 1 if zero_for_one else MAX_SQRT_PRICE - 1
        good = MIN_SQRT_PRICE < limit < pool.price if zero_for_one else pool.price < limit < MAX_SQRT_PRICE
        demand(good, "range")
        self.limit, self.left, self.calculated = limit, asked, 0
        self.price, self.tick, self.liquidity = pool.price, pool.tick, pool.liquidity
        self.on_input = pool.fee_on not in (1, 2) or (pool.fee_on == 1) == zero_for_one
        self.dynamic = None if pool.dynamic is None else Dynamic(*pool.dynamic)
        self.steps, self.emptied = 0, (0, 0)
        self.index = pool.tick // pool.tick_spacing
        if self.dynamic is not None:
            self.dynamic.start(self.index, pool.now)

    def run(self) -> None:
        """Walk until the amount or the price limit is reached."""
        ticks = self.ticks()
        while self.left != 0 and self.price != self.limit:
            array, tick = next(ticks)
            following = sqrt_price_at(tick.index)
            target = max(following, self.limit) if self.zero_for_one else min(following, self.limit)
            ahead = self.tick >= tick.index if self.zero_for_one else self.tick < tick.index
            behind = self.price >= max(following, target) if self.zero_for_one else self.price <= min(following, target)
            demand(ahead and behind, "inconsistent")
            self.approach(array, tick, following, target)

    def approach(self, array: Array, tick: Tick, following: int, target: int) -> None:
        """Steps to one initialised tick, group by group while the dynamic fee can change."""
        liquidity = self.liquidity
        while True:
            self.steps += 1
            demand(self.steps <= MOST_STEPS, "partial_fill")
            fees, bounded = self.visit(target)
            skips = bounded is None
            end = target if bounded is None else bounded
            moved = Filled(self.price, 0, 0, 0)
            if self.price != end:
                moved = step(
                    self.price, end, self.liquidity, self.left, fees, self.zero_for_one, self.exact_in, self.first
                )
                self.apply(moved, fees)
            if moved.price == following:
                liquidity = self.arrive(array, tick, following, fees)
            self.price = moved.price
            self.turn(tick, following, skips)
            if self.left == 0 or self.price == target:
                break
        self.liquidity = liquidity

    def visit(self, target: int) -> tuple[Fees, int | None]:
        """The fee here, and the price of the group boundary that the step must stop at before `target`, if any."""
        if self.dynamic is None:
            return Fees(self.pool.fee_rate, self.on_input), None
        self.dynamic.visit(self.index)
        fees = Fees(self.dynamic.rate(self.pool.fee_rate, self.pool.tick_spacing), self.on_input)
        if self.liquidity == 0 or self.dynamic.accumulator == self.dynamic.most:
            return fees, None
        boundary = (self.index if self.zero_for_one else self.index + 1) * self.pool.tick_spacing
        price = sqrt_price_at(min(max(boundary, MIN_TICK), MAX_TICK))
        return fees, max(price, target) if self.zero_for_one else min(price, target)

    def turn(self, tick: Tick, following: int, skips: bool) -> None:
        """Move on to the next group of ticks."""
        if self.dynamic is None:
            return
        if skips:
            at = tick.index if self.price == following else self.tick
            self.index = at // self.pool.tick_spacing
            if not self.zero_for_one and at % self.pool.tick_spacing == 0:
                self.index -= 1
            if self.dynamic.accumulator != self.dynamic.most:
                self.dynamic.visit(self.index)
        self.index += -1 if self.zero_for_one else 1

    def arrive(self, array: Array, tick: Tick, following: int, fees: Fees) -> int:
        """On the tick: fill its orders, then cross it. Liquidity beyond it."""
        filled = match(following, tick.unfilled, self.left, fees, self.zero_for_one, self.exact_in)
        self.apply(filled, fees)
        gross = filled.amount_out if fees.on_input else filled.amount_out + filled.fee
        if gross < tick.unfilled:
            demand(self.left == 0, "inconsistent")
            return self.liquidity
        if tick.gross == 0:
            start, emptied = self.emptied
            self.emptied = (array.start, emptied + 1 if start == array.start else 1)
            demand(self.emptied[1] <= array.count, "inconsistent")
        self.tick = tick.index - 1 if self.zero_for_one else tick.index
        if tick.gross == 0:
            return self.liquidity
        net = -tick.net if self.zero_for_one else tick.net
        demand(net < 2**127, "overflow")
        return u128(self.liquidity + net)

    def apply(self, filled: Filled, fees: Fees) -> None:
        """Count what one step or match moved."""
        taken = u64(filled.amount_in + filled.fee) if fees.on_input else filled.amount_in
        self.left = u64(self.left - (taken if self.exact_in else filled.amount_out))
        self.calculated = u64(self.calculated + (filled.amount_out if self.exact_in else taken))

    def ticks(self) -> Iterator[tuple[Array, Tick]]:
        """Initialised ticks from the current one on, array by array as the bitmap names them; refuses at the end."""
        pool = self.pool
        start, here = pool.first_array(self.zero_for_one), pool.tick
        while start is not None:
            array = pool.array(start)
            ahead = array.ticks[::-1] if self.zero_for_one else array.ticks
            if start == pool.start_of(here):
                ahead = [tick for tick in ahead if (tick.index <= here) == self.zero_for_one]
            else:
                demand(len(ahead) > 0, "inconsistent")
            yield from ((array, tick) for tick in ahead)
            start = pool.next_array(start, self.zero_for_one)
        raise Refused("empty")


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """The pool's state. Source: raydium-clmm `states/*.rs`."""
    accounts, now = Accounts(roles, held), Clock(*clock)
    pool, config = _typed(accounts.role("pool"), POOL), _typed(accounts.role("config"), CONFIG)
    for at, role in ((9, "config"), (73, "mint_a"), (105, "mint_b")):
        demand(pool.take(at, 32) == accounts.key(role), "inconsistent")
    opened = now.unix_timestamp % 2**64 > pool.uint(1080, 8)
    demand(not pool.data[389] & SWAP_DISABLED and opened, "disabled")
    mints = accounts.role("mint_a"), accounts.role("mint_b")
    extension, first = _extension(accounts), _first_build(accounts)
    state = Pool(
        price=pool.uint(253, 16),
        tick=pool.sint(269, 4),
        liquidity=pool.uint(237, 16),
        tick_spacing=pool.uint(235, 2),
        fee_rate=config.uint(47, 4),
        fee_on=0 if first else pool.data[390],
        dynamic=None if first else _dynamic(pool),
        now=now.unix_timestamp % 2**32,
        marked=_marked(pool, extension),
        extended=extension is not None,
        arrays=_arrays(accounts, routes),
        fees=(token.transfer_fee(mints[0], now), token.transfer_fee(mints[1], now)),
        plain=all(mint.owner == token.TOKEN for mint in mints),
        first_build=first,
    )
    demand(state.fee_rate < MILLION, "range")
    return state


def _typed(account: Account, kind: tuple[bytes, int]) -> Account:
    """The account when it is the program's, of this kind and long enough."""
    demand(account.owner == PROGRAM, "owner")
    demand(len(account.data) >= kind[1], "length")
    demand(account.data[:8] == kind[0], "magic")
    return account


def _dynamic(pool: Account) -> tuple[int, ...] | None:
    """Parameters and state of the dynamic fee; all bytes zero is none."""
    if not any(pool.take(1096, 80)):
        return None
    parts = ((1096, 2), (1098, 2), (1100, 2), (1102, 4), (1106, 4))
    state = ((1114, 4), (1118, 4), (1122, 8))
    fixed = tuple(pool.uint(at, size) for at, size in parts)
    return (*fixed, pool.sint(1110, 4), *(pool.uint(at, size) for at, size in state))


def _extension(accounts: Accounts) -> Account | None:
    """The bitmap extension when the pool has one."""
    key = accounts.roles.get("bitmap_extension")
    account = None if key is None else accounts.at(key)
    if account is None:
        return None
    extension = _typed(account, EXTENSION)
    demand(extension.take(8, 32) == accounts.key("pool"), "inconsistent")
    return extension


def _marked(pool: Account, extension: Account | None) -> frozenset[int]:
    """Starts of the arrays whose bit is set: 1024 bits around zero, then 14 times 512 on either side."""
    span = pool.uint(235, 2) * TICKS
    demand(span > 0, "range")
    price, tick = pool.uint(253, 16), pool.sint(269, 4)
    demand(MIN_SQRT_PRICE <= price < MAX_SQRT_PRICE and MIN_TICK <= tick <= MAX_TICK, "range")
    bits = [(number - 512, pool.uint(904, 128) >> number & 1) for number in range(1024)]
    if extension is not None and span < 15 * TICKS:
        above, below = extension.uint(40, 896), extension.uint(936, 896)
        bits += [(512 + number, above >> number & 1) for number in range(14 * 512)]
        for block in range(14):
            lowest = -512 * (block + 2)
            bits += [(lowest + number, below >> (512 * block + number) & 1) for number in range(512)]
    known = (number * span for number, bit in bits if bit)
    return frozenset(start for start in known if MIN_TICK // span * span <= start <= MAX_TICK)


def _arrays(accounts: Accounts, routes: tuple[list[bytes], list[bytes]]) -> dict[int, Account]:
    """The tick arrays of both directions by their start."""
    arrays = {}
    for key in (*routes[0], *routes[1]):
        account = accounts.at(key)
        if account is not None:
            array = _typed(account, ARRAY)
            demand(array.take(8, 32) == accounts.key("pool"), "inconsistent")
            arrays[array.sint(40, 4)] = array
    return arrays


def _first_build(accounts: Accounts) -> bool:
    """Whether the pool's observations are laid out by the build of 2024-04: newer builds refuse such an account."""
    key = accounts.roles.get("observation")
    account = None if key is None else accounts.at(key)
    if account is None:
        return False
    observation = _typed(account, OBSERVATION)
    first = observation.take(9, 32) == accounts.key("pool")
    demand(first or observation.take(19, 32) == accounts.key("pool"), "inconsistent")
    return first


def _sent(fee: token.TransferFee, net: int, first: bool) -> int:
    """What is sent so that `net` arrives: `net` plus the fee of the inverse, which newer builds check."""
    gross = fee.sent(net)
    checked = first or fee.bps == token.ONE_IN_BPS
    demand(checked or fee.after(gross) == net, "inconsistent")
    return gross
