"""What a street says of itself."""

from __future__ import annotations

from hoploop.engine.ports import Clock
from hoploop.engine.street import Street
from hoploop.model.states import ComponentState
from hoploop.model.status import ChainStatus, VenueStatus


def chain_status(street: Street, feed: ComponentState, clock: Clock) -> ChainStatus:
    """The chain's part of the status document."""
    now_ns, heads, market, counters = clock.mono_ns(), street.heads, street.market, street.counters
    reasons = counters.reasons + market.dropped + market.refused
    return ChainStatus(
        id=street.chain.id, family=street.chain.family, feed=feed.value,
        head=heads.number, head_age_ms=_age_ms(now_ns, heads.seen_ns or None),
        updates=market.updates, candidates=market.candidates, gaps=counters.gaps, in_flight=len(street.in_flight),
        attempts=counters.attempts(), profit=counters.profit(), flash_loans=counters.flash(),
        venues=_venues(street, now_ns), reasons=dict(reasons), balances=street.funds.as_text(),
    )


def _venues(street: Street, now_ns: int) -> tuple[VenueStatus, ...]:
    market = street.market
    names = dict.fromkeys(pool.venue for pool in market.pools.values())
    pools = {name: [pool for pool in market.pools.values() if pool.venue == name] for name in names}
    return tuple(
        VenueStatus(
            id=name, pools=len(pools[name]), fresh=market.fresh(pools[name]), updates=market.venue_updates[name],
            age_ms=_age_ms(now_ns, market.venue_seen_ns.get(name)),
        )
        for name in names
    )


def _age_ms(now_ns: int, seen_ns: int | None) -> int | None:
    return None if seen_ns is None else (now_ns - seen_ns) // 1_000_000
