"""Phoenix pools made for tests, in the on-chain layout."""

from __future__ import annotations

import msgspec
from venue_kit import Forged, account_key, packed

from hoploop.hot.reference.phoenix import BIDS, NODE, PROGRAM, TREE_HEADER

VENUE = "phoenix"
MARKET = account_key("market")


class Order(msgspec.Struct, frozen=True):
    """A resting order as the book holds it."""

    ticks: int
    lots: int
    last_slot: int = 0
    last_unix: int = 0


class Book(msgspec.Struct, frozen=True):
    """What a forged market is made of: SOL/USDC as on mainnet unless told otherwise. Orders best first."""

    bids: tuple[Order, ...] = ()
    asks: tuple[Order, ...] = ()
    base_lot: int = 1_000_000
    quote_lot: int = 1
    per_unit: int = 1_000
    tick: int = 1_000
    fee_bps: int = 2
    status: int = 1
    capacity: int = 8


def forged(book: Book) -> Forged:
    """The market account of a book."""
    size = BIDS + 2 * (TREE_HEADER + book.capacity * NODE)
    fields: dict[int, int | bytes] = {
        8: book.status, 16: book.capacity, 24: book.capacity, 112: book.base_lot, 192: book.quote_lot,
        832: book.per_unit, 840: book.tick, 848: 1, 856: book.fee_bps,
        BIDS: tree(book.bids), BIDS + TREE_HEADER + book.capacity * NODE: tree(book.asks),
    }  # fmt: skip
    return Forged(roles={"market": MARKET}, held={MARKET: (PROGRAM, packed(size, fields))}, clock=(100, 1_000, 5))


def tree(orders: tuple[Order, ...]) -> bytes:
    """A search tree over orders in this sequence, from its header on; its shape does not matter to a reader."""
    nodes = [bytes(NODE)] * len(orders)

    def place(low: int, high: int) -> int:
        if low >= high:
            return 0
        middle = (low + high) // 2
        order = orders[middle]
        links = (place(low, middle), place(middle + 1, high), 0, 0)
        words = (order.ticks, middle, 0, order.lots, order.last_slot, order.last_unix)
        left = b"".join(number.to_bytes(4, "little") for number in links)
        nodes[middle] = left + b"".join(number.to_bytes(8, "little") for number in words)
        return middle + 1

    root = place(0, len(orders))
    return root.to_bytes(4, "little").ljust(TREE_HEADER, b"\0") + b"".join(nodes)
