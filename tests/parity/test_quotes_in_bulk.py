"""Many quotes in one call are those of one call each, and integers of every width cross unchanged."""

from __future__ import annotations

from array import array

import pytest
from hot_kit import SYNC, slot8
from hypothesis import given
from hypothesis import strategies as st

from hoploop.hot import HotError, Market

DOORS = [bytes([number]) * 20 + SYNC for number in (1, 2)]
RESERVES = ((2**100, 2**90 + 12_345), (10**12, 3 * 10**11))


def market() -> Market:
    """Two constant-product pools of one pair, a deep and a shallow one."""
    made = Market()
    for name in ("zero", "one"):
        made.add_asset(name)
    for number, door in enumerate(DOORS):
        made.add_pool(f"pool {number}", "constant_product", "uniswap_v2", 0, 1, 3, 1000, 0, 100_000, [door])
    made.seal()
    for number, reserves in enumerate(RESERVES):
        assert made.load(number, 1, slot8(*reserves))
    return made


MARKET = market()


def paid(number: int, amount: int) -> int:
    into, out = RESERVES[number]
    return amount * 997 * out // (into * 1000 + amount * 997)


@given(st.lists(st.one_of(st.integers(0, 2**66), st.integers(0, 2**100)), max_size=20), st.sampled_from((0, 1)))
def test_a_list_is_quoted_as_each_of_its_amounts(amounts: list[int], pool: int) -> None:
    one_by_one = [MARKET.quote(pool, True, amount) for amount in amounts]
    assert MARKET.quote_many(pool, True, amounts) == one_by_one
    assert MARKET.quote_many(pool, True, iter(amounts)) == one_by_one


@pytest.mark.parametrize("shift", [0, 31, 32, 62, 63, 64, 65, 95, 96, 98])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_integers_of_every_width_cross_unchanged(shift: int, off: int) -> None:
    amount = 2**shift + off
    expected = paid(0, amount) if amount else None
    assert (MARKET.quote(0, True, amount) or None) == (expected or None)
    assert MARKET.quote_many(0, True, [amount]) == [MARKET.quote(0, True, amount)]


def test_an_output_of_over_64_bits_is_a_whole_number() -> None:
    assert MARKET.quote(0, True, 2**99) == paid(0, 2**99) > 2**64


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20), st.data())
def test_buffers_are_quoted_as_lists_with_0_for_what_does_not_fit(amounts: list[int], data: st.DataObject) -> None:
    pools = [data.draw(st.sampled_from((0, 1))) for _ in amounts]
    expected = [MARKET.quote(pool, True, amount) for pool, amount in zip(pools, amounts, strict=True)]
    fit = [quote for quote in expected if quote is not None and quote < 2**64]
    out = array("Q", bytes(8 * len(amounts)))
    assert MARKET.quote_into(array("I", pools), True, array("Q", amounts), out) == len(fit)
    assert out.tolist() == [quote if quote is not None and quote < 2**64 else 0 for quote in expected]
    assert MARKET.quote_into(1, True, array("Q", amounts), out) <= len(amounts)
    assert out.tolist() == [quote or 0 for quote in MARKET.quote_many(1, True, amounts)]


def test_what_is_no_amount_is_refused() -> None:
    one = array("Q", [1])
    for amounts in ([-1], [-(2**70)]):
        with pytest.raises(HotError, match="negative"):
            MARKET.quote_many(0, True, amounts)
    with pytest.raises(TypeError):
        MARKET.quote_many(0, True, ["1"])  # type: ignore[list-item]
    with pytest.raises(HotError, match="length"):
        MARKET.quote_into(0, True, one, array("Q"))
    with pytest.raises(HotError, match="length"):
        MARKET.quote_into(array("I"), True, one, array("Q", [0]))
    with pytest.raises(HotError, match="read-only"):
        MARKET.quote_into(0, True, one, memoryview(bytes(8)).cast("Q"))
    with pytest.raises(HotError, match="no row"):
        MARKET.quote_into(0, True, memoryview(array("Q", [1, 2, 3, 4]))[::2], array("Q", [0, 0]))
    with pytest.raises(BufferError):
        MARKET.quote_into(0, True, array("I", [1]), array("Q", [0]))


@pytest.mark.parametrize("pool", [2, -1, 2**32, 2**70])
def test_a_pool_that_is_not_there_is_refused(pool: int) -> None:
    with pytest.raises(HotError):
        MARKET.quote_many(pool, True, [1])
