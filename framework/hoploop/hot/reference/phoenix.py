"""Phoenix v1: resting orders fill an immediate-or-cancel order at their own prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.refusal import U64_MAX, demand, refusing, u64, up

PROGRAM = address("PhoeNiXZ8ByJGLkxNfZRnkUfjvmuYqLR89jjFHGqdXY")
BIDS, TREE_HEADER, NODE, ACTIVE, MOST_ORDERS = 880, 32, 64, 1, 4096

Order = tuple[int, int]
"""(adjusted quote lots for one base lot, base lots)"""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """State of one market, orders best first."""

    base_lot: int
    quote_lot: int
    per_unit: int
    fee_bps: int
    bids: tuple[Order, ...]
    asks: tuple[Order, ...]

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out). Source: phoenix-v1 `state/markets/fifo.rs`, `place_order_inner`."""
        demand(price_limit == 0, "unsupported")
        base_given = zero_for_one == exact_in
        lots = amount // (self.base_lot if base_given else self.quote_lot)
        demand(lots > 0, "zero")
        base = lots if base_given else U64_MAX
        adjusted = U64_MAX if base_given else self._with_fee(lots, buying=not zero_for_one)
        taken, matched = _fill(self.bids if zero_for_one else self.asks, base, adjusted)
        fee = up(u64(up(matched * self.fee_bps, 10_000)), self.per_unit)
        if zero_for_one:
            paid = matched // self.per_unit - fee
            demand(paid >= 0, "overflow")
            return u64(taken * self.base_lot), u64(paid * self.quote_lot)
        return u64(u64(up(matched, self.per_unit) + fee) * self.quote_lot), u64(taken * self.base_lot)

    def _with_fee(self, quote_lots: int, *, buying: bool) -> int:
        """What may be matched: less the fee when buying, more when selling; what does not fit is no bound."""
        size = u64(quote_lots * self.per_unit)
        fee = up(U64_MAX * self.fee_bps, 10_000)
        return min(size * U64_MAX // (U64_MAX + fee if buying else U64_MAX - fee), U64_MAX)


def _fill(book: tuple[Order, ...], base: int, adjusted: int) -> Order:
    taken = matched = 0
    for price, lots in book:
        if base == 0 or adjusted == 0:
            break
        whole = u64(price * lots)
        last = lots > base or whole > adjusted
        part = min(base, adjusted // price) if last else lots
        base, adjusted = base - part, adjusted - part * price
        taken, matched = u64(taken + part), u64(matched + part * price)
        if last:
            break
    return taken, matched


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """The market's state. Source: phoenix-v1 `program/accounts.rs`, `state/markets/fifo.rs`."""
    market, now = Accounts(roles, held).owned("market", PROGRAM), Clock(*clock)
    demand(market.uint(8, 8) == ACTIVE and market.uint(848, 8) != 0, "disabled")
    bids_size, asks_size = market.uint(16, 8), market.uint(24, 8)
    demand(max(bids_size, asks_size) <= MOST_ORDERS, "range")
    tick = market.uint(840, 8)
    state = Pool(
        base_lot=market.uint(112, 8),
        quote_lot=market.uint(192, 8),
        per_unit=market.uint(832, 8),
        fee_bps=market.uint(856, 8),
        bids=tuple(_orders(market, BIDS, bids_size, tick, now)),
        asks=tuple(_orders(market, BIDS + TREE_HEADER + bids_size * NODE, asks_size, tick, now)),
    )
    demand(min(state.base_lot, state.quote_lot, state.per_unit, tick) > 0 and state.fee_bps < 10_000, "range")
    return state


def _orders(market: Account, at: int, size: int, tick: int, now: Clock) -> Iterator[Order]:
    """In the tree's own order, which sorts bids downwards and asks upwards."""
    path: list[int] = []
    index, seen = market.uint(at, 4), 0
    while index or path:
        while index:
            seen += 1
            demand(seen <= size, "inconsistent")
            path.append(_node(at, index, size))
            index = market.uint(path[-1], 4)
        place = path.pop()
        price, lots, slot, unix = (market.uint(place + offset, 8) for offset in (16, 40, 48, 56))
        expired = 0 < slot < now.slot or 0 < unix < max(now.unix_timestamp, 0)
        if lots and not expired:
            demand(price > 0 and tick > 0, "range")
            yield u64(price * tick), lots
        index = market.uint(place + 4, 4)


def _node(at: int, index: int, size: int) -> int:
    demand(index <= size, "range")
    return at + TREE_HEADER + (index - 1) * NODE
