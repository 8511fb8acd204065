"""An attempt moves only forward, writes its intent before bytes leave, and never sends what must not be sent."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from street_fakes import BLOCK, Scene, landed, opportunity

from hoploop.errors import (
    BuildError,
    InvariantError,
    LedgerError,
    PermanentError,
    RateLimited,
    Rejected,
    TransientError,
    Unreachable,
)
from hoploop.model.chain import Head, Outcome, Simulation
from hoploop.model.states import AttemptState, GateState
from hoploop.plugin.kinds import RouteTerms

A = AttemptState
SENT = [A.APPROVED, A.BUILT, A.SENT]
UNSENT = [A.APPROVED, A.BUILT, A.LOST]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def bytes_left(scene: Scene) -> bool:
    return any(route.taken for route in scene.routes.values())


async def test_a_landed_attempt_passes_every_state_in_order(scene: Scene) -> None:
    scene.client.outcomes = [None, landed()]
    await scene.take(opportunity())
    assert scene.moves == [*SENT, A.LANDED]


async def test_intent_comes_before_permit_and_permit_before_bytes(scene: Scene) -> None:
    scene.client.outcomes = [landed()]
    await scene.take(opportunity())
    assert scene.story == ["sign", "simulate", "permit", "intend", "permit", "bytes relay"]


async def test_the_intent_carries_the_simulated_prediction(scene: Scene) -> None:
    scene.client.simulation = Simulation(ok=True, units=100, gained=1_050)
    scene.client.outcomes = [landed()]
    await scene.take(opportunity())
    intent = scene.book.intents[0]
    assert (intent.predicted_gross, intent.predicted_network_fee, intent.predicted_net) == (1_050, 50, 1_000)


async def test_a_transaction_that_cannot_be_built_is_lost(scene: Scene) -> None:
    scene.composer.fails = BuildError("E201", "too large")
    await scene.take(opportunity())
    assert scene.moves == [A.APPROVED, A.LOST]
    assert scene.last.reason == "build_failed"


@pytest.mark.parametrize(
    ("simulation", "reason"),
    [
        (Simulation(ok=False, units=0, error="revert"), "simulation_failed"),
        (Simulation(ok=True, units=200, gained=599), "simulation_failed"),
        (Simulation(ok=True, units=1_500, gained=1_000), "min_profit"),
        (TransientError("E401", "timeout"), "simulation_unavailable"),
        (PermanentError("E401", "no such method"), "simulation_unavailable"),
    ],
)
async def test_nothing_is_sent_after_a_failed_simulation(
    scene: Scene, simulation: Simulation | Exception, reason: str
) -> None:
    scene.client.simulation = simulation
    await scene.take(opportunity())
    assert scene.moves == UNSENT
    assert scene.last.reason == reason
    assert not scene.book.intents
    assert not bytes_left(scene)


async def test_a_loan_is_simulated_whatever_the_policy() -> None:
    scene = Scene(simulate="flash")
    scene.client.simulation = Simulation(ok=False, units=0, error="revert")
    await scene.take(opportunity(lender="balancer"))
    assert scene.last.reason == "simulation_failed"


async def test_own_capital_is_not_simulated_under_policy_flash() -> None:
    scene = Scene(simulate="flash")
    scene.client.outcomes = [landed(gained=1_100)]
    await scene.take(opportunity())
    assert "simulate" not in scene.story
    assert scene.last.state is A.LANDED


@pytest.mark.parametrize("state", [GateState.DRY, GateState.PAUSED, GateState.TRIPPED])
async def test_a_gate_that_closes_after_approval_stops_the_attempt_without_an_intent(
    scene: Scene, state: GateState
) -> None:
    scene.sync()
    scene.street.consider(opportunity())
    scene.gate.state = state
    await scene.finish()
    assert scene.moves == UNSENT
    assert scene.last.reason == state.value
    assert scene.last.predicted_net == 900
    assert not scene.book.intents


async def test_a_gate_tripped_between_intent_and_send_lets_no_bytes_leave(scene: Scene) -> None:
    scene.book.during_intend = lambda: scene.gate.trip("kill", "operator")
    await scene.take(opportunity())
    assert scene.moves == UNSENT
    assert scene.last.reason == "tripped"
    assert scene.book.intents
    assert not bytes_left(scene)


async def test_a_ledger_that_cannot_write_the_intent_trips_the_gate(scene: Scene) -> None:
    scene.book.fails = LedgerError("L105", "disk full")
    await scene.take(opportunity())
    assert scene.last.reason == "gate_closed"
    assert scene.gate.trips == [("ledger", "engine")]
    assert not bytes_left(scene)


@pytest.mark.parametrize("refusal", [Rejected("E401", "no"), RateLimited("E401", "slow down")])
async def test_the_next_route_is_tried_when_one_says_no(scene: Scene, refusal: Exception) -> None:
    scene.routes["relay"].fails_before = refusal
    scene.client.outcomes = [landed()]
    await scene.take(opportunity())
    assert (scene.last.state, scene.last.route) == (A.LANDED, "public")


async def test_an_attempt_no_route_takes_is_lost(scene: Scene) -> None:
    for route in scene.routes.values():
        route.fails_before = Rejected("E401", "no")
    await scene.take(opportunity())
    assert (scene.moves, scene.last.reason) == (UNSENT, "route_refused")


async def test_bytes_that_may_have_left_count_as_sent_and_go_nowhere_else(scene: Scene) -> None:
    scene.routes["relay"].fails_after = Unreachable("E401", "connection reset")
    scene.client.outcomes = [landed()]
    await scene.take(opportunity())
    assert scene.moves == [*SENT, A.LANDED]
    assert not scene.routes["public"].taken


async def test_a_route_unreachable_before_the_gate_was_asked_is_passed_over(scene: Scene) -> None:
    for route in scene.routes.values():
        route.fails_before = Unreachable("E401", "no address")
    await scene.take(opportunity())
    assert (scene.moves, scene.last.reason) == (UNSENT, "route_unreachable")


async def test_a_route_that_does_not_ask_the_gate_is_a_bug(scene: Scene) -> None:
    scene.routes["relay"].asks = False
    with pytest.raises(InvariantError):
        await scene.take(opportunity())


async def test_rotation_starts_with_another_route_each_time() -> None:
    scene = Scene(route_policy="rotate")
    scene.client.outcomes = [landed(), landed(), landed()]
    for _ in range(3):
        await scene.take(opportunity())
    assert [len(scene.routes[name].taken) for name in ("relay", "public")] == [2, 1]


async def test_what_was_signed_but_never_sent_is_given_back_to_the_composer(scene: Scene) -> None:
    scene.client.simulation = Simulation(ok=False, units=0)
    await scene.take(opportunity())
    assert [tx.id for tx in scene.composer.released] == ["tx1"]


async def test_what_was_sent_is_not_given_back(scene: Scene) -> None:
    scene.client.outcomes = [landed()]
    await scene.take(opportunity())
    assert scene.composer.released == []


async def test_a_reverted_attempt_costs_its_network_fee(scene: Scene) -> None:
    scene.client.outcomes = [Outcome(status="reverted", number=BLOCK + 1, network_fee=80, units=160, first=False)]
    await scene.take(opportunity())
    last = scene.last
    assert (last.state, last.reason, last.difference) == (A.REVERTED, "on_chain_guard", "pools_moved")
    assert (last.realized_gross, last.realized_net) == (0, -80)


async def test_an_expired_attempt_is_lost_and_costs_nothing(scene: Scene) -> None:
    scene.client.outcomes = [Outcome(status="expired", number=BLOCK + 11)]
    await scene.take(opportunity())
    assert (scene.last.state, scene.last.reason, scene.last.realized_net) == (A.LOST, "expired", None)


async def test_realized_equals_predicted_to_the_unit_without_a_difference(scene: Scene) -> None:
    scene.client.outcomes = [landed()]
    await scene.take(opportunity())
    assert scene.last.realized_net == scene.last.predicted_net == 900
    assert scene.last.difference == ""


@pytest.mark.parametrize(
    ("outcome", "difference"),
    [
        (landed(gained=999, first=False), "pools_moved"),
        (landed(network_fee=101, units=202), "gas_differed"),
        (landed(network_fee=101), "fee_differed"),
        (landed(tip=5), "fee_differed"),
        (landed(gained=999), "unexplained"),
        (landed(gained=None), "unexplained"),
    ],
)
async def test_every_difference_has_a_reason(scene: Scene, outcome: Outcome, difference: str) -> None:
    scene.client.outcomes = [outcome]
    await scene.take(opportunity())
    assert scene.last.difference == difference


async def test_a_client_that_fails_is_asked_again_at_the_next_head(scene: Scene) -> None:
    scene.client.outcomes = [TransientError("E401", "timeout"), None, landed()]
    await scene.take(opportunity())
    assert scene.last.state is A.LANDED
    assert len(scene.client.asked) == 3


async def test_past_the_deadline_an_attempt_is_unknown_and_still_followed(scene: Scene) -> None:
    scene.sync()
    scene.street.consider(opportunity())
    await scene.finish(heads=20)
    scene.clock.now_ns += 121 * 1_000_000_000
    scene.street.heads.see(Head(number=BLOCK + 30))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert scene.last.state is A.UNKNOWN
    assert scene.street.counters.attempts().unknown == 1
    scene.client.outcomes = [landed()]
    await scene.finish()
    assert scene.moves == [*SENT, A.UNKNOWN, A.LANDED]
    assert scene.street.counters.attempts().unknown == 0


async def test_ending_the_process_leaves_a_sent_attempt_unknown(scene: Scene) -> None:
    scene.sync()
    scene.street.consider(opportunity())
    await scene.finish(heads=20)
    await scene.cancel()
    assert scene.moves == [*SENT, A.UNKNOWN]


async def test_ending_the_process_while_bytes_leave_counts_them_as_sent(scene: Scene) -> None:
    scene.routes["relay"].hold = asyncio.Event()
    scene.sync()
    scene.street.consider(opportunity())
    await scene.finish(heads=20)
    await scene.cancel()
    assert scene.moves == [*SENT, A.UNKNOWN]


async def test_ending_the_process_before_the_intent_loses_the_attempt(scene: Scene) -> None:
    scene.sync()
    scene.street.consider(opportunity())
    await asyncio.sleep(0)
    await scene.cancel()
    assert scene.moves == UNSENT
    assert not bytes_left(scene)


async def test_transactions_with_nonces_are_signed_one_after_the_other() -> None:
    scene = Scene(ordered=True)
    scene.client.outcomes = [landed(), landed()]
    await scene.take(opportunity("a", "b"), opportunity("c", "d"))
    assert [part for part in scene.story if part in ("sign", "bytes relay")] == ["sign", "bytes relay"] * 2


async def test_the_tip_goes_to_one_of_the_routes_accounts_and_is_part_of_the_guard(scene: Scene) -> None:
    terms = RouteTerms(tip_accounts=("t0", "t1"), min_tip=5, tip_share_num=1, tip_share_den=100, max_tip=50)
    scene.routes["relay"].route_terms = terms
    scene.client.outcomes = [landed(tip=11)]
    await scene.take(opportunity(tip=11, net=989))
    order = scene.composer.orders[0]
    assert (order.tip, order.tip_account, order.min_gain) == (11, "t1", 500 + 100 + 11)
    assert scene.last.realized_net == scene.last.predicted_net == 889


async def test_a_transaction_without_the_wanted_tip_is_not_offered_to_a_bundle_route(scene: Scene) -> None:
    scene.routes["relay"].fails_before = Rejected("E401", "no")
    scene.routes["public"].route_terms = RouteTerms(tip_accounts=("t0",), min_tip=5, max_tip=50)
    await scene.take(opportunity())
    assert scene.last.reason == "route_refused"
    assert not scene.routes["public"].taken


async def test_a_fee_charged_by_limit_is_predicted_as_planned(scene: Scene) -> None:
    scene.composer.terms = msgspec.structs.replace(scene.composer.terms, charged="limit")
    scene.client.simulation = Simulation(ok=True, units=7, gained=1_000)
    scene.client.outcomes = [landed(units=7)]
    await scene.take(opportunity())
    assert (scene.last.predicted_network_fee, scene.last.difference) == (100, "")
