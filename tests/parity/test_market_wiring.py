"""Wrong use while wiring is a HotError with a reason, never a crash later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hot_kit import SWAP, door, single_v2

from hoploop.hot import HotError, Market, version

POOL: tuple[Any, ...] = ("p", "constant_product", "uniswap_v2", 0, 1, 3, 1000, 0, 100, [door(1)])
SEARCH: tuple[Any, ...] = ("s", 0, [0], [], 2, 3, 10, 1, 0, 1, 0, 0, 8)


def _market() -> Market:
    market = Market()
    market.add_asset("a")
    market.add_asset("b")
    return market


def _with(values: tuple[Any, ...], **changed: Any) -> tuple[Any, ...]:
    out = list(values)
    for key, value in changed.items():
        out[int(key[1:])] = value
    return tuple(out)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"_1": "stable"}, "unknown curve"),
        ({"_2": "raydium"}, "unknown decoder"),
        ({"_2": "uniswap_v3"}, "does not feed"),
        ({"_3": 1}, "two different"),
        ({"_4": 7}, "two different"),
        ({"_5": 1000}, "less than one"),
        ({"_5": -1}, "fee_num"),
        ({"_6": 2**32}, "fee_den"),
        ({"_8": 2**64}, "units"),
        ({"_9": [door(1, SWAP)]}, "door"),
        ({"_9": [b"short"]}, "door"),
        ({"_9": [door(1), door(1)]}, "taken"),
        ({"_1": "concentrated", "_2": "uniswap_v3", "_7": 0}, "tick_spacing"),
        ({"_1": "concentrated", "_2": "uniswap_v3", "_5": 1, "_6": 3, "_7": 10, "_9": []}, "millionths"),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(HotError, match=says):
        _market().add_pool(*_with(POOL, **changed))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"_1": 5}, "base"),
        ({"_2": [1]}, "unknown pool"),
        ({"_2": [0, 0]}, "twice"),
        ({"_3": [0]}, "unknown lender"),
        ({"_4": 1}, "hops"),
        ({"_5": 1}, "hops"),
        ({"_5": 9}, "hops"),
        ({"_6": 0}, "max_notional"),
        ({"_8": 2}, "tip"),
        ({"_9": 0}, "tip"),
        ({"_10": 1}, "tip"),
        ({"_12": 0}, "budget"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(changed: dict[str, Any], says: str) -> None:
    market = _market()
    market.add_pool(*POOL)
    with pytest.raises(HotError, match=says):
        market.add_search(*_with(SEARCH, **changed))


@pytest.mark.parametrize(
    "use",
    [
        lambda m: m.quote(9, True, 1),
        lambda m: m.load(9, 1, b""),
        lambda m: m.load(0, -1, b""),
        lambda m: m.mark_stale(9),
        lambda m: m.pool_state(9),
        lambda m: m.set_available(0, 0, 1),
        lambda m: m.set_own_capital(0, 1),
        lambda m: m.set_fees(0, 0, 1, 0),
        lambda m: m.add_lender("l", 1, 0, "up", 0, 0),
        lambda m: m.add_lender("l", 1, 1, "bankers", 0, 0),
        lambda m: m.quote(0, True, -1),
        lambda m: m.on_batch([(b"", 2**64, b"")]),
        lambda m: m.add_pool(*_with(POOL, _9=[])),
        lambda m: m.seal(),
        lambda m: m.add_asset("zero"),
    ],
)
def test_unknown_handles_and_numbers_that_do_not_fit_are_refused(use: Callable[[Market], Any]) -> None:
    with pytest.raises(HotError):
        use(single_v2(1000, 1000))


def test_a_batch_before_sealing_is_refused() -> None:
    with pytest.raises(HotError, match="sealed"):
        _market().on_batch([])


def test_one_door_leads_to_one_pool() -> None:
    market = _market()
    market.add_pool(*POOL)
    with pytest.raises(HotError, match="taken"):
        market.add_pool(*POOL)


def test_the_module_names_its_version() -> None:
    assert version().count(".") == 2
