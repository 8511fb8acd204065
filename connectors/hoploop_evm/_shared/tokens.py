"""ERC-20 questions and the assets a lender names."""

from __future__ import annotations

from collections.abc import Iterable

from hoploop.plugin.connector import ChainScope
from hoploop_evm._shared.node import CallTo
from hoploop_evm._shared.words import address_bytes, call_data, padded


def balance_of(token: str, holder: str) -> CallTo:
    """`token.balanceOf(holder)`."""
    return CallTo(token, call_data("balanceOf(address)", [padded(address_bytes(holder))]))


def problems_of_assets(names: Iterable[str], scope: ChainScope) -> list[str]:
    """Names that are no asset of the item's chain."""
    return [
        f"assets: {name!r} is no asset of chain {scope.chain_id}"
        for name in names
        if name not in scope.assets or scope.assets[name].chain != scope.chain_id
    ]
