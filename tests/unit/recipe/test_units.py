"""Quantities become exact integers or an explanation."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoploop.model.money import Asset, Ratio, format_units
from hoploop.recipe.units import UNITS, BadQuantity, Freshness, OtherAsset, parse, to_base_units

WETH = Asset(id="weth", chain="eth", address="0x", symbol="WETH", decimals=18)


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        ("wei", "2 gwei", 2 * 10**9),
        ("wei", "100 wei", 100),
        ("wei", "0.01 ETH", 10**16),
        ("lamports", "5000 lamports", 5000),
        ("lamports", "0.01 SOL", 10**7),
        ("microlamports", "1000 microlamports", 1000),
        ("ratio", "30bps", Ratio(30, 10_000)),
        ("ratio", "0.3%", Ratio(3, 1_000)),
        ("ratio", "3/1000", Ratio(3, 1000)),
        ("duration_ms", "250ms", 250),
        ("duration_ms", "1.5s", 1500),
        ("duration_ms", "1m", 60_000),
        ("freshness", "1 block", Freshness(None, 1)),
        ("freshness", "100ms", Freshness(100, None)),
    ],
)
def test_a_quantity_reads_as_its_smallest_unit(unit: str, text: str, value: object) -> None:
    assert parse(unit, text) == value


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit not in ("amount", "ratio")])
def test_the_fix_for_a_bare_number_is_itself_accepted(unit: str) -> None:
    with pytest.raises(BadQuantity) as caught:
        parse(unit, 7)
    assert parse(unit, caught.value.fix)


@pytest.mark.parametrize("unit", UNITS)
def test_the_example_of_a_unit_is_accepted(unit: str) -> None:
    assert parse(unit, UNITS[unit].example)


_NOT_QUANTITIES = [None, True, 0, "", " ", "1e3 wei", "0x10 wei", "-1 wei", "1 2 wei", [], {}, "9" * 200]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("value", _NOT_QUANTITIES)
def test_what_is_no_quantity_is_refused(unit: str, value: object) -> None:
    with pytest.raises(BadQuantity):
        parse(unit, value)


@given(st.integers(0, 10**40))
def test_an_amount_survives_writing_and_reading(amount: int) -> None:
    assert to_base_units(f"{format_units(amount, 18)} WETH", WETH) == amount


@given(st.sampled_from(sorted(UNITS)), st.text(max_size=120))
def test_any_text_is_read_or_explained(unit: str, text: str) -> None:
    try:
        value = parse(unit, text)
    except BadQuantity:
        return
    assert value is not None


def test_an_amount_may_name_the_asset_by_id_or_symbol() -> None:
    assert to_base_units("1 weth", WETH) == to_base_units("1 WETH", WETH) == 10**18


@pytest.mark.parametrize("number", [5, 150, "0.3"])
def test_a_bare_part_could_be_two_things(number: object) -> None:
    with pytest.raises(BadQuantity, match=f"{number}% or {number}bps") as caught:
        parse("ratio", number)
    assert caught.value.fix == ""


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("2 Weth", "2 WETH"),
        ("2 WEHT", "2 WETH"),
        ("2 ETH", "2 WETH"),
        ("2 ether", "2 WETH"),
        ("5 gwei", "0.000000005 WETH"),
        ("1 wei", "0.000000000000000001 WETH"),
        ("2 USDC", ""),
        ("5 USD", ""),
        ("5000 lamports", ""),
    ],
)
def test_an_amount_of_another_asset_is_refused_with_what_is_the_same(text: str, fix: str) -> None:
    with pytest.raises(OtherAsset) as caught:
        to_base_units(text, msgspec.structs.replace(WETH, wraps_native=True))
    assert caught.value.fix == fix


def test_a_token_is_not_the_native_coin() -> None:
    with pytest.raises(OtherAsset) as caught:
        to_base_units("2 ETH", msgspec.structs.replace(WETH, wraps_native=False))
    assert caught.value.fix == ""


def test_more_decimals_than_the_asset_has_are_refused() -> None:
    with pytest.raises(BadQuantity, match="18 decimal places"):
        to_base_units("0.0000000000000000001 WETH", WETH)
