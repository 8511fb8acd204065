"""Finds connectors by entry point and hands out their offers; a broken or duplicate one stops everything."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import entry_points

from hoploop.errors import BrokenConnector, DuplicateConnector, IncompatibleConnector, UnknownConnector
from hoploop.plugin.connector import KINDS, Connector, Kind, Offer
from hoploop.plugin.manifest import manifest_problems

GROUP = "hoploop.connectors"


class Registry:
    """All connectors of one process, by key."""

    def __init__(self, connectors: Iterable[Connector]) -> None:
        self._by_key: dict[str, Connector] = {}
        for connector in connectors:
            self._add(connector)

    def _add(self, connector: Connector) -> None:
        if not isinstance(connector, Connector):
            raise BrokenConnector("P104", f"expected a Connector, got {type(connector).__name__}")
        problems = manifest_problems(connector)
        if problems:
            raise BrokenConnector("P104", f"connector {connector.key!r}: {'; '.join(problems)}")
        if connector.key in self._by_key:
            other = self._by_key[connector.key]
            raise DuplicateConnector("P102", f"{connector.key!r} is claimed by {_home(other)} and {_home(connector)}")
        self._by_key[connector.key] = connector

    @classmethod
    def installed(cls) -> Registry:
        """Every connector of the installed distributions; BrokenConnector when one of them cannot be loaded."""
        return cls(_from_entry_points())

    def __iter__(self) -> Iterator[Connector]:
        return iter(sorted(self._by_key.values(), key=lambda connector: connector.key))

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def keys(self, kind: Kind) -> tuple[str, ...]:
        """Keys of the connectors that offer `kind`, sorted."""
        return tuple(connector.key for connector in self if any(offer.kind == kind for offer in connector.offers))

    def kinds(self, key: str) -> tuple[Kind, ...]:
        """What a connector offers; empty when there is none of that key."""
        connector = self._by_key.get(key)
        return () if connector is None else tuple(offer.kind for offer in connector.offers)

    def get(self, key: str) -> Connector:
        """The connector; UnknownConnector with the nearest key otherwise."""
        if key not in self._by_key:
            near = difflib.get_close_matches(key, self._by_key, 1)
            message = f"no connector is called {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")
            raise UnknownConnector("P101", message)
        return self._by_key[key]

    def offer(self, kind: Kind, key: str) -> Offer:
        """How to make a `kind` of this connector; IncompatibleConnector when it offers none."""
        connector = self.get(key)
        for offer in connector.offers:
            if offer.kind == kind:
                return offer
        offered = ", ".join(offer.kind for offer in connector.offers)
        raise IncompatibleConnector("P105", f"{key!r} is no {kind}; it offers: {offered}")

    def offers(self) -> Iterator[tuple[Kind, Connector, Offer]]:
        """Every offer, by kind then key."""
        for kind in KINDS:
            for key in self.keys(kind):
                yield kind, self._by_key[key], self.offer(kind, key)


def _from_entry_points() -> Iterator[Connector]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            found: Callable[[], Iterable[Connector]] = point.load()
            connectors = tuple(found())
        except (ImportError, AttributeError, SyntaxError, TypeError, ValueError, LookupError, OSError) as error:
            raise BrokenConnector("P103", f"{point.name} ({point.value}): {type(error).__name__}: {error}") from error
        yield from connectors


def _home(connector: Connector) -> str:
    return next((offer.config.__module__ for offer in connector.offers), "a connector without offers")
