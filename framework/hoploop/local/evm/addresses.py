"""The addresses of the local EVM world: the same on every run, so that a recipe can name them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

from hoploop.errors import LocalError

_FILE = Path(__file__).with_name("world.json")


def world_addresses() -> Mapping[str, str]:
    """Name (`weth`, `uniswap_v2.weth_usdc`, `aave_v3.pool`, …) -> checksummed address."""
    addresses: dict[str, str] = orjson.loads(_FILE.read_bytes())
    return addresses


def write_world(addresses: Mapping[str, str]) -> Path:
    """Write the file anew, after the world was changed on purpose."""
    _FILE.write_bytes(orjson.dumps(addresses, option=orjson.OPT_INDENT_2) + b"\n")
    return _FILE


def check_world(deployed: Mapping[str, str]) -> None:
    """X113 when a deployment does not have the known addresses."""
    known = world_addresses()
    moved = sorted(name for name in known.keys() | deployed.keys() if known.get(name) != deployed.get(name))
    if moved:
        raise LocalError("X113", f"the local EVM world moved: {', '.join(moved)}")
