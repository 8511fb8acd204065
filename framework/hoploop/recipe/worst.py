"""The largest transaction a strategy can lead to: its heaviest cycle, with the heaviest loan and a tip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations

import msgspec

from hoploop.model.market import Leg, Opportunity, PoolSpec
from hoploop.plugin.kinds import Lender, Load, Order, Venue

Measure = Callable[[Order], Sequence[Load]]
Weigh = Callable[[PoolSpec], int]
_SCALE = 10**6


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """What a strategy makes transactions of."""

    strategy: str
    chain: str
    base: str
    hops: range
    pools: Sequence[PoolSpec]
    venues: Mapping[str, Venue]
    lenders: Mapping[str, Lender]
    tip: int = 0
    tip_account: str = ""


class Largest(msgspec.Struct, frozen=True):
    """An order and its sizes."""

    order: Order
    loads: tuple[Load, ...]

    @property
    def over(self) -> tuple[Load, ...]:
        """Sizes above their limit."""
        return tuple(load for load in self.loads if load.value > load.limit)


def largest(material: Material, measure: Measure) -> Largest | None:
    """None when there is no cycle. Pools of one curve at venues of one kind are taken to weigh the same.

    Raises what venues, lenders and `measure` raise.
    """
    weights: dict[tuple[type, str], int] = {}

    def weigh(pool: PoolSpec) -> int:
        kind = type(material.venues[pool.venue]), pool.curve
        if kind not in weights:
            weights[kind] = _weight(measure(_order(material, [_leg(pool, pool.asset0)], None)))
        return weights[kind]

    best: Largest | None = None
    for cycle in heaviest(material.pools, material.base, material.hops, weigh):
        legs = list(_legs(cycle, material.base))
        for lender in material.lenders or (None,):
            order = _order(material, legs, lender)
            found = Largest(order, tuple(measure(order)))
            if best is None or _weight(found.loads) > _weight(best.loads):
                best = found
    return best


def heaviest(pools: Sequence[PoolSpec], base: str, hops: range, weigh: Weigh) -> Iterator[tuple[PoolSpec, ...]]:
    """For each number of hops (2 to 4) the cycle with the largest sum of weights, if there is one."""
    market = _Market(pools, base, weigh)
    for finder in (find for count, find in ((2, market.two), (3, market.three), (4, market.four)) if count in hops):
        found = max(finder(), key=lambda cycle: sum(map(weigh, cycle)), default=None)
        if found is not None:
            yield found


class _Market:
    """Pools between assets, the two heaviest of each pair."""

    def __init__(self, pools: Sequence[PoolSpec], base: str, weigh: Weigh) -> None:
        self._base = base
        self._weigh = weigh
        self._links: dict[str, dict[str, list[PoolSpec]]] = {}
        for pool in pools:
            for one, other in ((pool.asset0, pool.asset1), (pool.asset1, pool.asset0)):
                kept = self._links.setdefault(one, {}).setdefault(other, [])
                kept.append(pool)
                kept.sort(key=weigh, reverse=True)
                del kept[2:]

    def two(self) -> Iterator[tuple[PoolSpec, ...]]:
        for kept in self._links.get(self._base, {}).values():
            if len(kept) == 2:
                yield tuple(kept)

    def three(self) -> Iterator[tuple[PoolSpec, ...]]:
        first = self._links.get(self._base, {})
        for middle, out in first.items():
            for after, through in self._links[middle].items():
                if after != self._base and after in first:
                    yield out[0], through[0], first[after][0]

    def four(self) -> Iterator[tuple[PoolSpec, ...]]:
        """By the asset in the middle: the two heaviest ways there."""
        first = self._links.get(self._base, {})
        for middle, links in self._links.items():
            if middle == self._base:
                continue
            ways = [(first[by][0], links[by][0]) for by in links if by in first and by != middle]
            ways.sort(key=lambda way: self._weigh(way[0]) + self._weigh(way[1]), reverse=True)
            for there, back in permutations(ways[:2], 2):
                yield *there, *reversed(back)


def _legs(cycle: Sequence[PoolSpec], base: str) -> Iterator[Leg]:
    at = base
    for pool in cycle:
        leg = _leg(pool, at)
        yield leg
        at = leg.asset_out


def _leg(pool: PoolSpec, start: str) -> Leg:
    forward = pool.asset0 == start
    out = pool.asset1 if forward else pool.asset0
    return Leg(pool=pool.id, asset_in=start, asset_out=out, zero_for_one=forward, amount_in=1, amount_out=1)


def _order(material: Material, legs: Sequence[Leg], lender: str | None) -> Order:
    by_id = {pool.id: pool for pool in material.pools}
    swaps = [by_id[leg.pool] for leg in legs]
    units = sum(pool.units for pool in swaps)
    loan = None
    if lender is not None:
        units += material.lenders[lender].terms().units
        loan = material.lenders[lender].loan(material.base, 1, 1)
    found = Opportunity(
        cause=0, chain=material.chain, strategy=material.strategy, asset=material.base, legs=tuple(legs), amount_in=1,
        gross=1, lender=lender, flash_fee=1 if loan else 0, units=units, network_fee=0, tip=material.tip, net=1, seq=0,
        received_ns=0, found_ns=0,
    )  # fmt: skip
    steps = (material.venues[pool.venue].swap(leg) for pool, leg in zip(swaps, legs, strict=True))
    return Order(
        opportunity=found,
        min_gain=1,
        tip=material.tip,
        tip_account=material.tip_account,
        steps=tuple(step for made in steps for step in made),
        loan=loan,
        loan_amount=1 if loan else 0,
    )


def _weight(loads: Sequence[Load]) -> int:
    """How full the fullest limit is, in millionths."""
    return max((load.value * _SCALE // load.limit for load in loads), default=0)
