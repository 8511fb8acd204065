"""Counts the cycles a search has to look at, without listing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hoploop.model.market import PoolSpec


def count_cycles(pools: Iterable[PoolSpec], base: str, min_hops: int, max_hops: int) -> int:
    """Directed cycles of 2 or 3 swaps from and to `base` that visit no pool and no other asset twice.

    With n(a, b) pools between two assets: Σ n(b, x)·(n(b, x) - 1) for two hops and
    Σ n(b, x)·n(x, y)·n(y, b) over ordered x ≠ y for three.
    """
    links: dict[str, Counter[str]] = {}
    for pool in pools:
        links.setdefault(pool.asset0, Counter())[pool.asset1] += 1
        links.setdefault(pool.asset1, Counter())[pool.asset0] += 1
    first = links.get(base, Counter())
    total = 0
    if min_hops <= 2 <= max_hops:
        total += sum(count * (count - 1) for count in first.values())
    if min_hops <= 3 <= max_hops:
        total += sum(
            out * through * first[after]
            for middle, out in first.items()
            for after, through in links[middle].items()
            if after not in (base, middle) and after in first
        )
    return total
