"""The contract suite accepts what keeps the contract and catches what breaks it."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from toy_connectors import TOYS, ToyPairs, ToyPool, Venue

from hoploop.errors import Unreachable
from hoploop.model.chain import SignedTx
from hoploop.model.market import Leg, PoolSpec
from hoploop.model.money import Asset, Ratio
from hoploop.plugin.connector import ChainScope, Connector, Offer
from hoploop.plugin.kinds import Permit, RouteTerms
from hoploop.plugin.testing import RouteContract, VenueContract

PAIRS = next(toy for toy in TOYS if toy.key == "toy_pairs")
SCOPE = ChainScope(
    chain_id="eth",
    identity="1",
    assets={name: Asset(id=name, chain="eth", address="0x", symbol=name, decimals=1) for name in ("a", "b")},
    settings=None,
    owner="0x",
)
POOL = ToyPool(name="p", address="0x" + "01" * 20, token0="a", token1="b")
CONFIG = ToyPairs(id="v", chain="eth", fee=Ratio(3, 1000), pools=(POOL,))


def _venue_case(venue: type[Venue]) -> VenueContract:
    connector: Connector = msgspec.structs.replace(PAIRS, offers=(Offer(kind="venue", config=ToyPairs, factory=venue),))
    case: VenueContract = type("Case", (VenueContract,), {"connector": connector, "config": CONFIG, "scope": SCOPE})()
    return case


class _Unstable(Venue):
    calls = 0

    def pools(self) -> Sequence[PoolSpec]:
        _Unstable.calls += 1
        return [msgspec.structs.replace(super().pools()[0], units=_Unstable.calls)]


class _OneWay(Venue):
    def swap(self, leg: Leg) -> Sequence[object]:
        return [("swap", leg.pool)]


class _ShortDoors(Venue):
    def pools(self) -> Sequence[PoolSpec]:
        return [msgspec.structs.replace(super().pools()[0], doors=(b"short",))]


class _Phones(Venue):
    def __init__(self, config: Any, scope: Any) -> None:
        super().__init__(config, scope)
        socket.socket().close()


def test_a_venue_that_keeps_the_contract_passes() -> None:
    case = _venue_case(Venue)
    case.test_pools_are_stable_and_equal_for_equal_configs()
    case.test_pool_specs_are_complete()
    case.test_doors_have_the_length_of_the_family()
    case.test_swaps_in_both_directions_make_different_steps()


@pytest.mark.parametrize(
    ("venue", "test"),
    [
        (_Unstable, "test_pools_are_stable_and_equal_for_equal_configs"),
        (_OneWay, "test_swaps_in_both_directions_make_different_steps"),
        (_ShortDoors, "test_doors_have_the_length_of_the_family"),
        (_Phones, "test_pool_specs_are_complete"),
    ],
)
def test_a_venue_that_breaks_the_contract_fails(venue: type[Venue], test: str) -> None:
    with pytest.raises(AssertionError):
        getattr(_venue_case(venue), test)()


class _Wire:
    """A route whose server is a list."""

    def __init__(self, *, asks: bool, first: bool = True) -> None:
        self.sent: list[bytes] = []
        self._asks, self._first = asks, first

    def terms(self) -> RouteTerms:
        return RouteTerms()

    async def submit(self, tx: SignedTx, permit: Permit) -> str:
        if not self._first:
            self.sent.append(tx.raw)
        if self._asks:
            permit()
        if self._first:
            self.sent.append(tx.raw)
        raise Unreachable("C101", "no answer")

    async def status(self, reference: str) -> str:
        return "unknown"


class _RouteCase(RouteContract):
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    async def route(self) -> Any:
        return self._wire

    def sent(self) -> int:
        return len(self._wire.sent)

    def transaction(self) -> SignedTx:
        return SignedTx(chain="eth", id="0x01", raw=b"raw", expires=9)


async def test_a_route_that_asks_before_it_sends_passes() -> None:
    case = _RouteCase(_Wire(asks=True))
    await case.test_no_byte_leaves_when_the_permit_refuses()
    await case.test_the_permit_is_asked_when_bytes_leave()


@pytest.mark.parametrize("wire", [_Wire(asks=True, first=False), _Wire(asks=False)])
async def test_a_route_that_sends_without_asking_fails(wire: _Wire) -> None:
    with pytest.raises((AssertionError, Unreachable)):
        await _RouteCase(wire).test_no_byte_leaves_when_the_permit_refuses()
