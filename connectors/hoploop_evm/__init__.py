"""EVM connectors: one folder each."""

from __future__ import annotations

import sys

from hoploop.plugin.connector import Connector
from hoploop.plugin.folders import connectors_of


def connectors() -> tuple[Connector, ...]:
    """The manifest of every folder here; BrokenConnector for one that does not import or has none."""
    return connectors_of(sys.modules[__name__])
