"""Counts the cycles a search has to look at, without listing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hoploop.model.market import PoolSpec


def count_cycles(pools: Iterable[PoolSpec], base: str, min_hops: int, max_hops: int) -> int:
    """Directed cycles of 2 to 4 swaps from and to `base` that visit no pool and no other asset twice.

    With n(a, b) pools between two assets: Σ n(b, x)·(n(b, x) - 1) for two hops and
    Σ n(b, x)·n(x, y)·n(y, b) over ordered x ≠ y for three. For four, with w(x, y) = n(b, x)·n(x, y) ways to the asset
    in the middle by x: Σ over y of (Σ w)² - Σ w², a way there and another one back.
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
    if min_hops <= 4 <= max_hops:
        for middle, by in links.items():
            if middle != base:
                ways = [first[asset] * count for asset, count in by.items() if asset != base and asset in first]
                total += sum(ways) ** 2 - sum(count * count for count in ways)
    return total
