"""Collects the connectors of a family whose every folder is one: what an entry point of `hoploop.connectors` calls."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from hoploop.errors import BrokenConnector
from hoploop.plugin.connector import Connector


def connectors_of(family: ModuleType) -> tuple[Connector, ...]:
    """The manifest of every folder in a package, by name; BrokenConnector for one that does not import or has none.

    Folders whose name begins with an underscore are shared parts, and modules beside the folders are no connectors.
    """
    folders = sorted(found.name for found in pkgutil.iter_modules(family.__path__) if found.ispkg)
    return tuple(_manifest(f"{family.__name__}.{name}", name) for name in folders if not name.startswith("_"))


def _manifest(place: str, name: str) -> Connector:
    try:
        module = importlib.import_module(place)
    except ImportError as error:
        raise BrokenConnector("P103", f"{place} does not import: {error}") from error
    manifest = getattr(module, "CONNECTOR", None)
    if not isinstance(manifest, Connector) or manifest.key != name:
        raise BrokenConnector("P104", f"{place} has no CONNECTOR with key {name!r}")
    return manifest
