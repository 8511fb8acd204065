"""What a street counts about itself, in integers that are cheap to keep and exact to add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hoploop.model.attempts import Attempt
from hoploop.model.states import AttemptState
from hoploop.model.status import AttemptCounts, FlashCounts, Latency, Profit, Quantiles

# Sixteen buckets between two powers of two: a quantile is at most 1/16 too high.
_BITS = 4


class Histogram:
    """Durations in nanoseconds in logarithmic buckets; merging and counting are exact."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()

    def add(self, ns: int) -> None:
        """Count one duration; a negative one counts as 0."""
        self._buckets[_bucket(max(ns, 0))] += 1

    def merge(self, other: Histogram) -> None:
        """Take the other's counts too."""
        self._buckets.update(other._buckets)

    def quantiles(self) -> Quantiles:
        """Upper ends of the buckets, in microseconds rounded up."""
        n = self._buckets.total()
        return Quantiles(p50=self._rank(n, 50), p99=self._rank(n, 99), n=n)

    def _rank(self, n: int, percent: int) -> int:
        wanted, seen = -(-n * percent // 100), 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= wanted:
                return -(-_upper(bucket) // 1000)
        return 0


class Latencies:
    """Where the time goes between an update and bytes on the wire."""

    def __init__(self) -> None:
        self.update_to_candidate = Histogram()
        self.update_to_signed = Histogram()
        self.signed_to_sent = Histogram()

    def status(self) -> Latency:
        """As the status document has it."""
        return Latency(
            update_to_candidate=self.update_to_candidate.quantiles(),
            update_to_signed=self.update_to_signed.quantiles(),
            signed_to_sent=self.signed_to_sent.quantiles(),
        )


def merged(all_of: Iterable[Latencies]) -> Latencies:
    """One for several chains."""
    total = Latencies()
    for one in all_of:
        total.update_to_candidate.merge(one.update_to_candidate)
        total.update_to_signed.merge(one.update_to_signed)
        total.signed_to_sent.merge(one.signed_to_sent)
    return total


class Counters:
    """Attempts, profit, flash loans and reasons of one chain since start."""

    def __init__(self) -> None:
        self.states: Counter[AttemptState] = Counter()
        self.reasons: Counter[str] = Counter()
        self.predicted: Counter[str] = Counter()
        self.realized: Counter[str] = Counter()
        self.gained: Counter[str] = Counter()
        """What landed attempts added to own funds, flash fees paid; network fees and tips come from elsewhere."""
        self.lenders: Counter[str] = Counter()
        self.flash_used = 0
        self.gaps = 0
        self.refused = 0
        self.unknown = 0
        """Attempts that are UNKNOWN now."""
        self.latencies = Latencies()

    def refuse(self, reason: str) -> None:
        """Risk said no."""
        self.refused += 1
        self.reasons[reason] += 1

    def advanced(self, before: AttemptState, attempt: Attempt) -> None:
        """An attempt moved; sums are taken when it is final."""
        state = attempt.state
        self.unknown += (state is AttemptState.UNKNOWN) - (before is AttemptState.UNKNOWN)
        if state is AttemptState.LOST:
            self.reasons[attempt.reason] += 1
        if state not in (AttemptState.LANDED, AttemptState.REVERTED, AttemptState.LOST):
            return
        self.states[state] += 1
        if state is AttemptState.LOST:
            return
        self.predicted[attempt.asset] += attempt.predicted_net
        self.realized[attempt.asset] += attempt.realized_net or 0
        self.gained[attempt.asset] += attempt.realized_gross or 0
        if attempt.difference:
            self.reasons[attempt.difference] += 1
        if state is AttemptState.LANDED and attempt.lender is not None:
            self.flash_used += 1
            self.lenders[attempt.lender] += 1

    def settled(self) -> int:
        """Attempts that reached a final state."""
        return self.states.total()

    def attempts(self) -> AttemptCounts:
        """As the status document has it."""
        return AttemptCounts(
            landed=self.states[AttemptState.LANDED], reverted=self.states[AttemptState.REVERTED],
            lost=self.states[AttemptState.LOST], refused=self.refused, unknown=self.unknown,
        )

    def profit(self) -> Profit:
        """Sums after all costs."""
        return Profit(
            predicted={asset: str(amount) for asset, amount in self.predicted.items()},
            realized={asset: str(amount) for asset, amount in self.realized.items()},
        )

    def flash(self) -> FlashCounts:
        """A landed attempt repaid its loan: the chain would have reverted it otherwise."""
        return FlashCounts(used=self.flash_used, repaid=self.flash_used, by_lender=dict(self.lenders))


def _bucket(ns: int) -> int:
    shift = max(ns.bit_length() - _BITS - 1, 0)
    return (shift << (_BITS + 1)) + (ns >> shift)


def _upper(bucket: int) -> int:
    shift, mantissa = bucket >> (_BITS + 1), bucket & ((1 << (_BITS + 1)) - 1)
    return ((mantissa + 1) << shift) - 1
