"""One attempt from approval to its final state: every move goes through the state table and becomes an event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

import msgspec

from hoploop.engine.build import Builder, Built
from hoploop.engine.leaving import Sent, Unsent
from hoploop.engine.ports import Ports
from hoploop.engine.settle import Settler, settlement
from hoploop.engine.simulate import Prediction, Simulator
from hoploop.engine.submit import Submitter
from hoploop.errors import BuildError, LedgerError
from hoploop.model.attempts import Attempt
from hoploop.model.chain import Outcome
from hoploop.model.events import AttemptAdvanced
from hoploop.model.market import Opportunity
from hoploop.model.reasons import Reason
from hoploop.model.states import ATTEMPT, AttemptState, advance
from hoploop.recipe.plan import StrategyPlan

# Texts from outside are kept short: they go into events.
_DETAIL_CHARS = 200

OnMove = Callable[[AttemptState, Attempt], None]
"""(state before, attempt after); called after the event was emitted."""


class Stations(NamedTuple):
    """What an attempt passes through, shared by all attempts of a chain."""

    ports: Ports
    builder: Builder
    simulator: Simulator
    submitter: Submitter
    settler: Settler
    section: AbstractAsyncContextManager[Any, Any]
    """From signing to sending; a lock where transactions carry a nonce, nothing elsewhere."""
    on_move: OnMove


class AttemptRun:
    """Owns one attempt; `attempt` is always its newest record."""

    def __init__(self, stations: Stations, attempt: Attempt, opportunity: Opportunity, strategy: StrategyPlan) -> None:
        self._at = stations
        self._opportunity, self._strategy = opportunity, strategy
        self._intending = False
        self._units: int | None = None
        self.attempt = attempt

    def approve(self) -> None:
        """FOUND → APPROVED."""
        self._move(AttemptState.APPROVED)

    async def run(self) -> None:
        """Follow the attempt to its end. Cancelled: what may have left becomes UNKNOWN, the rest is LOST."""
        try:
            async with self._at.section:
                built = await self._send()
            if built is not None:
                await self._settle(built)
        except asyncio.CancelledError:
            self._abandon()
            raise

    async def _send(self) -> Built | None:
        """Build, simulate, submit; the transaction when it may have left, else None and the attempt is LOST."""
        line = self._at.submitter.line_up(self._strategy)
        built = self._build(line)
        if built is None:
            return None
        answer = await self._submit(built, line)
        if isinstance(answer, Sent):
            self._move(AttemptState.SENT, route=answer.route, sent_ns=answer.at_ns, detail=answer.detail)
            return built
        self._at.builder.release(built)
        self._lose(answer.reason, answer.detail)
        return None

    async def _submit(self, built: Built, line: tuple[str, ...]) -> Sent | Unsent:
        prediction = await self._at.simulator.run(built, self._strategy)
        if isinstance(prediction, Unsent):
            return prediction
        self._predict(prediction)
        closed = self._at.submitter.closed()
        if closed is not None:
            return closed
        self._intending = True
        try:
            return await self._at.submitter.send(self.attempt, built, line)
        except LedgerError as error:
            self._at.ports.gate.trip("ledger", "engine")
            return Unsent(Reason.GATE_CLOSED, str(error))

    def _build(self, line: tuple[str, ...]) -> Built | None:
        try:
            built = self._at.builder.build(
                self._opportunity, self._strategy, self._at.submitter.terms(line[0]), self.attempt.id
            )
        except BuildError as error:
            self._lose(Reason.BUILD_FAILED, str(error))
            return None
        signed_ns = self._at.ports.clock.mono_ns()
        self._move(
            AttemptState.BUILT, tx_id=built.tx.id, expires=built.tx.expires, nonce=built.tx.nonce,
            predicted_tip=built.bid.tip, signed_ns=signed_ns,
            predicted_net=self.attempt.predicted_gross - self.attempt.predicted_network_fee - built.bid.tip,
        )
        return built

    def _predict(self, prediction: Prediction) -> None:
        """No move: the corrected numbers are recorded with the intent."""
        self._units = prediction.units
        self.attempt = msgspec.structs.replace(
            self.attempt, predicted_gross=prediction.gross, predicted_network_fee=prediction.network_fee,
            predicted_tip=prediction.tip, predicted_net=prediction.net,
        )

    async def _settle(self, built: Built) -> None:
        outcome: Outcome | None = await self._at.settler.by_deadline(built.tx)
        if outcome is None:
            self._move(AttemptState.UNKNOWN, reason=Reason.DEADLINE.value)
            outcome = await self._at.settler.at_last(built.tx)
        result = settlement(self.attempt, outcome, self._units)
        self._move(
            result.state, detail=outcome.error, settled_ns=self._at.ports.clock.mono_ns(), **_fields(result)
        )

    def _lose(self, reason: Reason, detail: str = "") -> None:
        self._move(AttemptState.LOST, reason=reason.value, detail=detail, settled_ns=self._at.ports.clock.mono_ns())

    def _abandon(self) -> None:
        """The process ends now; recovery at the next start finds what is UNKNOWN."""
        state = self.attempt.state
        if state is AttemptState.BUILT and self._intending:
            self._move(AttemptState.SENT)
            state = self.attempt.state
        if state is AttemptState.SENT:
            self._move(AttemptState.UNKNOWN, reason=Reason.DEADLINE.value)
        elif state in (AttemptState.APPROVED, AttemptState.BUILT):
            self._lose(Reason.GATE_CLOSED, "the engine ended")

    def _move(self, to: AttemptState, *, detail: str | None = None, **changes: Any) -> None:
        before = self.attempt.state
        if detail is not None:
            changes["detail"] = detail[:_DETAIL_CHARS]
        self.attempt = msgspec.structs.replace(self.attempt, state=advance(ATTEMPT, before, to), **changes)
        self._at.ports.emit(AttemptAdvanced(cause=self.attempt.cause, attempt=self.attempt))
        self._at.on_move(before, self.attempt)


def _fields(result: Any) -> dict[str, Any]:
    values = msgspec.structs.asdict(result)
    del values["state"]
    return values


def first_record(attempt_id: int, run: str, opportunity: Opportunity) -> Attempt:
    """The FOUND record of a new attempt; `run` is the plan's fingerprint."""
    gross = opportunity.gross - opportunity.flash_fee
    return Attempt(
        id=attempt_id, cause=opportunity.cause, run=run, chain=opportunity.chain, strategy=opportunity.strategy,
        shape=opportunity.shape(), asset=opportunity.asset, amount_in=opportunity.amount_in,
        lender=opportunity.lender, flash_fee=opportunity.flash_fee, state=AttemptState.FOUND,
        predicted_gross=gross, predicted_network_fee=opportunity.network_fee, predicted_tip=opportunity.tip,
        predicted_net=opportunity.net, received_ns=opportunity.received_ns, found_ns=opportunity.found_ns,
    )
