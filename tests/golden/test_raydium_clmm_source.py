"""Raydium CLMM with dynamic fees, fee sides and limit orders: what the program's own source answers on forged pools."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from raydium_clmm_kit import VENUE, Terms, forge
from venue_kit import READERS

PATH = Path(__file__).with_name("raydium_clmm_source.json")


class Case(msgspec.Struct, frozen=True):
    """One swap; `paid` is (in, out) or None when it fails. The limit is a decimal: it exceeds 64 bits."""

    zero_for_one: bool
    exact_in: bool
    amount: int
    price_limit: str
    paid: tuple[int, int] | None


class Pool(msgspec.Struct, frozen=True):
    """One forged pool and its swaps."""

    terms: Terms
    cases: list[Case]


class Answers(msgspec.Struct, frozen=True):
    """The file."""

    source: str
    pools: list[Pool]


def _wrong(pool: Pool, reader: str) -> list[tuple[Case, object]]:
    forged = forge(pool.terms)
    state = READERS[reader](VENUE, forged.roles, forged.held, forged.routes, forged.clock)
    assert not isinstance(state, str), state
    wrong: list[tuple[Case, object]] = []
    for case in pool.cases:
        got = state.quote(case.zero_for_one, case.exact_in, case.amount, int(case.price_limit), 0)
        if case.paid != (None if isinstance(got, str) else got):
            wrong.append((case, got))
    return wrong


@pytest.mark.parametrize("reader", ["native", "reference"])
def test_every_swap_is_answered_as_the_source_does(reader: str) -> None:
    pools = msgspec.json.decode(PATH.read_bytes(), type=Answers).pools
    assert any(pool.terms.dynamic for pool in pools)
    assert any(pool.terms.fee_on for pool in pools)
    assert any(pool.terms.orders for pool in pools)
    assert [found for pool in pools for found in _wrong(pool, reader)] == []
