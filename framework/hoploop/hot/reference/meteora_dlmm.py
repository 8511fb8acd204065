"""Meteora DLMM in plain integers: bins of one price each, a fee that follows volatility, limit orders inside bins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.refusal import U64_MAX, Refused, demand, refusing, u64, u128, up
from hoploop.hot.reference.token import TOKEN, TransferFee, transfer_fee

PROGRAM = address("LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo")
PAIR_MAGIC = bytes.fromhex("210b3162b565b10d")
ARRAY_MAGIC = bytes.fromhex("5c8e5cdc059446b5")
EXTENSION_MAGIC = bytes.fromhex("506f7c7137ed1205")
PAIR_LENGTH, ARRAY_LENGTH, EXTENSION_LENGTH = 904, 10_136, 1_576
BINS = 70
INSIDE = 512
"""Bin arrays -512..511 have their bit in the pair account, others in the extension."""
OUTSIDE = 13 * INSIDE
ONE_IN_BPS = 10_000
FEE_ONE = 10**9
FEE_MOST = 10**8
V1 = 1


class Bin(msgspec.Struct, frozen=True):
    """One bin of the side a swap buys from; price is Q64.64 of Y for X, fee in billionths."""

    price: int
    fee: int
    into: int
    """What the makers hold of the token that comes in."""
    layers: tuple[int, ...]
    """What is for sale, in the order it is sold: makers' amount, processed limit orders, open limit orders."""

    @property
    def depth(self) -> int:
        """All that is for sale."""
        return u64(sum(self.layers))


class Side(msgspec.Struct, frozen=True):
    """How a direction counts: X in means Y out at the price, and the other way round."""

    x_in: bool
    fee_on_input: bool

    def cost(self, price: int, out: int) -> int:
        """Input that buys `out`, rounded up."""
        if not self.x_in:
            return u64(up(out * price, 1 << 64))
        demand(price > 0, "overflow")
        return u64(up(out << 64, price))

    def worth(self, price: int, paid: int) -> int:
        """Output that `paid` buys, rounded down."""
        if self.x_in:
            return u64(paid * price >> 64)
        demand(price > 0, "overflow")
        return u64((paid << 64) // price)

    def sell(self, held: Bin, amount: int) -> tuple[int, int]:
        """(taken, given) by one bin out of `amount`."""
        net = amount - up(amount * held.fee, FEE_ONE) if self.fee_on_input else amount
        left, out = net, 0
        for number, layer in enumerate(held.layers):
            if layer == 0 or (number and left == 0):
                continue
            most = self.cost(held.price, layer)
            bought = layer if left >= most else self.worth(held.price, left)
            left, out = left - min(left, most), u64(out + bought)
            if number == 0:
                u64(held.into + net - left)
        taken = amount if left == 0 else self.with_fee(net - left, held.fee)
        return taken, out if self.fee_on_input else out - up(out * held.fee, FEE_ONE)

    def buy(self, held: Bin, out: int) -> tuple[int, int]:
        """(taken, given) by one bin that is asked for `out`; it is refused where the program cannot meet it exactly.

        The price is rounded up once, the layers are then sold one by one and each rounds: what is missing by then
        is the program's UndeterminedError.
        """
        gross = out if self.fee_on_input else u64(out + up(out * held.fee, FEE_ONE - held.fee))
        if gross >= held.depth:
            taken, given = self.sell(held, U64_MAX)
            demand(taken > 0 or gross > held.depth, "inconsistent")
            return taken, given
        paid = self.with_fee(self.cost(held.price, gross), held.fee)
        demand(paid > 0, "inconsistent")
        taken, given = self.sell(held, paid)
        demand(given >= out, "inconsistent")
        return taken, out

    def with_fee(self, net: int, fee: int) -> int:
        """The input that leaves `net` when the fee is on the input."""
        return u64(net + up(net * fee, FEE_ONE - fee)) if self.fee_on_input else net


class Pair(msgspec.Struct, frozen=True):
    """What of the pair account matters; volatility as a swap finds it once its references are brought up to date."""

    active_id: int
    ids: tuple[int, int]
    step: int
    base_fee: int
    variable_fee_control: int
    most_volatility: int
    volatility: int
    index: int
    only_y: bool
    limit_orders: bool

    def fee(self, number: int) -> int:
        """Fee at a bin, billionths."""
        volatility = min(self.volatility + abs(self.index - number) * ONE_IN_BPS, self.most_volatility)
        variable = 0
        if self.variable_fee_control:
            variable = up(u128(u128((volatility * self.step) ** 2) * self.variable_fee_control), 10**11)
        return min(self.base_fee + variable, FEE_MOST)


class Pool(msgspec.Struct, frozen=True):
    """One pool."""

    pair: Pair
    accounts: Accounts
    routes: tuple[Sequence[bytes], Sequence[bytes]]
    bits: frozenset[int]
    """Bin arrays that have liquidity."""
    reach: int
    """The bitmaps at hand cover -reach..reach - 1."""
    transfer_fees: tuple[TransferFee, TransferFee]
    plain_tokens: bool

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out) of the user; the venue has no price limit. Variant 1: the instructions before v2."""
        demand(variant in (0, V1), "unsupported")
        demand(variant != V1 or self.plain_tokens, "owner")
        demand(amount > 0, "zero")
        fee_in, fee_out = self.transfer_fees if zero_for_one else self.transfer_fees[::-1]
        side = Side(x_in=zero_for_one, fee_on_input=not (self.pair.only_y and zero_for_one))
        if exact_in:
            out = fee_out.after(self._sell(side, fee_in.after(amount)))
            demand(out > 0, "zero")
            return amount, out
        gross = fee_out.before(amount)
        return fee_in.before(self._buy(side, gross)), fee_out.after(gross)

    def _sell(self, side: Side, amount: int) -> int:
        out = 0
        bins = self._bins(side.x_in)
        while amount > 0:
            taken, given = side.sell(next(bins), amount)
            if taken > 0:
                amount, out = amount - taken, u64(out + given)
        return out

    def _buy(self, side: Side, amount: int) -> int:
        paid = 0
        bins = self._bins(side.x_in)
        while amount > 0:
            taken, given = side.buy(next(bins), amount)
            if taken > 0:
                amount, paid = amount - given, u64(paid + taken)
        return paid

    def _bins(self, x_in: bool) -> Iterator[Bin]:
        """Bins with something for sale, in the order a swap meets them; refused where the program would stop."""
        number, step = self.pair.active_id, -1 if x_in else 1
        route = iter(self.routes[0 if x_in else 1])
        while True:
            index = self._next_array(number // BINS, step)
            array = self._array(index, route)
            if index != number // BINS:
                number = index * BINS + (BINS - 1 if x_in else 0)
            while number // BINS == index:
                held = self._bin(array, number, x_in)
                if held.depth > 0:
                    yield held
                number += step
                demand(self.pair.ids[0] <= number <= self.pair.ids[1], "empty")

    def _next_array(self, index: int, step: int) -> int:
        while True:
            demand(-self.reach <= index < self.reach, "empty")
            if index in self.bits:
                return index
            index += step

    def _array(self, index: int, route: Iterator[bytes]) -> Account:
        for key in route:
            account = self.accounts.at(key)
            if account is None:
                raise Refused("owner")
            _check(account, ARRAY_MAGIC, ARRAY_LENGTH)
            demand(account.take(24, 32) == self.accounts.key("pool"), "inconsistent")
            if account.sint(8, 8) == index:
                return account
        raise Refused("empty")

    def _bin(self, array: Account, number: int, x_in: bool) -> Bin:
        at = 56 + 144 * (number % BINS)
        amounts = array.uint(at, 8), array.uint(at + 8, 8)
        layers = [amounts[1 if x_in else 0]]
        if self.pair.limit_orders:
            processed, placed = array.uint(at + 128, 8), array.uint(at + 112, 8)
            u64(processed + placed)
            if (array.uint(at + 140, 1) == 1) != x_in:
                layers += [processed, placed]
        return Bin(array.uint(at + 16, 16), self.pair.fee(number), amounts[0 if x_in else 1], tuple(layers))


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[Sequence[bytes], Sequence[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """Read a pool; a string is the reason why it is refused. Bin arrays are read when a quote walks through them."""
    now = Clock(*clock)
    accounts = Accounts(roles, held)
    pair = accounts.role("pool")
    _check(pair, PAIR_MAGIC, PAIR_LENGTH)
    _check_open(pair, now)
    for role, at in (("mint_a", 88), ("mint_b", 120)):
        demand(accounts.key(role) == pair.take(at, 32), "inconsistent")
    mints = accounts.role("mint_a"), accounts.role("mint_b")
    return Pool(
        pair=_pair(pair, now),
        accounts=accounts,
        routes=routes,
        bits=_bits(accounts, pair),
        reach=OUTSIDE if "bitmap_extension" in accounts.roles else INSIDE,
        transfer_fees=(transfer_fee(mints[0], now), transfer_fee(mints[1], now)),
        plain_tokens=all(mint.owner == TOKEN for mint in mints),
    )


def _check(account: Account, magic: bytes, length: int) -> None:
    demand(account.owner == PROGRAM, "owner")
    demand(len(account.data) >= length, "length")
    demand(account.take(0, 8) == magic, "magic")


def _check_open(pair: Account, now: Clock) -> None:
    kind, activation = pair.uint(75, 1), pair.uint(86, 1)
    demand(kind <= 3 and activation <= 1 and pair.uint(35, 1) <= 2 and pair.uint(36, 1) <= 1, "range")
    demand(pair.uint(32, 2) <= ONE_IN_BPS, "range")
    demand(pair.uint(82, 1) == 0, "disabled")
    if kind in (1, 2):
        point = now.unix_timestamp % 2**64 if activation else now.slot
        demand(point >= pair.uint(816, 8), "disabled")


def _pair(pair: Account, now: Clock) -> Pair:
    active_id, index, volatility = pair.sint(76, 4), pair.sint(48, 4), pair.uint(44, 4)
    elapsed = now.unix_timestamp - pair.sint(56, 8)
    demand(-(2**63) <= elapsed < 2**63, "overflow")
    if elapsed >= pair.uint(10, 2):
        index, volatility = active_id, 0
        if elapsed < pair.uint(12, 2):
            decayed = pair.uint(40, 4) * pair.uint(14, 2)
            demand(decayed < 2**32, "overflow")
            volatility = decayed // ONE_IN_BPS
    function = pair.uint(35, 1)
    farmed = any(pair.take(at, 32) != bytes(32) for at in (264, 264 + 144))
    power = u128(10 ** pair.uint(34, 1))
    return Pair(
        active_id=active_id,
        ids=(pair.sint(24, 4), pair.sint(28, 4)),
        step=pair.uint(80, 2),
        base_fee=u128(pair.uint(8, 2) * pair.uint(80, 2) * 10 * power),
        variable_fee_control=pair.uint(16, 4),
        most_volatility=pair.uint(20, 4),
        volatility=volatility,
        index=index,
        only_y=pair.uint(36, 1) == 1,
        limit_orders=function == 2 or (function == 0 and not farmed),
    )


def _bits(accounts: Accounts, pair: Account) -> frozenset[int]:
    inside = pair.uint(584, 128)
    bits = {bit - INSIDE for bit in range(2 * INSIDE) if inside >> bit & 1}
    if "bitmap_extension" in accounts.roles:
        extension = accounts.role("bitmap_extension")
        _check(extension, EXTENSION_MAGIC, EXTENSION_LENGTH)
        demand(extension.take(8, 32) == accounts.key("pool"), "inconsistent")
        above, below = extension.uint(40, 768), extension.uint(808, 768)
        bits |= {INSIDE + bit for bit in range(OUTSIDE - INSIDE) if above >> bit & 1}
        bits |= {-INSIDE - 1 - bit for bit in range(OUTSIDE - INSIDE) if below >> bit & 1}
    return frozenset(bits)


def price(step: int, number: int) -> int:
    """Q64.64 price that the program stores in a bin when it is first used: `(1 + step / 10000) ** number`.

    Swaps use the stored one and never compute it. The power is taken of the reciprocal, floor by floor, and turned
    over at the end.
    """
    base = (1 << 64) + (step << 64) // ONE_IN_BPS
    square, result = (2**128 - 1) // base, 1 << 64
    for bit in range(19):
        if abs(number) >> bit & 1:
            result = result * square >> 64
        square = square * square >> 64
    demand(result > 0, "overflow")
    return (2**128 - 1) // result if number > 0 else result
