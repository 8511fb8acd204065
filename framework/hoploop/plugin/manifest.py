"""What makes a connector's manifest and its costs valid; shared by loading and the contract test-suite."""

from __future__ import annotations

import re
from typing import get_args

from hoploop.model.chain import Family
from hoploop.plugin.connector import KINDS, Connector, Costs, ItemConfig, Kind, OnChainConfig, Stability
from hoploop.plugin.kinds import FeeTerms

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


def cost_problems(kind: Kind, costs: object) -> list[str]:
    """Every reason why spending cannot be added up from what `Offer.costs` returned; empty when it can."""
    if not isinstance(costs, Costs):
        return [f"costs: says {type(costs).__name__} instead of Costs"]
    problems = [] if _counts(costs.max_tip) else ["costs.max_tip: is no amount"]
    fee = costs.fee
    if fee is None:
        return [*problems, "costs.fee: says not what a transaction costs"] if kind == "chain" else problems
    if not isinstance(fee, FeeTerms):
        return [*problems, f"costs.fee: says {type(fee).__name__} instead of FeeTerms"]
    if not all(map(_counts, (fee.base_fee, fee.base_units, fee.price_num))):
        problems.append("costs.fee: base_fee, base_units and price_num must not be negative")
    if not (_counts(fee.price_den) and fee.price_den > 0):
        problems.append("costs.fee: price_den must be more than 0")
    if not (_counts(fee.most_num) and _counts(fee.most_den) and fee.most_num >= fee.most_den > 0):
        problems.append("costs.fee: most_num / most_den must be at least 1")
    return problems


def _counts(value: object) -> bool:
    return type(value) is int and value >= 0
