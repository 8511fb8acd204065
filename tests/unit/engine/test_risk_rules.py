"""Each refusal has its reason, and what cannot be computed is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from street_fakes import BLOCK, MS, SEQ, opportunity, plan_of, strategy

from hoploop.engine.funds import Funds
from hoploop.engine.inflight import InFlight
from hoploop.engine.risk import RiskView, decide, limits
from hoploop.model.market import Opportunity
from hoploop.model.money import Ratio
from hoploop.model.reasons import Reason
from hoploop.model.states import GateState

NOW = 1_000 * MS


def funds(**changes: Any) -> Funds:
    found = Funds()
    found.set_own(1_000, {"weth": 50_000})
    found.set_lendable("balancer", "weth", 50_000)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def view(**changes: Any) -> RiskView:
    values: dict[str, Any] = {
        "now_ns": NOW, "gate": GateState.ARMED, "head": BLOCK, "resyncing": False, "freshness_ms": 100,
        "freshness_blocks": 1, "strategy": strategy(), "in_flight": InFlight(), "funds": funds(), "last_ns": {},
        "loss_limit": 1_000, "lost_today": 0, "fee_limit": 1_000, "fees_today": 0, "worst_held": 0,
        "worst_cost": 100, "floor": 0, "rate_full": "", "suppressed_ns": 0,
    }  # fmt: skip
    return RiskView(**values | changes)


def held(*attempts: Opportunity) -> InFlight:
    found = InFlight()
    for number, one in enumerate(attempts):
        found.hold(number, one, one.network_fee + one.tip)
    return found


def test_an_opportunity_within_every_limit_is_allowed() -> None:
    assert decide(opportunity(), view()) is None


def test_a_dry_gate_lets_opportunities_be_tried() -> None:
    assert decide(opportunity(), view(gate=GateState.DRY)) is None


def test_limits_themselves_are_allowed() -> None:
    *first, last = opportunity().legs
    exact = opportunity(
        amount_in=100_000, gross=600, net=500, lender="balancer", received_ns=NOW - 100 * MS,
        legs=(*first, msgspec.structs.replace(last, amount_out=100_600)),
    )  # fmt: skip
    rich = funds(lendable={("balancer", "weth"): 100_000}, native=1_100)
    bounds = strategy(
        min_notional=100_000, profit_ratio=Ratio(5, 1_000), cost_cover=Ratio(5, 1), max_age_ms=100, max_notional=100_000
    )
    limits = {"lost_today": 999, "fees_today": 700, "worst_held": 200, "worst_cost": 100, "floor": 800}
    assert decide(exact, view(funds=rich, head=BLOCK + 1, strategy=bounds, **limits)) is None


Case = Callable[[], tuple[Opportunity, RiskView]]
CASES: dict[str, tuple[Reason, Case]] = {
    "tripped gate": (Reason.TRIPPED, lambda: (opportunity(), view(gate=GateState.TRIPPED))),
    "paused gate": (Reason.PAUSED, lambda: (opportunity(), view(gate=GateState.PAUSED))),
    "resync": (Reason.RESYNCING, lambda: (opportunity(), view(resyncing=True))),
    "old update": (Reason.STALE, lambda: (opportunity(received_ns=NOW - 100 * MS - 1), view())),
    "old block": (Reason.STALE, lambda: (opportunity(seq=SEQ - (2 << 20)), view())),
    "head moved on": (Reason.STALE, lambda: (opportunity(), view(head=BLOCK + 2))),
    "no amount": (Reason.UNPRICED, lambda: (opportunity(amount_in=0), view())),
    "no legs": (Reason.UNPRICED, lambda: (opportunity(legs=()), view())),
    "negative cost": (Reason.UNPRICED, lambda: (opportunity(flash_fee=-1, net=1_001), view())),
    "net that does not add up": (Reason.UNPRICED, lambda: (opportunity(net=1_001), view())),
    "gross that the legs do not give": (Reason.UNPRICED, lambda: (opportunity(gross=1_101, net=1_001), view())),
    "too large": (Reason.MAX_NOTIONAL, lambda: (opportunity(), view(strategy=strategy(max_notional=9_999)))),
    "too little profit": (Reason.MIN_PROFIT, lambda: (opportunity(), view(strategy=strategy(min_profit=1_001)))),
    "too small": (Reason.MIN_NOTIONAL, lambda: (opportunity(), view(strategy=strategy(min_notional=10_001)))),
    "too little for its size": (
        Reason.MIN_PROFIT, lambda: (opportunity(), view(strategy=strategy(profit_ratio=Ratio(10_001, 100_000))))
    ),
    "too little for its costs": (
        Reason.MIN_PROFIT, lambda: (opportunity(), view(strategy=strategy(cost_cover=Ratio(1_001, 100))))
    ),
    "older than the strategy takes": (
        Reason.STALE, lambda: (opportunity(received_ns=NOW - 50 * MS - 1), view(strategy=strategy(max_age_ms=50)))
    ),
    "fees of the day spent": (Reason.DAILY_FEES, lambda: (opportunity(), view(fees_today=901))),
    "fees of the day held": (Reason.DAILY_FEES, lambda: (opportunity(), view(fees_today=800, worst_held=101))),
    "rate reached": (Reason.RATE, lambda: (opportunity(), view(rate_full="3 attempts in 1 ms"))),
    "path suppressed": (Reason.SUPPRESSED, lambda: (opportunity(), view(suppressed_ns=1))),
    "below the floor": (Reason.FLOOR, lambda: (opportunity(), view(floor=1_000, funds=funds(native=1_099)))),
    "could cost more than there is": (
        Reason.NO_FUNDS, lambda: (opportunity(), view(worst_cost=160, funds=funds(native=159)))
    ),
    "loss limit reached": (Reason.DAILY_LOSS, lambda: (opportunity(), view(lost_today=1_000))),
    "loss unknown": (Reason.UNPRICED, lambda: (opportunity(), view(lost_today=None))),
    "pool in flight": (Reason.IN_FLIGHT, lambda: (opportunity("a", "b"), view(in_flight=held(opportunity("b", "c"))))),
    "too many in flight": (
        Reason.IN_FLIGHT,
        lambda: (
            opportunity("a", "b"),
            view(in_flight=held(opportunity("c", "d")), strategy=strategy(max_in_flight=1)),
        ),
    ),
    "cooldown": (
        Reason.COOLDOWN,
        lambda: (
            opportunity(),
            view(strategy=strategy(cooldown_ms=10), last_ns={("cycles", opportunity().shape()): NOW - 10 * MS + 1}),
        ),
    ),
    "balances unknown": (Reason.UNPRICED, lambda: (opportunity(), view(funds=Funds()))),
    "liquidity unknown": (Reason.UNPRICED, lambda: (opportunity(lender="aave"), view())),
    "own funds too small": (Reason.NO_FUNDS, lambda: (opportunity(), view(funds=funds(own={"weth": 9_999})))),
    "own funds held": (
        Reason.NO_FUNDS,
        lambda: (opportunity("a", "b"), view(funds=funds(own={"weth": 19_999}), in_flight=held(opportunity("c", "d")))),
    ),
    "lender without liquidity": (
        Reason.NO_LENDER,
        lambda: (opportunity(lender="balancer"), view(funds=funds(lendable={("balancer", "weth"): 9_999}))),
    ),
    "no coin for fees": (Reason.NO_FUNDS, lambda: (opportunity(), view(funds=funds(native=99)))),
    "coin for fees held": (
        Reason.NO_FUNDS,
        lambda: (opportunity("a", "b"), view(funds=funds(native=199), in_flight=held(opportunity("c", "d")))),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_refusal_has_its_reason(case: str) -> None:
    reason, make = CASES[case]
    refusal = decide(*make())
    assert refusal is not None
    assert refusal.reason is reason


def test_a_cooldown_ends_on_its_last_millisecond() -> None:
    last = {("cycles", opportunity().shape()): NOW - 10 * MS}
    assert decide(opportunity(), view(strategy=strategy(cooldown_ms=10), last_ns=last)) is None


def test_what_was_released_is_free_again() -> None:
    found = held(opportunity("a", "b"))
    found.release(0)
    found.release(0)
    assert (len(found), found.busy("uni/a"), found.own("weth"), found.native) == (0, False, 0, 0)


def test_an_asset_without_a_loss_limit_needs_no_book() -> None:
    assert decide(opportunity(), view(loss_limit=None, lost_today=None)) is None


def test_limits_show_how_much_of_each_is_used() -> None:
    class Lost:
        async def intend(self, attempt: object) -> None:
            return

        def next_attempt_id(self) -> int:
            return 1

        def lost_today(self, asset: str) -> int:
            return 7

    (limit,) = limits(plan_of(strategy(), daily_loss=50), Lost())
    assert (limit.name, limit.used, limit.limit) == ("daily_loss.weth", "7", "50")
