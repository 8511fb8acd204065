"""Cycles of pools by listing every order of pools, to compare with what counts or finds them faster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from hoploop.model.market import PoolSpec


def cycles(pools: Iterable[PoolSpec], base: str, hops: int) -> Iterator[tuple[PoolSpec, ...]]:
    """Those that lead from the base asset back to it through no pool and no other asset twice."""
    return (order for order in permutations(pools, hops) if is_cycle(order, base))


def is_cycle(order: Sequence[PoolSpec], base: str) -> bool:
    """Whether the pools lead from the base asset to it, each asset left once."""
    at, seen = base, set()
    for pool in order:
        if at not in (pool.asset0, pool.asset1):
            return False
        at = pool.asset1 if at == pool.asset0 else pool.asset0
        seen.add(at)
    return at == base and len(seen) == len(order)
