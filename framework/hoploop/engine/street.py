"""The street of one chain: feed events in, attempts out, by direct calls and without I/O of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext

from hoploop.engine.attempt import AttemptRun, Stations, first_record
from hoploop.engine.build import Builder
from hoploop.engine.counters import Counters
from hoploop.engine.funds import Funds
from hoploop.engine.heads import Heads
from hoploop.engine.inflight import InFlight
from hoploop.engine.kit import ChainKit
from hoploop.engine.market import ChainMarket
from hoploop.engine.memory import Memory
from hoploop.engine.ports import Ports
from hoploop.engine.risk import Refusal, RiskView, decide
from hoploop.engine.settle import Settler
from hoploop.engine.simulate import Simulator
from hoploop.engine.submit import Submitter
from hoploop.model.attempts import Attempt
from hoploop.model.chain import Head
from hoploop.model.events import BlocksTakenBack, GapFound, HeadSeen, OpportunityFound, OpportunityRefused, Resynced
from hoploop.model.market import Opportunity, PoolSnapshot
from hoploop.model.reasons import Reason
from hoploop.model.states import AttemptState
from hoploop.plugin.kinds import FeedEvent, Gap, Reorg, Updates, Waiting
from hoploop.recipe.plan import ChainPlan, Plan

RequestResync = Callable[[str], None]
"""Ask that all pools be read again, because of …; returns at once."""

_GARBAGE_PAUSE_NS = 5 * 1_000_000_000
_FINAL = (AttemptState.LANDED, AttemptState.REVERTED, AttemptState.LOST)


class Street:
    """Single-threaded: call from the event loop only. Starts out of sync; its first event asks for the first read."""

    def __init__(
        self, chain: ChainPlan, plan: Plan, market: ChainMarket, kit: ChainKit, ports: Ports, *,
        memory: Memory, request_resync: RequestResync, ordered: bool,
    ) -> None:
        """`ordered`: transactions carry a nonce, so only one at a time is between signing and sending."""
        self.chain, self.market, self._kit = chain, market, kit
        self.heads, self.funds, self.in_flight, self.counters = Heads(), Funds(), InFlight(), Counters()
        self._fingerprint, self._ports = plan.fingerprint, ports
        self._loss_limits, self._fee_limits = dict(plan.risk.daily_loss), dict(plan.risk.daily_fees)
        self._floors, self._memory, self._fee_terms = dict(plan.risk.floors), memory, kit.composer.fees
        self._request_resync = request_resync
        self._asked = False
        self._garbage_ns = -_GARBAGE_PAUSE_NS
        self.resyncing = True
        self.closing = False
        """Set while another street is about to take over: what is under way is followed, nothing new begins."""
        self._stations = Stations(
            ports=ports,
            builder=Builder(kit, market.pools),
            simulator=Simulator(kit.client, kit.composer.fees),
            submitter=Submitter(kit.routes, ports.gate, ports.book, ports.clock),
            settler=Settler(kit.client, self.heads, ports.clock),
            section=asyncio.Lock() if ordered else nullcontext(),
            on_move=self._moved,
        )

    def remember(self, before: Street) -> None:
        """Share with another street of the chain what was counted."""
        self.counters = before.counters

    def succeed(self, before: Street) -> None:
        """Share with a street of the same components what is under way and known, too."""
        self.remember(before)
        self.heads, self.funds, self.in_flight = before.heads, before.funds, before.in_flight
        # Attempts of both are between signing and sending one at a time.
        self._stations = self._stations._replace(
            settler=Settler(self._kit.client, self.heads, self._ports.clock), section=before._stations.section
        )

    def catch_up(self, before: Street) -> None:
        """Take the pool states, fees and funds a street has that it succeeds, and go on counting where it stopped."""
        self.market.count_on(before.market)
        # What is under way ends by the limits of now, whichever street began it.
        before._loss_limits.clear()
        before._loss_limits.update(self._loss_limits)
        self._loss_limits = before._loss_limits
        self.market.set_fees(self._fee_terms())
        for asset, amount in self.funds.own.items():
            self.market.set_own_capital(asset, amount)
        for (lender, asset), amount in self.funds.lendable.items():
            self.market.set_available(lender, asset, amount)
        self._asked = before._asked
        self.resyncing = before.resyncing or not self.market.load(before.market.states())

    def on_event(self, event: FeedEvent) -> None:
        """One event of this chain's feed."""
        if isinstance(event, (Updates, Waiting)):
            self._on_updates(event)
        elif isinstance(event, Head):
            self.heads.see(event)
            self._ports.emit(HeadSeen(chain=self.chain.id, number=event.number))
            self._memory.breakers.unlock(self._ports.clock.mono_ns())
        elif isinstance(event, Reorg):
            self._on_reorg(event)
        else:
            self._on_gap(event)
        if not self._asked:
            self._ask("start")

    def resynced(self, gaps: int, snapshots: Sequence[PoolSnapshot], number: int) -> bool:
        """Take states read since `counters.gaps` was `gaps`; False when they are too old already: read again.

        Updates that arrived meanwhile are kept by the native module and put on top.
        """
        if gaps != self.counters.gaps or not self.market.load(snapshots):
            return False
        self.resyncing = False
        self._ports.emit(Resynced(chain=self.chain.id, number=number, pools=len(snapshots)))
        return True

    def _on_gap(self, gap: Gap) -> None:
        self.market.mark_all_stale()
        self._ports.emit(GapFound(chain=self.chain.id, why=gap.why, number=gap.number))
        self._distrust(gap.why)

    def _on_reorg(self, reorg: Reorg) -> None:
        """Go on with what could be put back; a read that is under way may be of the old branch, so it is not taken."""
        back = self.market.roll_back(reorg.number)
        self._ports.emit(BlocksTakenBack(
            chain=self.chain.id, why=reorg.why, number=reorg.number,
            restored=len(back.restored), stale=len(back.stale),
        ))
        if back.stale or self.resyncing:
            self._distrust(reorg.why)
        for opportunity in back.opportunities:
            self.consider(opportunity)

    def _distrust(self, why: str) -> None:
        self.counters.gaps += 1
        self.resyncing = True
        self._ask(why)

    def _ask(self, why: str) -> None:
        self._asked = True
        self._request_resync(why)

    def _on_updates(self, updates: Updates | Waiting) -> None:
        refused = self.market.refused.total()
        for opportunity in self.market.apply(updates):
            self.consider(opportunity)
        if self.market.refused.total() > refused:
            self._on_garbage(updates)

    def _on_garbage(self, updates: Updates | Waiting) -> None:
        """Read again what did not decode, but not so often that bad bytes keep us from trading at all."""
        now_ns = self._ports.clock.mono_ns()
        if now_ns - self._garbage_ns >= _GARBAGE_PAUSE_NS:
            self._garbage_ns = now_ns
            self._on_gap(Gap(why="an update did not decode", number=updates.number))

    def consider(self, opportunity: Opportunity) -> None:
        """Risk, then an attempt of its own task; refusals are counted and told."""
        self.counters.latencies.update_to_candidate.add(opportunity.found_ns - opportunity.received_ns)
        self._ports.emit(OpportunityFound(
            cause=opportunity.cause, chain=opportunity.chain, strategy=opportunity.strategy, shape=opportunity.shape(),
            asset=opportunity.asset, amount_in=opportunity.amount_in, net=opportunity.net,
        ))
        closing = Refusal(Reason.RELOADING) if self.closing else None
        refusal = closing or decide(opportunity, self._view(opportunity))
        if refusal is None:
            self._attempt(opportunity)
        else:
            self._refuse(opportunity, refusal)

    def _view(self, opportunity: Opportunity) -> RiskView:
        limit, fee_limit = self._loss_limits.get(opportunity.asset), self._fee_limits.get(opportunity.asset)
        now_ns = self._ports.clock.mono_ns()
        return RiskView(
            now_ns=now_ns, gate=self._ports.gate.state, head=self.heads.number,
            resyncing=self.resyncing, freshness_ms=self.chain.freshness_ms,
            freshness_blocks=self.chain.freshness_blocks, strategy=self.market.strategies[opportunity.strategy],
            in_flight=self.in_flight, funds=self.funds, last_ns=self._memory.last_ns, loss_limit=limit,
            lost_today=None if limit is None else self._ports.book.lost_today(opportunity.asset),
            fee_limit=fee_limit, fees_today=0 if fee_limit is None else self._ports.book.fees_today(opportunity.asset),
            worst_held=self.in_flight.worst, worst_cost=self._worst(opportunity),
            floor=self._floors.get(opportunity.asset, 0), rate_full=self._memory.full(opportunity.strategy, now_ns),
            suppressed_ns=self._memory.suppressed_ns(opportunity.strategy, opportunity.shape(), now_ns),
        )

    def _worst(self, opportunity: Opportunity) -> int:
        return self._fee_terms().most(opportunity.network_fee) + opportunity.tip

    def _refuse(self, opportunity: Opportunity, refusal: Refusal) -> None:
        self.counters.refuse(refusal.reason.value)
        self._ports.emit(OpportunityRefused(
            cause=opportunity.cause, chain=opportunity.chain, strategy=opportunity.strategy, shape=opportunity.shape(),
            asset=opportunity.asset, amount_in=opportunity.amount_in, net=opportunity.net,
            reason=refusal.reason.value, detail=refusal.detail,
        ))
        if refusal.reason is Reason.SUPPRESSED:
            now_ns = self._ports.clock.mono_ns()
            left_ns = self._memory.suppressed_ns(opportunity.strategy, opportunity.shape(), now_ns)
            self.market.leave_out(opportunity, now_ns + left_ns)
        if refusal.reason is Reason.DAILY_LOSS:
            self._ports.gate.trip(Reason.DAILY_LOSS.value, "risk")

    def _attempt(self, opportunity: Opportunity) -> None:
        strategy = self.market.strategies[opportunity.strategy]
        record = first_record(self._ports.book.next_attempt_id(), self._fingerprint, opportunity)
        self.in_flight.hold(record.id, opportunity, self._worst(opportunity))
        self._memory.started(strategy.id, record.shape, self._ports.clock.mono_ns())
        run = AttemptRun(self._stations, record, opportunity, strategy)
        run.approve()
        self._ports.spawn(run.run(), f"attempt {record.id}")

    def _moved(self, before: AttemptState, attempt: Attempt) -> None:
        self.counters.advanced(before, attempt)
        if attempt.state is AttemptState.BUILT:
            self.counters.latencies.update_to_signed.add(attempt.signed_ns - attempt.received_ns)
        elif attempt.state is AttemptState.SENT and attempt.sent_ns:
            self.counters.latencies.signed_to_sent.add(attempt.sent_ns - attempt.signed_ns)
        if attempt.state in _FINAL:
            self.in_flight.release(attempt.id)
            self._check_loss(attempt.asset)
        self._memory.moved(attempt, self._ports.clock.mono_ns())

    def _check_loss(self, asset: str) -> None:
        """At once, not at the next opportunity: other attempts may be about to leave."""
        limit = self._loss_limits.get(asset)
        if limit is not None and self._ports.book.lost_today(asset) >= limit:
            self._ports.gate.trip(Reason.DAILY_LOSS.value, "risk")
