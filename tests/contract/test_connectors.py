"""Runs the published contract suite for every connector of the repository, on configs its recipes use."""

from __future__ import annotations

import pytest
from repository import examples, first_party

from hoploop.plugin.connector import Connector, Kind
from hoploop.plugin.testing import ChainContract, ConnectorContract, LenderContract, OfferContract, VenueContract

SUITES: dict[Kind, type[OfferContract]] = {"venue": VenueContract, "lender": LenderContract, "chain": ChainContract}


def _tests(suite: type[object]) -> list[str]:
    return sorted(name for name in dir(suite) if name.startswith("test_"))


def _connector_cases() -> list[object]:
    return [
        pytest.param(connector, test, id=f"{connector.key}-{test.removeprefix('test_')}")
        for connector in first_party()
        for test in _tests(ConnectorContract)
    ]


def _offer_cases() -> list[object]:
    return [
        pytest.param(kind, connector, test, id=f"{connector.key}-{test.removeprefix('test_')}")
        for kind, connector, _ in first_party().offers()
        if kind in SUITES
        for test in _tests(SUITES[kind])
    ]


@pytest.mark.parametrize(("connector", "test"), _connector_cases())
def test_a_connector_keeps_the_contract(connector: Connector, test: str) -> None:
    case = type("Case", (ConnectorContract,), {"connector": connector})()
    getattr(case, test)()


@pytest.mark.parametrize(("kind", "connector", "test"), _offer_cases())
def test_an_offer_keeps_the_contract_of_its_kind(kind: Kind, connector: Connector, test: str) -> None:
    used = list(examples(kind, connector.key))
    assert used, f"no recipe uses {connector.key}"
    for config, scope in used:
        fields = {"connector": connector, "config": config, "scope": scope}
        getattr(type("Case", (SUITES[kind],), fields)(), test)()


def test_every_route_is_used_by_a_recipe() -> None:
    assert [key for key in first_party().keys("route") if not list(examples("route", key))] == []
