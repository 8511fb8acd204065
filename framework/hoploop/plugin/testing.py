"""The published contract test-suite: subclass, name your connector, and pytest runs what every connector must keep.

    from hoploop.plugin.testing import VenueContract

    class TestMyVenue(VenueContract):
        connector = CONNECTOR
        config = MyConfig(id="v", chain="c", ...)
        scope = ChainScope(...)
"""

from __future__ import annotations

import inspect
import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from hoploop.errors import GateClosed, HoploopError
from hoploop.model.chain import SignedTx
from hoploop.model.market import Leg, PoolSpec
from hoploop.plugin.connector import ChainScope, Connector, ItemConfig, Kind, Offer
from hoploop.plugin.kinds import LenderTerms, Loan, RouteTerms
from hoploop.plugin.manifest import config_problems, cost_problems, manifest_problems
from hoploop.plugin.registry import Registry

DOOR_LENGTHS = {"solana": 32, "evm": 52}
"""Account key, or address + topic."""
_POOL_ID = re.compile(r"[a-z0-9_]+/[A-Za-z0-9_.-]+\Z")


class ConnectorContract:
    """What every connector keeps, whatever it offers."""

    connector: ClassVar[Connector]

    def test_manifest_is_valid(self) -> None:
        assert manifest_problems(self.connector) == []

    def test_key_is_the_name_of_the_folder(self) -> None:
        assert connector_folder(self.connector).name == self.connector.key

    def test_folder_has_a_readme_that_says_something(self) -> None:
        readme = connector_folder(self.connector) / "README.md"
        assert readme.is_file(), f"{readme.name} is missing"
        assert len(readme.read_text("utf-8").split()) >= 20

    def test_registry_takes_it(self) -> None:
        assert list(Registry([self.connector])) == [self.connector]

    def test_every_config_is_closed_and_described(self) -> None:
        for offer in self.connector.offers:
            assert config_problems(offer.config, offer.kind) == []
            assert undescribed(offer.config) == []


class OfferContract:
    """Base of the contracts for one offer. `config` and `scope` are an example a recipe could hold."""

    kind: ClassVar[Kind]
    connector: ClassVar[Connector]
    config: ClassVar[ItemConfig]
    scope: ClassVar[ChainScope]

    @property
    def offer(self) -> Offer:
        """The offer under test."""
        return Registry([self.connector]).offer(self.kind, self.connector.key)

    def made(self) -> Any:
        """The component, made without any way to the outside."""
        with no_sockets():
            return self.offer.factory(self.config, self.scope)

    def test_check_is_pure_and_finds_nothing_in_the_example(self) -> None:
        if self.offer.check is not None:
            with no_sockets():
                assert self.offer.check(self.config, self.scope) == []
                assert self.offer.check(self.config, self.scope) == []


class VenueContract(OfferContract):
    """A venue: pure, stable, and able to swap both ways."""

    kind = "venue"

    def test_pools_are_stable_and_equal_for_equal_configs(self) -> None:
        one, other = self.made(), self.made()
        assert list(one.pools()) == list(one.pools()) == list(other.pools())
        assert one.pools(), "a venue without pools"

    def test_pool_specs_are_complete(self) -> None:
        pools: list[PoolSpec] = list(self.made().pools())
        assert len({pool.id for pool in pools}) == len(pools)
        for pool in pools:
            assert _POOL_ID.match(pool.id)
            assert pool.venue == self.config.id
            assert pool.chain == self.scope.chain_id
            assert {pool.asset0, pool.asset1} <= set(self.scope.assets)
            assert pool.asset0 != pool.asset1
            assert 0 <= pool.fee_num < pool.fee_den
            assert pool.units > 0

    def test_doors_have_the_length_of_the_family(self) -> None:
        for pool in self.made().pools():
            assert pool.doors
            assert {len(door) for door in pool.doors} == {DOOR_LENGTHS[self.connector.family]}

    def test_swaps_in_both_directions_make_different_steps(self) -> None:
        venue = self.made()
        with no_sockets():
            for pool in venue.pools():
                there, back = (venue.swap(leg) for leg in both_ways(pool))
                assert there
                assert back
                assert repr(there) != repr(back)


class LenderContract(OfferContract):
    """A lender: pure, with a price, and steps for what it lends."""

    kind = "lender"

    def test_terms_are_a_price_for_known_assets(self) -> None:
        terms: LenderTerms = self.made().terms()
        assert terms == self.made().terms()
        assert terms.assets
        assert set(terms.assets) <= set(self.scope.assets)
        assert 0 <= terms.fee_num < terms.fee_den
        assert terms.min_fee >= 0
        assert terms.units > 0

    def test_a_loan_has_steps_before_the_swaps(self) -> None:
        lender = self.made()
        with no_sockets():
            for asset in lender.terms().assets:
                loan = lender.loan(asset, 1_000_000, 9)
                assert isinstance(loan, Loan)
                assert loan.before


class RouteContract(ABC):
    """A route: asks for permission last, every time. Implement the three methods around a fake server on loopback."""

    @abstractmethod
    async def route(self) -> Any:
        """The route under test, connected to the fake server (started on first use)."""

    @abstractmethod
    def sent(self) -> int:
        """Requests with a transaction that reached the fake server."""

    @abstractmethod
    def transaction(self) -> SignedTx:
        """Signed bytes of the family."""

    async def test_terms_are_sound(self) -> None:
        terms: RouteTerms = (await self.route()).terms()
        assert terms.tip_share_den > 0
        assert 0 <= terms.min_tip <= max(terms.max_tip, terms.min_tip)
        assert bool(terms.tip_accounts) or not (terms.min_tip or terms.tip_share_num)

    async def test_no_byte_leaves_when_the_permit_refuses(self) -> None:
        route, asked = await self.route(), []

        def refuse() -> None:
            asked.append(1)
            raise GateClosed("G103", "closed by the contract test")

        before = self.sent()
        try:
            await route.submit(self.transaction(), refuse)
        except GateClosed:
            pass
        else:
            raise AssertionError("submit() must let GateClosed through")
        assert asked, "submit() did not ask"
        assert self.sent() == before

    async def test_the_permit_is_asked_when_bytes_leave(self) -> None:
        route, asked = await self.route(), []
        before = self.sent()
        try:
            reference = await route.submit(self.transaction(), lambda: asked.append(1))
        except HoploopError:
            reference = ""
        assert isinstance(reference, str)
        assert self.sent() - before <= len(asked), "bytes left without permission"


class ChainContract(OfferContract):
    """A chain: names itself, and is made without touching the network."""

    kind = "chain"

    def test_config_names_the_chain(self) -> None:
        field = {"evm": "chain_id", "solana": "genesis"}[self.connector.family]
        assert field in self.config.__struct_fields__
        assert str(getattr(self.config, field)) == self.scope.identity

    def test_costs_are_known_without_the_chain(self) -> None:
        with no_sockets():
            assert self.offer.costs is not None
            assert cost_problems("chain", self.offer.costs(self.config)) == []

    def test_settings_of_the_scope_are_this_config(self) -> None:
        assert type(self.scope.settings) is self.offer.config


def both_ways(pool: PoolSpec) -> tuple[Leg, Leg]:
    """One leg in each direction of a pool, with harmless amounts."""
    there = Leg(
        pool=pool.id, asset_in=pool.asset0, asset_out=pool.asset1, zero_for_one=True, amount_in=1_000, amount_out=900
    )
    back = Leg(
        pool=pool.id, asset_in=pool.asset1, asset_out=pool.asset0, zero_for_one=False, amount_in=1_000, amount_out=900
    )
    return there, back


def undescribed(struct: type[msgspec.Struct]) -> list[str]:
    """Fields, nested ones included, that an author would find without an explanation."""
    _, components = msgspec.json.schema_components([struct], ref_template="{name}")
    return [
        f"{name}.{field}"
        for name, schema in components.items()
        if name != "Ratio"
        for field, inner in schema.get("properties", {}).items()
        if not (inner.get("description") or any("description" in one for one in inner.get("anyOf", ())))
    ]


def connector_folder(connector: Connector) -> Path:
    """Folder of the package that holds the connector's config."""
    module = inspect.getmodule(connector.offers[0].config)
    assert module is not None
    assert module.__file__ is not None
    return Path(module.__file__).parent


@contextmanager
def no_sockets() -> Iterator[None]:
    """Nothing inside may open a socket: factories, checks and steps are pure."""
    real = socket.socket

    class Blocked(real):  # type: ignore[misc,valid-type]
        def __init__(self, *args: object, **kwargs: object) -> None:
            raise AssertionError("a pure part of a connector opened a socket")

    socket.socket = Blocked  # type: ignore[misc]
    try:
        yield
    finally:
        socket.socket = real  # type: ignore[misc]
