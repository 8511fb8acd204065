"""Quantities: text with a unit, read once into exact integers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hoploop.model.money import Asset, Ratio, format_units, parse_units

_QUANTITY = re.compile(r"([0-9][0-9_.]*) ?([A-Za-z%][A-Za-z0-9_.$+-]*)\Z")
_FRACTION = re.compile(r"([0-9]{1,18})/([1-9][0-9]{0,17})\Z")
_NUMBER = re.compile(r"[0-9][0-9_.]*\Z")
_MAX_TEXT, _MAX_VALUE, _FINE = 96, 2**256 - 1, 24

_WEI = {"wei": 1, "gwei": 10**9, "ETH": 10**18}
_LAMPORTS = {"lamports": 1, "SOL": 10**9}
_NATIVE: Mapping[int, Mapping[str, int]] = {18: _WEI, 9: _LAMPORTS}
"""By the decimals of what wraps it."""
_MICROLAMPORTS = {"microlamports": 1, "lamports": 10**6}
_SHORT = {"us": 1, "ms": 1_000, "s": 1_000_000}
_DURATION = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_MICRO_USD = {"USD": 10**6}
_PER = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
BASE_UNITS = {
    "wei": "wei",
    "lamports": "lamports",
    "microlamports": "microlamports",
    "duration_ms": "ms",
    "duration_us": "us",
}
"""Unit -> what its integers count."""
_RATIO = {"bps": 10_000, "%": 100}
_ALSO = {
    "bp": "bps", "bip": "bps", "bips": "bps", "percent": "%", "pct": "%", "lamport": "lamports", "sols": "SOL",
    "microlamport": "microlamports", "ether": "ETH", "eth": "ETH", "gweis": "gwei", "sec": "s", "secs": "s",
    "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "hour": "h", "hours": "h",
    "hr": "h", "day": "d", "days": "d", "msec": "ms", "millis": "ms", "usd": "USD", "dollar": "USD", "dollars": "USD",
}  # fmt: skip
"""Other words for units."""


class BadQuantity(ValueError):
    """Not a quantity of this unit; `fix` is what to write instead, when that is clear."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix


class OtherAsset(BadQuantity):
    """An amount of another asset than the one it is for."""


class Unit(NamedTuple):
    """How one kind of quantity is read, and how it is described to editors."""

    parse: Callable[[str], Any]
    example: str
    pattern: str


class Freshness(NamedTuple):
    """Oldest usable update: milliseconds or blocks, the other is None."""

    ms: int | None
    blocks: int | None


class Rate(NamedTuple):
    """At most `times` in any stretch of `per_ms` milliseconds."""

    times: int
    per_ms: int


class Amount(NamedTuple):
    """Number and asset word of an amount, still without decimals."""

    number: str
    word: str


def parse(unit: str, value: object) -> Any:
    """Read `value` as a quantity of `unit` (a key of `UNITS`); BadQuantity says why not."""
    spec = UNITS[unit]
    if isinstance(value, bool) or not isinstance(value, str):
        if value is None or isinstance(value, (bool, list, dict)):
            raise BadQuantity(f"expected a quantity such as {spec.example}")
        raise _bare(str(value), spec)
    if len(value) > _MAX_TEXT:
        raise BadQuantity("this is too long for a quantity")
    if _NUMBER.match(value):
        raise _bare(value, spec)
    if value[:1] in "+-" and _NUMBER.match(value[1:2]):
        raise BadQuantity("quantities have no sign" if value[0] == "+" else "a quantity cannot be negative")
    if "," in value and _NUMBER.match(value[:1]):
        raise BadQuantity("write numbers as 1500, 1_500 or 0.25")
    return spec.parse(value)


def to_base_units(text: str, asset: Asset) -> int:
    """An amount such as "1.5 WETH" in base units of `asset`; BadQuantity when it names another or is not exact."""
    number, word = _amount(text)
    if word not in (asset.symbol, asset.id):
        shown = f", not of {word}" if len(word) <= 20 else ""
        raise OtherAsset(f"this must be an amount of {asset.symbol}{shown}", _same(number, word, asset))
    try:
        value = parse_units(number, asset.decimals)
    except ValueError:
        raise BadQuantity(f"{asset.symbol} has {asset.decimals} decimal places, this has more") from None
    return _bounded(value)


def _same(number: str, word: str, asset: Asset) -> str:
    """The same amount in `asset`, where it is one: its name with letters mixed up, or the native coin it wraps."""
    if any(sorted(word.lower()) == sorted(name.lower()) for name in (asset.symbol, asset.id)):
        return f"{number} {asset.symbol}"
    native = _NATIVE.get(asset.decimals, {}) if asset.wraps_native else {}
    factor = native.get(word) or native.get(_ALSO.get(word.lower(), ""))
    if factor is None:
        return ""
    value, rest = divmod(_fine(number) * factor, 10**_FINE)
    return "" if rest else f"{format_units(value, asset.decimals)} {asset.symbol}"


def written(unit: str, value: Any) -> str:
    """The text of a default as it stands in a Struct: an integer, a ratio as mapping, or text already."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        bps, rest = divmod(value["num"] * 10_000, value["den"])
        return f"{value['num']}/{value['den']}" if rest else f"{bps}bps"
    return f"{value}ms" if unit == "duration_ms" else f"{value} {BASE_UNITS[unit]}"


def _bare(number: str, spec: Unit) -> BadQuantity:
    if spec.parse is _rate:
        return BadQuantity("this number has no unit", f"{number}/m" if number.isdigit() else "")
    unit = _QUANTITY.match(spec.example)
    if spec.parse is _ratio:  # A hundred times too much or too little: nothing to guess.
        return BadQuantity(f"this number has no unit: {number}% or {number}bps")
    fix = "" if unit is None or spec.parse is _amount else f"{number}{' ' if ' ' in spec.example else ''}{unit[2]}"
    return BadQuantity("this number has no unit", fix)


def _split(text: str, table: Mapping[str, int], example: str) -> tuple[str, int]:
    match = _QUANTITY.match(text)
    if match is None:
        raise BadQuantity(f"not a quantity such as {example}")
    if match[2] not in table:
        near = {name.lower(): name for name in table}.get(match[2].lower()) or _ALSO.get(match[2].lower())
        near = near if near in table else None
        gap = " " if " " in example else ""
        fix = f"{match[1]}{gap}{near}" if near else ""
        shown = f" '{match[2]}'" if len(match[2]) <= 20 else ""
        raise BadQuantity(f"unknown unit{shown}; units here: {', '.join(table)}", fix)
    return match[1], table[match[2]]


def _scaled(table: Mapping[str, int], example: str) -> Callable[[str], int]:
    smallest = next(iter(table))

    def read(text: str) -> int:
        number, factor = _split(text, table, example)
        value, rest = divmod(_fine(number) * factor, 10**_FINE)
        if rest:
            raise BadQuantity(f"this is not a whole number of {smallest}")
        return _bounded(value)

    return read


def _ratio(text: str) -> Ratio:
    fraction = _FRACTION.match(text)
    if fraction is not None:
        return Ratio(int(fraction[1]), int(fraction[2]))
    number, parts = _split(text, _RATIO, "30bps")
    whole, _, digits = number.partition(".")
    digits = digits.rstrip("0")
    _fine(number)
    return Ratio(int(whole.replace("_", "") + digits), parts * 10 ** len(digits))


def _freshness(text: str) -> Freshness:
    match = re.match(r"([1-9][0-9]{0,3}) ?blocks?\Z", text)
    if match is not None:
        return Freshness(None, int(match[1]))
    ms = _scaled(_DURATION, "100ms")(text)
    if ms <= 0:
        raise BadQuantity("freshness must be positive", "100ms")
    return Freshness(ms, None)


def _rate(text: str) -> Rate:
    match = re.match(r"([1-9][0-9]{0,8})/(s|m|h|d)\Z", text)
    if match is None:
        raise BadQuantity("not a rate such as 30/m; units here: s, m, h, d")
    return Rate(int(match[1]), _PER[match[2]])


def _amount(text: str) -> Amount:
    match = _QUANTITY.match(text)
    if match is None or match[2] in _RATIO:
        raise BadQuantity('not an amount such as "1.5 WETH"')
    _fine(match[1])
    return Amount(match[1], match[2])


def _fine(number: str) -> int:
    try:
        return parse_units(number, _FINE)
    except ValueError:
        raise BadQuantity("write numbers as 1500, 1_500 or 0.25") from None


def _bounded(value: int) -> int:
    if value > _MAX_VALUE:
        raise BadQuantity("this is more than any chain can hold")
    return value


_N = r"[0-9][0-9_]*(\.[0-9]+)? ?"
UNITS: Mapping[str, Unit] = {
    "wei": Unit(_scaled(_WEI, '"2 gwei"'), "2 gwei", f"^{_N}(wei|gwei|ETH)$"),
    "lamports": Unit(_scaled(_LAMPORTS, '"5000 lamports"'), "5000 lamports", f"^{_N}(lamports|SOL)$"),
    "microlamports": Unit(
        _scaled(_MICROLAMPORTS, '"1000 microlamports"'), "1000 microlamports", f"^{_N}(microlamports|lamports)$"
    ),
    "ratio": Unit(_ratio, "30bps", rf"^({_N}(bps|%)|[0-9]+/[1-9][0-9]*)$"),
    "duration_ms": Unit(_scaled(_DURATION, "250ms"), "250ms", f"^{_N}(ms|s|m|h|d)$"),
    "duration_us": Unit(_scaled(_SHORT, "200us"), "200us", f"^{_N}(us|ms|s)$"),
    "rate": Unit(_rate, "30/m", "^[1-9][0-9]{0,8}/(s|m|h|d)$"),
    "usd": Unit(_scaled(_MICRO_USD, '"5 USD"'), "5 USD", f"^{_N}USD$"),
    "freshness": Unit(_freshness, "1 block", f"^({_N}(ms|s|m|h|d)|[1-9][0-9]* ?blocks?)$"),
    "amount": Unit(_amount, "1.5 WETH", f"^{_N}(?!bps$)[A-Za-z][A-Za-z0-9_.$+-]*$"),
}
