"""Plain scalars mean one thing, or must be quoted."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hoploop.recipe.scalars import read_plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("31337", 31337),
        ("0.5", Decimal("0.5")),
        *((text, text) for text in ("yes", "30bps", "250ms", "1 block", "0.3%", "3/1000", "-", "1.2.3", "weth")),
    ],
)
def test_a_plain_scalar_has_one_meaning(text: str, value: object) -> None:
    reading = read_plain(text)
    assert reading.value == value
    assert type(reading.value) is type(value)
    assert not reading.quote


@pytest.mark.parametrize(
    "text",
    [
        "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "017", "00", "0o17", "0b1", "+1", "1_000", "1e400", "1.5e3", ".5",
        "5.", ".nan", ".inf", "-.inf", "2026-01-01", "2026-01-01 10:00:00", "1:30", "11111111111111111111111111111111",
        "9007199254740993",
    ],
)  # fmt: skip
def test_what_yaml_tools_disagree_about_must_be_quoted(text: str) -> None:
    reading = read_plain(text)
    assert reading.quote
    assert reading.value == text
