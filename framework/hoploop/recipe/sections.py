"""The sections of a recipe by what they hold."""

from __future__ import annotations

import re

from hoploop.plugin.connector import Kind

SECTIONS: dict[str, Kind] = {"chains": "chain", "venues": "venue", "lenders": "lender", "routes": "route"}
"""Sections whose items are made by connectors."""
_ON_CHAIN = ("assets", "universes", "strategies", "wallets", "tables")
ITEM_SECTIONS = (*SECTIONS, *_ON_CHAIN, "alerts", "tests")
"""Sections that are lists of items."""
NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_]{0,47}$"
"""What variables, templates and profiles are called: short enough that no private key is a name."""


def whole_by(section: str) -> str:
    """The key that tells a whole item of a section from a patch of one; empty when nothing does."""
    if section in SECTIONS:
        return "connector"
    return "chain" if section in _ON_CHAIN else "kind" if section == "alerts" else ""


def one_of(section: str) -> str:
    """What an item of a section is called."""
    return "strategy" if section == "strategies" else section[:-1]


def is_name(text: str) -> bool:
    """Whether a variable, a template or a profile may be called so."""
    return re.fullmatch(NAME_PATTERN, text) is not None
