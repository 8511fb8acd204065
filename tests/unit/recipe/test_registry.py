"""The registry takes valid connectors, once each, and names what is wrong with the others."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import msgspec
import pytest
from toy_connectors import TOYS, toy_registry

from hoploop.errors import BrokenConnector, DuplicateConnector, IncompatibleConnector, UnknownConnector
from hoploop.plugin import registry
from hoploop.plugin.connector import ItemConfig, Offer
from hoploop.plugin.registry import Registry


def _installed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    points = EntryPoints([EntryPoint("x", value, registry.GROUP)])
    monkeypatch.setattr(registry, "entry_points", lambda group: points)


def test_keys_are_listed_by_kind() -> None:
    assert toy_registry().keys("chain") == ("toy_evm", "toy_solana")


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UnknownConnector, match="did you mean 'toy_pairs'"):
        toy_registry().get("toy_pair")


def test_a_connector_that_does_not_offer_the_kind_says_what_it_offers() -> None:
    with pytest.raises(IncompatibleConnector, match="it offers: venue"):
        toy_registry().offer("lender", "toy_pairs")


def test_two_connectors_of_one_key_are_refused() -> None:
    with pytest.raises(DuplicateConnector, match="toy_connectors"):
        Registry([*TOYS, TOYS[0]])


class _Open(ItemConfig, kw_only=True):
    """Neither frozen nor closed."""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"key": "Toy-Evm"}, "lower_snake_case"),
        ({"title": " "}, "title is empty"),
        ({"family": "bitcoin"}, "family must be one of"),
        ({"offers": ()}, "offers nothing"),
        ({"offers": TOYS[0].offers * 2}, "offers a kind twice"),
        ({"offers": (Offer(kind="venue", config=ItemConfig, factory=print),)}, "must extend OnChainConfig"),
    ],
)
def test_an_invalid_manifest_is_refused_with_the_reason(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(BrokenConnector, match=problem):
        Registry([msgspec.structs.replace(TOYS[0], **change)])


def test_installed_connectors_come_from_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toy_connectors.connectors", lambda: TOYS, raising=False)
    _installed(monkeypatch, "toy_connectors:connectors")
    assert "toy_lend" in Registry.installed()


@pytest.mark.parametrize("value", ["no_such_module:connectors", "toy_connectors:nothing", "toy_connectors:GOOD"])
def test_a_broken_entry_point_is_never_skipped(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    _installed(monkeypatch, value)
    with pytest.raises(BrokenConnector, match="x \\("):
        Registry.installed()
