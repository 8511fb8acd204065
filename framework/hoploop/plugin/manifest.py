"""What makes a connector's manifest valid; shared by the registry and the contract test-suite."""

from __future__ import annotations

import re
from typing import get_args

from hoploop.model.chain import Family
from hoploop.plugin.connector import KINDS, Connector, ItemConfig, OnChainConfig, Stability

_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


def manifest_problems(connector: Connector) -> list[str]:
    """Every reason why a manifest cannot be used; empty when it can."""
    problems = []
    if not _KEY.match(connector.key):
        problems.append("key must be lower_snake_case")
    if connector.family not in get_args(Family):
        problems.append(f"family must be one of {', '.join(get_args(Family))}")
    if not isinstance(connector.stability, Stability):
        problems.append("stability must be a Stability")
    if not connector.title.strip():
        problems.append("title is empty")
    if not connector.offers:
        problems.append("offers nothing")
    kinds = [offer.kind for offer in connector.offers]
    if len(set(kinds)) != len(kinds):
        problems.append("offers a kind twice")
    for offer in connector.offers:
        if offer.kind not in KINDS:
            problems.append(f"unknown kind {offer.kind!r}")
        if offer.kind == "chain" and offer.costs is None:
            problems.append("chain: says not what transactions cost (costs)")
        problems += [f"{offer.kind}: {problem}" for problem in config_problems(offer.config, offer.kind)]
    return problems


def config_problems(config: type[ItemConfig], kind: str) -> list[str]:
    """Every reason why a config Struct cannot become a schema fragment."""
    base = ItemConfig if kind == "chain" else OnChainConfig
    if not (isinstance(config, type) and issubclass(config, base)):
        return [f"config must extend {base.__name__}"]
    problems = []
    options = config.__struct_config__
    if not options.frozen:
        problems.append(f"{config.__name__} must be frozen")
    if not options.forbid_unknown_fields:
        problems.append(f"{config.__name__} must forbid unknown fields")
    return problems
