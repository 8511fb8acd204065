"""The bus numbers events and keeps each lane's promise."""

from __future__ import annotations

from hoploop.model.events import Event, GapFound, HeadSeen, OperatorActed, OpportunityFound
from hoploop.runtime.bus import Bus


class FixedClock:
    """Time stands still."""

    def mono_ns(self) -> int:
        return 1

    def wall_ns(self) -> int:
        return 7


def found(n: int) -> OpportunityFound:
    return OpportunityFound(cause=n, chain="eth", strategy="s", shape="own:p", asset="weth", amount_in=n, net=n)


def test_events_are_numbered_and_stamped_in_order() -> None:
    kept: list[Event] = []
    bus = Bus(FixedClock(), kept.append)
    bus.publish(OperatorActed(act="arm", by="ann"))
    bus.publish(GapFound(chain="eth", why="reorg", number=5))
    assert [(event.seq, event.at_ns) for event in kept] == [(1, 7), (2, 7)]


def test_heads_and_opportunities_do_not_reach_the_ledger() -> None:
    kept: list[Event] = []
    bus = Bus(FixedClock(), kept.append)
    bus.publish(HeadSeen(chain="eth", number=1))
    bus.publish(found(1))
    assert kept == []


def test_a_tap_keeps_only_the_newest_head_of_a_chain() -> None:
    bus = Bus(FixedClock(), lambda event: None)
    tap = bus.tap()
    for number in range(5):
        bus.publish(HeadSeen(chain="eth", number=number))
    drained = tap.drain()
    assert [event.number for event in drained if isinstance(event, HeadSeen)] == [4]
    assert tap.drain() == []


def test_a_slow_tap_loses_the_oldest_and_counts_it() -> None:
    bus = Bus(FixedClock(), lambda event: None)
    tap = bus.tap(keep=3)
    for number in range(5):
        bus.publish(found(number))
    assert [event.cause for event in tap.drain()] == [2, 3, 4]
    assert tap.dropped == 2


def test_an_untapped_console_costs_nothing() -> None:
    bus = Bus(FixedClock(), lambda event: None)
    tap = bus.tap()
    bus.untap(tap)
    bus.publish(found(1))
    assert tap.drain() == []
