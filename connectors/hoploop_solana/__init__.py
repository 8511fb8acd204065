"""Solana connectors: one folder each."""

from __future__ import annotations

import importlib
import pkgutil

from hoploop.errors import BrokenConnector
from hoploop.plugin.connector import Connector


def connectors() -> tuple[Connector, ...]:
    """The manifest of every folder here, by name; BrokenConnector for one that does not import or has none."""
    folders = (found.name for found in pkgutil.iter_modules(__path__) if found.ispkg)
    return tuple(_manifest(name) for name in sorted(folders) if not name.startswith("_"))


def _manifest(name: str) -> Connector:
    try:
        module = importlib.import_module(f"{__name__}.{name}")
    except ImportError as error:
        raise BrokenConnector("P103", f"{__name__}.{name} does not import: {error}") from error
    manifest = getattr(module, "CONNECTOR", None)
    if not isinstance(manifest, Connector) or manifest.key != name:
        raise BrokenConnector("P104", f"{__name__}.{name} has no CONNECTOR with key {name!r}")
    return manifest
