"""Hex, words and addresses at the edge of the network."""

from __future__ import annotations

from typing import Any

import pytest

from hoploop.errors import DecodeError, IncompatibleConnector
from hoploop_evm._shared import words

CHECKSUMMED = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"


@pytest.mark.parametrize("value", ["0x", "1", "0xg", 7, None, "0x" + "0" * 65, ["0x1"], "0x1\n"])
def test_a_number_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(DecodeError):
        words.quantity(value, "x")


@pytest.mark.parametrize("value", ["0x1", "00", 7, None, "0xzz", {"data": "0x"}])
def test_bytes_that_are_none_are_refused(value: Any) -> None:
    with pytest.raises(DecodeError):
        words.data(value, "x")


def test_bytes_of_another_length_are_refused() -> None:
    with pytest.raises(DecodeError):
        words.data("0x0011", "x", 3)


def test_too_few_words_are_refused() -> None:
    with pytest.raises(DecodeError):
        words.words(bytes(63), 2, "x")


def test_addresses_are_taken_checksummed_or_in_one_case() -> None:
    lower = CHECKSUMMED.lower()
    assert words.not_addresses(a=CHECKSUMMED, b=lower, c="0x" + lower[2:].upper()) == []
    assert words.address_text(words.address_bytes(lower)) == CHECKSUMMED


@pytest.mark.parametrize("text", [CHECKSUMMED[:-1], CHECKSUMMED + "0", "C02a", CHECKSUMMED.replace("C02a", "c02a")])
def test_a_wrong_address_is_named_with_its_field(text: str) -> None:
    with pytest.raises(IncompatibleConnector, match="pool"):
        words.address_bytes(text, "pool")
