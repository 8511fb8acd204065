"""Every curve family as an endless source of pairs: what native and reference answer to the same random question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from random import Random

import random_curves
import random_loans
import random_venues
from random_asks import TOP, Answer, Pair, Question, amount
from random_curves import MOST, Fill, Made
from venue_kit import READERS, in_market

from hoploop.hot import FlashLoan, Market
from hoploop.hot.reference import flash_fees
from hoploop.verify.swaps import State

Source = Callable[[Random], Iterator[Pair]]
"""A pool at random, and some questions to it."""

ASKS = 80
"""Questions to a pool."""


def venue(name: str, rng: Random) -> Iterator[Pair]:
    """A pool made of accounts, read by both; now and then the market's own reading of it beside the twin."""
    pool = random_venues.roll(rng, name)
    native, twin = (read(name, pool.roles, pool.held, pool.routes, pool.clock) for read in READERS.values())
    if isinstance(native, str) or isinstance(twin, str):
        yield Pair(("read", pool), *(read if isinstance(read, str) else (0, 0) for read in (native, twin)))
        return
    most, market = rng.choice((16, 32, 48, 64)), in_market(name, pool) if rng.random() < 0.3 else None
    for _ in range(ASKS):
        asked = random_venues.question(rng, name, most)
        yield Pair((asked, pool), native.quote(*asked), twin.quote(*asked))
        if market and asked.exact_in and asked[3:] == (0, 0):
            yield Pair(("market", asked, pool), _whole(market, *asked[:3]), _spent(twin, asked))


def _spent(twin: State, asked: Question) -> Answer:
    """What the market says of an input: what a lot or a transfer fee leaves of it counts as spent."""
    paid = twin.quote(*asked)
    if isinstance(paid, str):
        return paid
    if paid[0] != asked.amount:
        double = twin.quote(*asked._replace(amount=2 * asked.amount)) if 2 * asked.amount <= TOP else "overflow"
        if isinstance(double, str) or double[1] <= paid[1]:
            return "partial_fill"
    return asked.amount, paid[1]


def curve(make: Callable[[Random], Made], rng: Random) -> Iterator[Pair]:
    """A pool of the market whose parameters are words: what it moves, and its quotes for whole amounts."""
    market, twin, size = make(rng)
    most_in = 0.97 if make in random_curves.WITHOUT_EXACT_OUT else 0.6
    for _ in range(ASKS // 4):
        side, exact_in, asked = rng.random() < 0.5, rng.random() < most_in, random_curves.amount(rng, size)
        filled = twin(side, exact_in, asked)
        question = (market.pool_state(0), side, exact_in, asked)
        if make is not random_curves.hoploop_amm:
            yield Pair(("fill", *question), market.fill(0, side, exact_in, asked), filled or "refused")
        yield Pair(("whole", *question), _whole(market, side, exact_in, asked), _taken_whole(filled, exact_in, asked))


def loan(lender: str, rng: Random) -> Iterator[Pair]:
    """A reserve: prices of loans, and what the borrower pays when it names an amount near the right one."""
    pool = random_loans.roll(rng, lender)
    native = FlashLoan.read(lender, pool.roles, pool.held, pool.clock)
    twin = flash_fees.read(lender, pool.roles, pool.held, pool.clock)
    if isinstance(native, str) or isinstance(twin, str):
        yield Pair(("read", pool), *(read if isinstance(read, str) else (0, 0) for read in (native, twin)))
        return
    for _ in range(ASKS // 4):
        borrowed = amount(rng)
        argument = min(max(borrowed + rng.randrange(-3, 4), 0), 2**64 - 1)
        yield Pair(("price", borrowed, pool), native.price(borrowed), twin.price(borrowed))
        paid = native.repay(borrowed, argument), twin.repay(borrowed, argument)
        yield Pair(("repay", borrowed, argument, pool), *(one if isinstance(one, str) else (0, one) for one in paid))


def _whole(market: Market, side: bool, exact_in: bool, asked: int) -> Answer:
    if exact_in:
        out = market.quote(0, side, asked)
        return "refused" if out is None else (asked, out)
    paid = market.quote_out(0, side, asked)
    return "refused" if paid is None else (paid, asked)


def _taken_whole(filled: Fill, exact_in: bool, asked: int) -> Answer:
    if filled is None or filled[0 if exact_in else 1] != asked or max(filled) > MOST:
        return "refused"
    return filled


FAMILIES: Mapping[str, Source] = {
    **{make.__name__: partial(curve, make) for make in random_curves.CURVES},
    **{name: partial(venue, name) for name in random_venues.ROLLS},
    **{name: partial(loan, name) for name in ("klend", "marginfi", "solend")},
}
"""Name -> source."""
