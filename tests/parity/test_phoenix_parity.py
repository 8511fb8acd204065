"""Phoenix: native and reference match the same orders, on forged books; no observed swaps exist."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phoenix_kit import MARKET, VENUE, Book, Order, forged
from venue_kit import Ask, answers, asks, assert_same, damaged

from hoploop.hot import Market
from hoploop.hot.reference.phoenix import BIDS, NODE, TREE_HEADER


def answer(book: Book, ask: Ask) -> tuple[int, int] | str:
    """What both say, which must be the same amounts or a refusal of both."""
    assert_same(VENUE, forged(book), [ask])
    [given] = answers(VENUE, forged(book), [ask])
    return given["native"]


TWO_ASKS = Book(asks=(Order(150_000, 2_000), Order(150_100, 5_000)))
TWO_BIDS = Book(bids=(Order(149_900, 2_000), Order(149_800, 5_000)))


def test_a_sell_takes_the_best_bid_and_pays_the_fee_rounded_up() -> None:
    # 1 SOL = 1,000 base lots at 149.9 USDC: 149,900,000 quote lots less 2 bps = 29,980.
    assert answer(TWO_BIDS, Ask(True, True, 1_000_000_000)) == (1_000_000_000, 149_900_000 - 29_980)


def test_a_sell_walks_on_to_the_next_bid() -> None:
    gross = 2 * 149_900_000 + 149_800_000
    assert answer(TWO_BIDS, Ask(True, True, 3_000_000_000)) == (3_000_000_000, gross - 89_920)


def test_a_buy_of_exact_base_pays_price_and_fee() -> None:
    assert answer(TWO_ASKS, Ask(False, False, 1_000_000_000)) == (150_030_000, 1_000_000_000)


def test_a_quote_budget_needs_one_unit_more_than_price_and_fee() -> None:
    # The program divides by a fee that it rounded up: a budget of exactly 150,030,000 buys a lot less.
    assert answer(TWO_ASKS, Ask(False, True, 150_030_001)) == (150_030_000, 1_000_000_000)
    assert answer(TWO_ASKS, Ask(False, True, 150_030_000)) == (149_879_970, 999_000_000)


def test_dust_below_a_lot_is_not_taken() -> None:
    assert answer(TWO_BIDS, Ask(True, True, 1_000_999_999)) == answer(TWO_BIDS, Ask(True, True, 1_000_000_000))
    assert answer(TWO_BIDS, Ask(True, True, 999_999)) == "zero"


def test_the_market_counts_dust_below_a_lot_as_spent_and_refuses_what_the_book_cannot_fill() -> None:
    pool = forged(TWO_BIDS)
    market = Market()
    handles = [market.add_asset(name) for name in ("sol", "usdc")]
    market.add_account_pool("book", VENUE, handles[0], handles[1], 100, pool.roles, pool.routes)
    market.seal()
    market.set_clock(*pool.clock)
    (owner, data) = pool.held[MARKET]
    market.load(0, 1, (1).to_bytes(4, "little") + MARKET + owner + len(data).to_bytes(4, "little") + data)
    assert market.quote(0, True, 1_000_999_999) == market.quote(0, True, 1_000_000_000) == 149_900_000 - 29_980
    assert market.quote(0, True, 7_000_000_000) is not None
    assert market.quote(0, True, 8_000_000_000) is None
    assert market.quote(0, True, 999_999) is None


@pytest.mark.parametrize("order", [Order(160_000, 9_000, last_slot=99), Order(160_000, 9_000, last_unix=999)])
def test_expired_orders_are_skipped(order: Order) -> None:
    book = msgspec.structs.replace(TWO_BIDS, bids=(order, *TWO_BIDS.bids))
    assert answer(book, Ask(True, True, 1_000_000_000)) == answer(TWO_BIDS, Ask(True, True, 1_000_000_000))


@pytest.mark.parametrize("status", [0, 2, 3, 4, 5, 9])
def test_only_an_active_market_trades(status: int) -> None:
    assert answer(msgspec.structs.replace(TWO_BIDS, status=status), Ask(True, True, 10**9)) == "disabled"


def test_an_empty_book_takes_nothing() -> None:
    assert answer(Book(), Ask(True, True, 10**9)) == (0, 0)


def test_a_tree_that_loops_is_refused() -> None:
    pool = forged(TWO_BIDS)
    owner, data = pool.held[MARKET]
    looped = bytearray(data)
    first = BIDS + TREE_HEADER
    looped[first : first + 4] = (2).to_bytes(4, "little")
    looped[first + NODE : first + NODE + 4] = (1).to_bytes(4, "little")
    bad = msgspec.structs.replace(pool, held={MARKET: (owner, bytes(looped))})
    [given] = answers(VENUE, bad, [Ask(True, True, 10**9)])
    assert set(given.values()) == {"inconsistent"}


small = st.integers(1, 10**6)
some_orders = st.lists(
    st.builds(Order, small, st.integers(0, 10**7), st.sampled_from((0, 99, 100)), st.sampled_from((0, 999, 1_001))),
    max_size=8,
)
books = st.builds(
    Book,
    bids=some_orders.map(lambda all_of: tuple(sorted(all_of, key=lambda one: -one.ticks))),
    asks=some_orders.map(lambda all_of: tuple(sorted(all_of, key=lambda one: one.ticks))),
    base_lot=st.sampled_from((1, 1_000, 1_000_000)), quote_lot=st.sampled_from((1, 100)),
    per_unit=st.sampled_from((1, 7, 1_000)), tick=st.sampled_from((1, 3, 1_000)), fee_bps=st.integers(0, 9_999),
)  # fmt: skip


@given(books, st.lists(asks(), min_size=1, max_size=6))
def test_random_books_are_matched_the_same(book: Book, asked: list[Ask]) -> None:
    assert_same(VENUE, forged(book), asked)


@given(books, asks())
def test_rounding_twice_costs_at_most_one_quote_lot_more_than_was_given(book: Book, ask: Ask) -> None:
    # Cost and fee are each rounded up to whole quote lots, so the program can debit one lot over the budget.
    given = answer(book, ask)
    spare = 0 if ask.zero_for_one else book.quote_lot
    assert isinstance(given, str) or not ask.exact_in or given[0] <= ask.amount + spare


@given(st.data(), books, st.lists(asks(), min_size=1, max_size=3))
def test_damaged_books_are_read_the_same(data: st.DataObject, book: Book, asked: list[Ask]) -> None:
    assert_same(VENUE, data.draw(damaged(forged(book))), asked)
