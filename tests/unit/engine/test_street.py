"""The street trusts state only after it was read, tells every decision, and never puts two attempts on one pool."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from street_fakes import BLOCK, MS, POOLS, SEQ, FakeBatch, FakeCandidate, Scene, landed, opportunity

from hoploop.engine.counters import merged
from hoploop.engine.status import chain_status
from hoploop.errors import DecodeError
from hoploop.model.chain import Head, Outcome
from hoploop.model.events import BlocksTakenBack, GapFound, HeadSeen, OpportunityFound, Resynced
from hoploop.model.market import PoolSnapshot, RawUpdate
from hoploop.model.states import AttemptState, ComponentState, GateState
from hoploop.plugin.kinds import Gap, Reorg
from hoploop.recipe.plan import BreakerPlan, Rate, SuppressPlan

SNAPSHOTS = [PoolSnapshot(one.id, SEQ, b"state") for one in POOLS]
A_TO_B = ((0, True, 10_000, 20_000), (1, False, 20_000, 11_100))
C_TO_D = ((2, True, 10_000, 20_000), (3, False, 20_000, 11_100))


def kinds(scene: Scene) -> list[str]:
    return [type(event).__name__ for event in scene.events]


def test_the_first_event_asks_for_a_first_read() -> None:
    scene = Scene()
    scene.street.on_event(Head(number=BLOCK))
    scene.street.on_event(Head(number=BLOCK + 1))
    assert scene.resyncs == ["start"]


def test_a_gap_makes_every_pool_stale_and_asks_for_a_resync() -> None:
    scene = Scene()
    scene.sync()
    scene.street.on_event(Gap(why="missed block 101", number=102))
    assert scene.resyncs == ["start", "missed block 101"]
    assert scene.market.fresh(POOLS) == 0
    assert scene.street.resyncing
    assert scene.events == [GapFound(chain="eth", why="missed block 101", number=102)]


async def test_a_reorganisation_that_is_undone_keeps_the_street_open() -> None:
    scene = Scene()
    scene.sync()
    scene.native.reach = ([0, 1], [])
    scene.native.batches = [FakeBatch(candidates=[FakeCandidate(legs=A_TO_B)], dropped={"no_profit": 3})]
    scene.client.outcomes = [landed()]
    scene.street.on_event(Reorg(why="another block", number=99))
    assert ("roll_back", 99) in scene.native.calls
    assert not scene.street.resyncing
    assert scene.resyncs == ["start"]
    assert scene.events[0] == BlocksTakenBack(chain="eth", why="another block", number=99, restored=2, stale=0)
    assert scene.moves == [AttemptState.APPROVED]
    assert scene.market.dropped["no_profit"] == 3
    await scene.finish()


def test_pools_that_cannot_be_put_back_are_read_again() -> None:
    scene = Scene()
    scene.sync()
    scene.native.reach = ([0], [2, 3])
    scene.street.on_event(Reorg(why="another block", number=99))
    assert scene.resyncs == ["start", "another block"]
    assert scene.street.resyncing
    assert scene.market.fresh(POOLS) == 2


def test_a_read_that_a_reorganisation_overtook_is_not_taken() -> None:
    scene = Scene()
    scene.street.on_event(scene.updates())
    before = scene.street.counters.gaps
    scene.street.on_event(Reorg(why="another block", number=99))
    assert not scene.street.resynced(before, SNAPSHOTS, 102)
    assert scene.street.resyncing


def test_a_read_that_a_gap_overtook_is_not_taken() -> None:
    scene = Scene()
    scene.sync()
    scene.street.on_event(Gap(why="reorg", number=101))
    before = scene.street.counters.gaps
    scene.street.on_event(Gap(why="reorg", number=102))
    assert not scene.street.resynced(before, SNAPSHOTS, 102)
    assert scene.street.resyncing


def test_updates_that_come_during_a_read_are_not_lost() -> None:
    scene = Scene()
    scene.street.on_event(scene.updates(RawUpdate(b"a", SEQ + 1, b"one")))
    scene.street.resynced(0, SNAPSHOTS, BLOCK)
    assert [update[2] for update in scene.native.seen] == [b"one"]
    assert scene.events[-1] == Resynced(chain="eth", number=BLOCK, pools=4)


def test_a_read_older_than_lost_updates_is_not_taken() -> None:
    scene = Scene()
    scene.native.lost = SEQ + 1
    assert not scene.street.resynced(0, SNAPSHOTS, BLOCK)
    assert scene.street.resyncing


def test_a_pool_state_that_does_not_decode_is_an_error_with_a_code() -> None:
    scene = Scene()
    with pytest.raises(DecodeError) as refusal:
        scene.street.resynced(0, [PoolSnapshot(POOLS[0].id, SEQ, b"garbage")], BLOCK)
    assert refusal.value.code == "E102"


def test_bytes_that_do_not_decode_ask_for_a_resync_but_not_all_the_time() -> None:
    scene = Scene()
    scene.sync()
    scene.native.batches = [FakeBatch(refused=[(0, "short")]), FakeBatch(refused=[(0, "short")])]
    scene.street.on_event(scene.updates())
    scene.street.resynced(1, SNAPSHOTS, BLOCK)
    scene.street.on_event(scene.updates())
    assert scene.street.counters.gaps == 1
    assert chain_status(scene.street, ComponentState.OK, scene.clock).reasons["short"] == 2


async def test_a_candidate_becomes_an_opportunity_with_names_and_times() -> None:
    scene = Scene()
    scene.sync()
    scene.native.batches = [FakeBatch(candidates=[FakeCandidate(legs=A_TO_B)])]
    scene.client.outcomes = [landed()]
    scene.street.on_event(scene.updates())
    await scene.finish()
    found = next(event for event in scene.events if isinstance(event, OpportunityFound))
    assert (found.shape, found.asset, found.net, found.cause) == ("own:uni/a>sushi/b", "weth", 1_000, 1)
    assert scene.last.state is AttemptState.LANDED


async def test_the_best_takes_the_pool_and_the_next_on_it_is_refused() -> None:
    scene = Scene()
    scene.sync()
    scene.native.batches = [FakeBatch(candidates=[FakeCandidate(legs=A_TO_B), FakeCandidate(legs=A_TO_B)])]
    scene.street.on_event(scene.updates())
    assert scene.moves == [AttemptState.APPROVED]
    assert scene.refusals == ["in_flight"]
    scene.client.outcomes = [landed()]
    await scene.finish()


async def test_a_settled_attempt_frees_its_pools() -> None:
    scene = Scene()
    scene.client.outcomes = [landed(), landed()]
    await scene.take(opportunity())
    await scene.take(opportunity())
    assert scene.refusals == []
    assert scene.street.counters.attempts().landed == 2


async def test_other_pools_may_be_traded_on_at_the_same_time() -> None:
    scene = Scene()
    scene.sync()
    candidates = [FakeCandidate(legs=A_TO_B), FakeCandidate(legs=C_TO_D)]
    scene.native.batches = [FakeBatch(candidates=candidates)]
    scene.street.on_event(scene.updates())
    assert len(scene.street.in_flight) == 2
    scene.client.outcomes = [landed(), landed()]
    await scene.finish()


async def test_a_loss_that_reaches_the_limit_trips_the_gate_when_it_is_settled() -> None:
    scene = Scene(daily_loss=80)
    scene.sync()
    scene.client.outcomes = [Outcome(status="reverted", number=BLOCK + 1, network_fee=80)]
    scene.street.consider(opportunity())
    scene.book.lost["weth"] = 80
    await scene.finish()
    assert scene.gate.trips[0] == ("daily_loss", "risk")


def test_a_refusal_for_daily_loss_trips_the_gate() -> None:
    scene = Scene(daily_loss=80)
    scene.sync()
    scene.book.lost["weth"] = 80
    scene.street.consider(opportunity())
    assert scene.refusals == ["daily_loss"]
    assert scene.gate.state is GateState.TRIPPED


def reverted() -> Outcome:
    return Outcome(status="reverted", number=BLOCK + 1, network_fee=80)


async def test_fees_that_may_still_be_charged_count_against_the_day() -> None:
    scene = Scene(risk={"daily_fees": (("weth", 320),)})
    scene.sync()
    scene.composer.terms = msgspec.structs.replace(scene.composer.terms, most_num=8, most_den=5)
    scene.street.consider(opportunity("a", "b"))
    assert scene.street.in_flight.worst == 160
    scene.book.fees["weth"] = 1
    scene.street.consider(opportunity("c", "d"))
    assert scene.refusals == ["daily_fees"]
    scene.book.fees["weth"] = 0
    scene.street.consider(opportunity("c", "d"))
    assert len(scene.street.in_flight) == 2
    scene.client.outcomes = [landed(), landed()]
    await scene.finish()
    assert scene.street.in_flight.worst == 0


async def test_a_reached_rate_refuses_until_the_time_is_over() -> None:
    scene = Scene(rate=Rate(1, 10))
    scene.client.outcomes = [landed(), landed()]
    await scene.take(opportunity(), opportunity("c", "d"))
    assert scene.refusals == ["rate"]
    scene.clock.now_ns += 10 * MS
    await scene.take(opportunity(received_ns=scene.clock.now_ns))
    assert scene.refusals == ["rate"]


async def test_a_path_that_keeps_failing_is_left_alone() -> None:
    scene = Scene(suppress=SuppressPlan(after=2, retry_ms=10))
    scene.client.outcomes = [reverted(), reverted(), landed()]
    await scene.take(opportunity())
    await scene.take(opportunity())
    await scene.take(opportunity(), opportunity("c", "d"))
    assert scene.refusals == ["suppressed"]
    until_ns = scene.clock.now_ns + 10 * MS
    assert [call for call in scene.native.calls if call[0] == "suppress"] == [
        ("suppress", 0, [(0, True), (1, False)], until_ns)
    ]


async def test_a_breaker_pauses_the_gate_and_lets_go_at_a_head() -> None:
    breaker = BreakerPlan(
        id="reverts", on="reverted", count=1, within_ms=1_000, action="pause", unlock_ms=10, strategies=()
    )
    scene = Scene(risk={"breakers": (breaker,)})
    scene.client.outcomes = [reverted()]
    await scene.take(opportunity())
    assert (scene.gate.state, scene.gate.by) == (GateState.PAUSED, "breaker reverts")
    scene.clock.now_ns += 10 * MS
    scene.street.on_event(Head(number=BLOCK + 3))
    assert scene.gate.state is GateState.ARMED


async def test_status_adds_up_what_happened() -> None:
    scene = Scene()
    scene.client.outcomes = [landed(), Outcome(status="reverted", number=BLOCK + 1, network_fee=80)]
    await scene.take(opportunity(lender="balancer"))
    await scene.take(opportunity())
    await scene.take(opportunity(net=1))
    status = chain_status(scene.street, ComponentState.OK, scene.clock)
    assert (status.attempts.landed, status.attempts.reverted, status.attempts.refused) == (1, 1, 1)
    assert status.profit.predicted == {"weth": "1800"}
    assert status.profit.realized == {"weth": str(900 - 80)}
    assert status.flash_loans.by_lender == {"balancer": 1}
    assert (status.flash_loans.used, status.flash_loans.repaid) == (1, 1)
    assert status.reasons["unpriced"] == 1
    assert status.in_flight == 0
    assert [(venue.id, venue.pools, venue.fresh) for venue in status.venues] == [("uni", 2, 2), ("sushi", 2, 2)]
    assert scene.street.counters.gained["weth"] == 1_000


async def test_latencies_are_counted_at_each_station() -> None:
    scene = Scene()
    scene.client.outcomes = [landed()]
    await scene.take(opportunity(received_ns=999 * MS))
    latency = merged([scene.street.counters.latencies]).status()
    assert latency.update_to_candidate.n == latency.update_to_signed.n == latency.signed_to_sent.n == 1
    assert 1_000 <= latency.update_to_signed.p50 <= 1_063


def test_a_head_is_told_and_aged() -> None:
    scene = Scene()
    scene.street.on_event(Head(number=BLOCK + 3, seen_ns=scene.clock.now_ns))
    scene.clock.now_ns += 30 * MS
    status = chain_status(scene.street, ComponentState.OK, scene.clock)
    assert (status.head, status.head_age_ms) == (BLOCK + 3, 30)
    assert scene.events == [HeadSeen(chain="eth", number=BLOCK + 3)]


def successor(scene: Scene, **changes: Any) -> Scene:
    """A street by another plan over the same components, which has taken over."""
    after = Scene(**changes)
    after.street.succeed(scene.street)
    after.street.catch_up(scene.street)
    return after


async def test_what_is_under_way_ends_by_the_limits_of_the_plan_that_took_over() -> None:
    scene = Scene(daily_loss=80)
    scene.sync()
    scene.client.outcomes = [reverted()]
    scene.street.consider(opportunity())
    scene.book.lost["weth"] = 80
    successor(successor(scene, daily_loss=79), daily_loss=81)
    await scene.finish()
    assert scene.last.state is AttemptState.REVERTED
    assert scene.gate.trips == []
