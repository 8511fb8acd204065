"""Assets and exact amounts: integers in base units, text at the edges, never a float."""

from __future__ import annotations

import re

import msgspec

_DECIMAL = re.compile(r"(0|[1-9][0-9_]*)(?:\.([0-9]+))?\Z")


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One fungible token on one chain. `address` is checksummed hex (EVM) or base58 (Solana)."""

    id: str
    chain: str
    address: str
    symbol: str
    decimals: int
    wraps_native: bool = False
    """True when one base unit is one base unit of the chain's fee coin (WETH, wSOL)."""


class Ratio(msgspec.Struct, frozen=True):
    """An exact non-negative fraction."""

    num: int
    den: int

    def floor_of(self, amount: int) -> int:
        """`floor(amount * num / den)`."""
        return amount * self.num // self.den

    def ceil_of(self, amount: int) -> int:
        """`ceil(amount * num / den)`."""
        return -(-amount * self.num // self.den)


def parse_units(text: str, decimals: int) -> int:
    """Read a plain decimal ("1.5", "2_000") as base units; ValueError when it is not exact."""
    match = _DECIMAL.match(text)
    if match is None:
        raise ValueError(f"not a plain decimal: {text!r}")
    fraction = (match[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise ValueError(f"{text!r} has more than {decimals} decimal places")
    scale: int = 10**decimals
    return int(match[1].replace("_", "")) * scale + int(fraction.ljust(decimals, "0") or "0")


def format_units(amount: int, decimals: int) -> str:
    """Write base units as a plain decimal without trailing zeros; inverse of `parse_units`."""
    sign, digits = ("-", -amount) if amount < 0 else ("", amount)
    whole, part = divmod(digits, 10**decimals)
    fraction = str(part).rjust(decimals, "0").rstrip("0") if decimals else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
