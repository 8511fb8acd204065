"""The scalar dialect: plain whole numbers and decimals only; whatever YAML tools disagree about must be quoted."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INT = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+\Z")
_NUMBERLIKE = re.compile(
    r"""(?x)
    [-+]? (?: 0[xX][0-9a-fA-F_]+ | 0[oO][0-7_]+ | 0[bB][01_]+ | [0-9][0-9_]*    # 0x1f 0o17 0b1 017 1_000 +1
            | (?: [0-9][0-9_]*\.?[0-9_]* | \.[0-9][0-9_]* ) (?: [eE][-+]?[0-9]+ )?         # 1. .5 1e400
            | [0-9]+ (?: :[0-5]?[0-9] )+ (?: \.[0-9]* )?                                   # 1:30
            | \.(?: inf|Inf|INF ) )
    | \.(?: nan|NaN|NAN )
    """
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?\Z")
_MAX_INT = 2**53


class Reading(NamedTuple):
    """What a plain scalar means, or why it must be quoted."""

    value: bool | int | Decimal | str | None
    quote: str = ""


def read_plain(text: str) -> Reading:
    """Read an unquoted scalar."""
    if text in _WORDS:
        return Reading(_WORDS[text])
    if text[0] not in "-+.0123456789":
        return Reading(text)
    if _INT.match(text):
        if len(text) > 17 or abs(int(text)) > _MAX_INT:
            return Reading(text, "is too long for a number: other YAML tools round it")
        return Reading(int(text))
    if _DECIMAL.match(text) and len(text) <= 32:
        return Reading(Decimal(text))
    if _NUMBERLIKE.fullmatch(text):
        return Reading(text, "is a number to other YAML tools")
    if _DATE.match(text):
        return Reading(text, "is a date to other YAML tools")
    return Reading(text)
