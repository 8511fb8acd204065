"""Two-token pools: what their configs must say and what the chain must agree with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from hoploop.model.chain import Head
from hoploop.model.market import PoolSpec
from hoploop.plugin.connector import ChainScope
from hoploop_evm._shared.node import CallTo, Node, contradiction
from hoploop_evm._shared.words import address_text, call_data, not_addresses, words

TOKEN0, TOKEN1 = call_data("token0()"), call_data("token1()")


class PairConfig(Protocol):
    """The fields every two-token pool has."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def token0(self) -> str: ...
    @property
    def token1(self) -> str: ...


def problems_of_pairs(pools: Iterable[PairConfig], scope: ChainScope) -> list[str]:
    """Everything a pool list can get wrong offline: names, addresses, assets, token order."""
    pools = tuple(pools)
    problems = [
        f"pools: the name {name!r} is used twice" for name, n in Counter(p.name for p in pools).items() if n > 1
    ]
    for pool in pools:
        problems += not_addresses(**{f"pools.{pool.name}.address": pool.address})
        ends = pool.token0, pool.token1
        missing = [name for name in ends if _address(scope, name) is None]
        problems += [f"pools.{pool.name}: {name!r} is no asset of chain {scope.chain_id}" for name in missing]
        wrong = [] if missing else not_addresses(**{f"asset {name}": scope.assets[name].address for name in ends})
        problems += wrong
        if not missing and not wrong and _order(scope, pool.token0) >= _order(scope, pool.token1):
            problems.append(f"pools.{pool.name}: token0 must be the asset with the lower address")
    return problems


async def verify_tokens(client: Node, head: Head, scope: ChainScope, pools: Sequence[PoolSpec]) -> None:
    """PermanentError when a pool's tokens are not the recipe's."""
    calls = [CallTo(pool.address, ask) for pool in pools for ask in (TOKEN0, TOKEN1)]
    answers = await client.view(head, calls)
    wanted = [
        (pool, field, asset) for pool in pools for field, asset in (("token0", pool.asset0), ("token1", pool.asset1))
    ]
    for (pool, field, asset), answer in zip(wanted, answers, strict=True):
        if not answer:
            raise contradiction(pool.id, f"a pool at {pool.address}", "there is no such contract")
        found = address_text(words(answer, 1, field)[0])
        if found.lower() != scope.assets[asset].address.lower():
            raise contradiction(f"{pool.id} {field}", scope.assets[asset].address, found)


def _address(scope: ChainScope, name: str) -> str | None:
    asset = scope.assets.get(name)
    return asset.address if asset is not None and asset.chain == scope.chain_id else None


def _order(scope: ChainScope, name: str) -> int:
    return int(scope.assets[name].address, 16)
