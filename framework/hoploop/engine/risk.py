"""Risk: ordered pure rules; the first that says no decides, and what cannot be computed is a no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from hoploop.engine.funds import Funds
from hoploop.engine.inflight import InFlight
from hoploop.engine.ports import Book
from hoploop.model.market import Opportunity
from hoploop.model.reasons import Reason
from hoploop.model.states import GateState
from hoploop.model.status import LimitStatus
from hoploop.recipe.plan import Plan, StrategyPlan

# Update numbers carry the block or slot above these bits (see `RawUpdate.seq`).
SEQ_BITS = 20


class Refusal(msgspec.Struct, frozen=True):
    """Why not; `detail` has the numbers compared."""

    reason: Reason
    detail: str = ""


class RiskView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything rules may look at, as of one moment. Amounts in base units."""

    now_ns: int
    """Monotonic."""
    gate: GateState
    head: int
    resyncing: bool
    freshness_ms: int | None
    freshness_blocks: int | None
    strategy: StrategyPlan
    in_flight: InFlight
    funds: Funds
    last_ns: Mapping[tuple[str, str], int]
    """When a (strategy, shape) was last approved."""
    loss_limit: int | None
    """Most that may be lost today in the opportunity's asset; None when the recipe sets no limit."""
    lost_today: int | None
    """None when the book cannot say."""
    fee_limit: int | None
    """Most network fees and tips today in the opportunity's asset; None when the recipe sets no limit."""
    fees_today: int
    worst_held: int
    """Most that unfinished attempts may still cost."""
    worst_cost: int
    """Most that this one may cost."""
    floor: int
    """Least native coin the signer keeps."""
    rate_full: str
    """Which rate has been reached; empty when there is room."""
    suppressed_ns: int
    """For how much longer its path is left alone; 0 when it is not."""


Rule = Callable[[Opportunity, RiskView], Refusal | None]


def decide(opportunity: Opportunity, view: RiskView, rules: Sequence[Rule] | None = None) -> Refusal | None:
    """The first refusal, or None when every rule agrees."""
    for rule in RULES if rules is None else rules:
        refusal = rule(opportunity, view)
        if refusal is not None:
            return refusal
    return None


def limits(plan: Plan, book: Book) -> tuple[LimitStatus, ...]:
    """The daily limits and how much of each is used."""
    losses = (("daily_loss", asset, book.lost_today(asset), limit) for asset, limit in plan.risk.daily_loss)
    fees = (("daily_fees", asset, book.fees_today(asset), limit) for asset, limit in plan.risk.daily_fees)
    return tuple(
        LimitStatus(name=f"{name}.{asset}", used=str(used), limit=str(limit))
        for name, asset, used, limit in (*losses, *fees)
    )


def gate_open(_: Opportunity, view: RiskView) -> Refusal | None:
    """A dry gate passes: everything up to the gate is computed and shown."""
    if view.gate is GateState.TRIPPED:
        return Refusal(Reason.TRIPPED)
    return Refusal(Reason.PAUSED) if view.gate is GateState.PAUSED else None


def in_sync(_: Opportunity, view: RiskView) -> Refusal | None:
    """State after a gap is not trusted until it was read again."""
    return Refusal(Reason.RESYNCING) if view.resyncing else None


def fresh(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """Neither too long ago nor too many blocks back."""
    age_ns = view.now_ns - opportunity.received_ns
    for limit in (view.freshness_ms, view.strategy.max_age_ms):
        if limit is not None and age_ns > limit * 1_000_000:
            return Refusal(Reason.STALE, f"{age_ns // 1_000_000} ms old, limit {limit}")
    if view.freshness_blocks is not None:
        behind = view.head - (opportunity.seq >> SEQ_BITS)
        if behind > view.freshness_blocks:
            return Refusal(Reason.STALE, f"{behind} blocks behind, limit {view.freshness_blocks}")
    return None


def priced(opportunity: Opportunity, _: RiskView) -> Refusal | None:
    """The native module's sums hold here too; anything else is not a price."""
    costs = opportunity.flash_fee, opportunity.network_fee, opportunity.tip
    if opportunity.amount_in <= 0 or not opportunity.legs or min(costs) < 0:
        return Refusal(Reason.UNPRICED, "amounts out of range")
    if opportunity.net != opportunity.gross - sum(costs):
        return Refusal(Reason.UNPRICED, "net is not gross less costs")
    if opportunity.gross != opportunity.legs[-1].amount_out - opportunity.amount_in:
        return Refusal(Reason.UNPRICED, "gross is not what the last leg returns less what the first takes")
    return None


def small_enough(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """Never more than the recipe's notional."""
    limit = view.strategy.max_notional
    return Refusal(Reason.MAX_NOTIONAL, f"{opportunity.amount_in} > {limit}") if opportunity.amount_in > limit else None


def large_enough(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """Never less than the recipe's least notional."""
    limit = view.strategy.min_notional
    return Refusal(Reason.MIN_NOTIONAL, f"{opportunity.amount_in} < {limit}") if opportunity.amount_in < limit else None


def profitable(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """After every cost."""
    strategy, costs = view.strategy, opportunity.network_fee + opportunity.tip
    limit = max(
        strategy.min_profit,
        strategy.profit_ratio.ceil_of(opportunity.amount_in),
        strategy.cost_cover.ceil_of(costs),
    )
    return Refusal(Reason.MIN_PROFIT, f"{opportunity.net} < {limit}") if opportunity.net < limit else None


def loss_allowed(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """Reaching the day's limit closes the gate; a loss nobody can tell counts as reached."""
    if view.loss_limit is None:
        return None
    if view.lost_today is None:
        return Refusal(Reason.UNPRICED, "today's loss is unknown")
    if view.lost_today >= view.loss_limit:
        return Refusal(Reason.DAILY_LOSS, f"lost {view.lost_today} of {view.loss_limit} {opportunity.asset}")
    return None


def fees_allowed(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """What today cost, what may still be charged and what this may cost stay within the day's limit."""
    if view.fee_limit is None:
        return None
    spent = view.fees_today + view.worst_held
    if spent + view.worst_cost <= view.fee_limit:
        return None
    return Refusal(Reason.DAILY_FEES, f"{spent} and {view.worst_cost} more, limit {view.fee_limit} {opportunity.asset}")


def rate_allowed(_: Opportunity, view: RiskView) -> Refusal | None:
    """So many attempts in a stretch of time, and no more."""
    return Refusal(Reason.RATE, view.rate_full) if view.rate_full else None


def unsuppressed(_: Opportunity, view: RiskView) -> Refusal | None:
    """A path that kept failing is left alone."""
    left_ms = -(-view.suppressed_ns // 1_000_000)
    return Refusal(Reason.SUPPRESSED, f"tried again in {left_ms} ms") if left_ms else None


def room_in_flight(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """One attempt a pool: the second would be quoted on a state the first is about to change."""
    running = view.in_flight.of(view.strategy.id)
    if running >= view.strategy.max_in_flight:
        return Refusal(Reason.IN_FLIGHT, f"{running} attempts, limit {view.strategy.max_in_flight}")
    for leg in opportunity.legs:
        if view.in_flight.busy(leg.pool):
            return Refusal(Reason.IN_FLIGHT, leg.pool)
    return None


def cooled_down(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """The same shape not again within the cooldown."""
    last = view.last_ns.get((view.strategy.id, opportunity.shape()))
    if last is None or view.now_ns - last >= view.strategy.cooldown_ms * 1_000_000:
        return None
    return Refusal(Reason.COOLDOWN, f"limit {view.strategy.cooldown_ms} ms")


def funded(opportunity: Opportunity, view: RiskView) -> Refusal | None:
    """The source has the amount, and the signer the fee coin, over what unfinished attempts hold."""
    source = view.funds.source(opportunity)
    if source is None or view.funds.native is None:
        return Refusal(Reason.UNPRICED, "balances are unknown")
    if opportunity.lender is None:
        free = source - view.in_flight.own(opportunity.asset)
        if free < opportunity.amount_in:
            return Refusal(Reason.NO_FUNDS, f"{free} < {opportunity.amount_in} {opportunity.asset}")
    elif source < opportunity.amount_in:
        return Refusal(Reason.NO_LENDER, f"{opportunity.lender} has {source} < {opportunity.amount_in}")
    costs = opportunity.network_fee + opportunity.tip
    free = view.funds.native - view.in_flight.native
    if free < costs:
        return Refusal(Reason.NO_FUNDS, f"{free} < {costs} for fees")
    left = view.funds.native - view.worst_held - view.worst_cost
    if left >= view.floor:
        return None
    return Refusal(Reason.FLOOR if view.floor else Reason.NO_FUNDS, f"{left} could be left, floor {view.floor}")


RULES: tuple[Rule, ...] = (
    gate_open, in_sync, fresh, priced, small_enough, large_enough, profitable, loss_allowed, fees_allowed,
    unsuppressed, room_in_flight, cooled_down, rate_allowed, funded,
)
"""In this order: cheap and final first."""
