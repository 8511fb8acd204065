"""One chain's native market: the plan goes in once, raw updates all the time, opportunities come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from hoploop.engine.ports import Clock
from hoploop.engine.tips import TipPolicy
from hoploop.errors import DecodeError, InvariantError
from hoploop.model.market import Leg, Opportunity, PoolSnapshot, PoolSpec
from hoploop.plugin.kinds import Drained, FeeTerms, LenderTerms, Updates, Waiting
from hoploop.recipe.plan import Plan, StrategyPlan

if TYPE_CHECKING:
    from hoploop.hot import Candidate, Market


class ChainMarket:
    """Names outside, handles inside. Not thread-safe; `apply` is the hot path."""

    def __init__(
        self, plan: Plan, chain: str, native: Market, clock: Clock, *,
        terms: Mapping[str, LenderTerms], tips: Mapping[str, TipPolicy],
    ) -> None:
        """`terms` by lender id, `tips` by strategy id (the worst over its routes)."""
        self._chain, self._native, self._clock = chain, native, clock
        self._batches = 0
        self._look_again_ns: int | None = None
        """When the first of the paths left out has its time; None while there is none."""
        self.pools: dict[str, PoolSpec] = {pool.id: pool for pool in plan.pools if pool.chain == chain}
        self.strategies: dict[str, StrategyPlan] = {s.id: s for s in plan.strategies if s.chain == chain}
        _must_wrap_native(plan, self.strategies.values())
        self._assets = {asset.id: native.add_asset(asset.id) for asset in plan.assets if asset.chain == chain}
        self._pool_ids = {pool.id: self._add_pool(pool) for pool in self.pools.values()}
        self._pool_of = {handle: self.pools[name] for name, handle in self._pool_ids.items()}
        lenders = [item.id for item in plan.lenders if item.chain == chain]
        self._lenders = {name: _add_lender(native, name, terms[name]) for name in lenders}
        self._capped = {
            (strategy.id, name): (_add_lender(native, f"{name} of {strategy.id}", terms[name]), cap)
            for strategy in self.strategies.values()
            for name, cap in strategy.lender_caps
            if name in self._lenders
        }
        self._lender_of = {handle: name for name, handle in self._lenders.items()}
        self._lender_of |= {handle: name for (_, name), (handle, _) in self._capped.items()}
        self._searches = {s.id: self._add_search(s, tips[s.id]) for s in self.strategies.values()}
        self._search_of = {handle: self.strategies[name] for name, handle in self._searches.items()}
        self._venue_of_door = {door: pool.venue for pool in self.pools.values() for door in pool.doors}
        self.counts: Mapping[str, int] = native.seal()
        """pools, edges, cycles."""
        self.updates = self.candidates = self.applied = self.ignored = 0
        self.refused: Counter[str] = Counter()
        """Undecodable updates by reason."""
        self.dropped: Counter[str] = Counter()
        """Cycles looked at and not returned, by reason."""
        self.venue_updates: Counter[str] = Counter()
        self.venue_seen_ns: dict[str, int] = {}

    def doors(self) -> tuple[bytes, ...]:
        """Everything a feed must watch."""
        return tuple(self._venue_of_door)

    def apply(self, updates: Updates | Waiting) -> list[Opportunity]:
        """Take updates in order; the cycles through what changed that pay, best first."""
        self._batches += 1
        self._look_again()
        drained = updates.drain(self._native) if isinstance(updates, Waiting) else self._given(updates)
        batch, found_ns = drained.batch, self._clock.mono_ns()
        self._count(drained)
        self.refused.update(reason for _, reason in batch.refused)
        self.dropped.update(batch.dropped)
        self.candidates += len(batch.candidates)
        return [self._opportunity(one, drained.at_ns, found_ns) for one in batch.candidates]

    def load(self, snapshots: Sequence[PoolSnapshot]) -> bool:
        """Replace whole pool states; False when newer updates were lost, so that newer states must be read.

        DecodeError when bytes do not decode: the node or the venue's layout is wrong.
        """
        try:
            usable = [self._native.load(self._pool_ids[pool], seq, data) for pool, seq, data in snapshots]
        except ValueError as error:  # HotError's base: the native module is injected, not imported
            raise DecodeError("E102", f"{self._chain}: {error}") from error
        return all(usable)

    def roll_back(self, number: int) -> RolledBack:
        """Take every block after this one out of all pools, and look at what changed by it."""
        self._batches += 1
        self._look_again()
        at_ns = self._clock.mono_ns()
        restored, stale, batch = self._native.roll_back(number)
        found_ns = self._clock.mono_ns()
        self.dropped.update(batch.dropped)
        self.candidates += len(batch.candidates)
        found = [self._opportunity(one, at_ns, found_ns) for one in batch.candidates]
        return RolledBack(tuple(self._names(restored)), tuple(self._names(stale)), found)

    def leave_out(self, opportunity: Opportunity, until_ns: int) -> None:
        """Find other cycles in place of this path until then, whoever lends; `until_ns` is monotonic."""
        legs = [(self._pool_ids[leg.pool], leg.zero_for_one) for leg in opportunity.legs]
        self._native.suppress(self._searches[opportunity.strategy], legs, until=until_ns)
        self._look_again_ns = until_ns if self._look_again_ns is None else min(until_ns, self._look_again_ns)

    def mark_all_stale(self) -> None:
        """No pool is traded on until it is loaded again."""
        for handle in self._pool_of:
            self._native.mark_stale(handle)

    def set_available(self, lender: str, asset: str, amount: int) -> None:
        """Most the lender can lend now, base units."""
        self._native.set_available(self._lenders[lender], self._assets[asset], amount)
        for (_, name), (handle, cap) in self._capped.items():
            if name == lender:
                self._native.set_available(handle, self._assets[asset], min(amount, cap))

    def set_fees(self, fees: FeeTerms) -> None:
        """How planned units become a network fee from now on."""
        self._native.set_fees(fees.base_fee, fees.base_units, fees.price_num, fees.price_den)

    def set_own_capital(self, asset: str, amount: int) -> None:
        """What strategies that start from `asset` may take without a loan."""
        for strategy in self.strategies.values():
            if strategy.base == asset:
                usable = strategy.own_share.floor_of(amount) if strategy.own_capital else 0
                self._native.set_own_capital(self._searches[strategy.id], usable)

    def states(self) -> list[PoolSnapshot]:
        """Every state that may be traded on, as `load` takes it."""
        found = []
        for name, handle in self._pool_ids.items():
            data = self._native.snapshot(handle)
            if data is not None:
                found.append(PoolSnapshot(name, int(self._native.pool_state(handle)["seq"]), data))
        return found

    def count_on(self, before: ChainMarket) -> None:
        """Go on counting where another market of the chain stopped."""
        self._batches = before._batches
        self.updates, self.candidates = before.updates, before.candidates
        self.applied, self.ignored = before.applied, before.ignored
        self.refused, self.dropped = before.refused, before.dropped
        self.venue_updates, self.venue_seen_ns = before.venue_updates, before.venue_seen_ns

    def fresh(self, pools: Sequence[PoolSpec]) -> int:
        """How many of them may be traded on."""
        return sum(bool(self._native.pool_state(self._pool_ids[pool.id])["fresh"]) for pool in pools)

    def _look_again(self) -> None:
        if self._look_again_ns is None or (now_ns := self._clock.mono_ns()) < self._look_again_ns:
            return
        self._native.set_time(now_ns)
        ends = (end for *_, end in self._native.suppressed() if end is not None)
        self._look_again_ns = min(ends, default=None)

    def _names(self, handles: Iterable[int]) -> Iterable[str]:
        return (self._pool_of[handle].id for handle in handles)

    def _given(self, updates: Updates) -> Drained:
        batch = self._native.on_batch(updates.items)
        return Drained(batch, updates.at_ns, [item.key for item in updates.items])

    def _count(self, drained: Drained) -> None:
        self.updates += len(drained.keys)
        self.applied += drained.batch.applied
        self.ignored += drained.batch.ignored
        for key in drained.keys:
            venue = self._venue_of_door.get(key)
            if venue is not None:
                self.venue_updates[venue] += 1
                self.venue_seen_ns[venue] = drained.at_ns

    def _opportunity(self, found: Candidate, received_ns: int, found_ns: int) -> Opportunity:
        strategy = self._search_of[found.search]
        return Opportunity(
            cause=self._batches, chain=self._chain, strategy=strategy.id, asset=strategy.base,
            legs=tuple(_leg(self._pool_of[leg[0]], *leg[1:]) for leg in found.legs),
            amount_in=found.amount_in, gross=found.gross, lender=self._lender_of.get(found.lender),
            flash_fee=found.flash_fee, units=found.units, network_fee=found.network_fee, tip=found.tip,
            net=found.net, seq=found.seq, received_ns=received_ns, found_ns=found_ns, native=found,
        )

    def _add_pool(self, pool: PoolSpec) -> int:
        return self._native.add_pool(
            pool.id, pool.curve, pool.decoder, self._assets[pool.asset0], self._assets[pool.asset1],
            pool.fee_num, pool.fee_den, pool.tick_spacing, pool.units, pool.doors,
        )

    def _lender(self, strategy: StrategyPlan, lender: str) -> int:
        """A lender with a cap of the strategy's own is one of its own."""
        handle, _ = self._capped.get((strategy.id, lender), (self._lenders[lender], 0))
        return handle

    def _add_search(self, strategy: StrategyPlan, tip: TipPolicy) -> int:
        return self._native.add_search(
            strategy.id, self._assets[strategy.base], [self._pool_ids[pool] for pool in strategy.pools],
            [self._lender(strategy, lender) for lender in strategy.lenders], strategy.min_hops, strategy.max_hops,
            strategy.max_notional, strategy.min_profit, tip.num, tip.den, tip.least, tip.most, strategy.budget,
        )


class RolledBack(NamedTuple):
    """What taking blocks back did: pools put back, pools to be read again, and what the former open."""

    restored: tuple[str, ...]
    stale: tuple[str, ...]
    opportunities: list[Opportunity]


def _leg(pool: PoolSpec, zero_for_one: bool, amount_in: int, amount_out: int) -> Leg:
    asset_in, asset_out = (pool.asset0, pool.asset1) if zero_for_one else (pool.asset1, pool.asset0)
    return Leg(
        pool=pool.id, asset_in=asset_in, asset_out=asset_out, zero_for_one=zero_for_one,
        amount_in=amount_in, amount_out=amount_out,
    )


def _add_lender(native: Market, name: str, terms: LenderTerms) -> int:
    return native.add_lender(name, terms.fee_num, terms.fee_den, terms.rounding, terms.min_fee, terms.units)


def _must_wrap_native(plan: Plan, strategies: Iterable[StrategyPlan]) -> None:
    """Fees and tips are paid in the native coin; subtracting them from another asset would need a price."""
    wrapped = {asset.id for asset in plan.assets if asset.wraps_native}
    for strategy in strategies:
        if strategy.base not in wrapped:
            raise InvariantError("E101", f"strategy {strategy.id}: base {strategy.base} does not wrap the native coin")
