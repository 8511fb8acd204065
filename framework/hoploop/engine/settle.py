"""Follow a sent transaction to the chain's final word and account for it to the unit."""

from __future__ import annotations

import msgspec

from hoploop.engine.heads import Heads
from hoploop.engine.ports import Clock
from hoploop.errors import ConnectorError
from hoploop.model.attempts import Attempt
from hoploop.model.chain import Outcome, SignedTx
from hoploop.model.reasons import Reason
from hoploop.model.states import AttemptState
from hoploop.plugin.kinds import ChainClient

DEADLINE_NS = 120 * 1_000_000_000


class Settler:
    """Asks at each head; a client that cannot answer is asked again at the next one."""

    def __init__(self, client: ChainClient, heads: Heads, clock: Clock, deadline_ns: int = DEADLINE_NS) -> None:
        self._client, self._heads, self._clock, self._deadline_ns = client, heads, clock, deadline_ns

    async def by_deadline(self, tx: SignedTx) -> Outcome | None:
        """The outcome, or None when the chain has not spoken in time."""
        until_ns = self._clock.mono_ns() + self._deadline_ns
        while self._clock.mono_ns() < until_ns:
            outcome = await self._look(tx)
            if outcome is not None:
                return outcome
        return None

    async def at_last(self, tx: SignedTx) -> Outcome:
        """The outcome, however long it takes."""
        while True:
            outcome = await self._look(tx)
            if outcome is not None:
                return outcome

    async def _look(self, tx: SignedTx) -> Outcome | None:
        seen = self._heads.count
        try:
            outcome = await self._client.outcome(tx)
        except ConnectorError:
            outcome = None
        if outcome is None:
            await self._heads.after(seen)
        return outcome


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What an outcome means for an attempt: the fields of `Attempt` with these names."""

    state: AttemptState
    reason: str
    number: int
    realized_gross: int | None = None
    realized_network_fee: int | None = None
    realized_tip: int | None = None
    realized_net: int | None = None
    difference: str = ""


def settlement(attempt: Attempt, outcome: Outcome, predicted_units: int | None) -> Settlement:
    """Pure. The profit asset wraps the native coin, so fees and tips subtract from it one to one.

    `realized_net = gained - network_fee - tip`; a reverted transaction gained 0 and still paid its fee.
    """
    if outcome.status == "expired":
        return Settlement(state=AttemptState.LOST, reason=Reason.EXPIRED.value, number=outcome.number)
    landed = outcome.status == "landed"
    gross = outcome.gained if landed else 0
    net = None if gross is None else gross - outcome.network_fee - outcome.tip
    return Settlement(
        state=AttemptState.LANDED if landed else AttemptState.REVERTED,
        reason="" if landed else Reason.ON_CHAIN_GUARD.value,
        number=outcome.number,
        realized_gross=gross, realized_network_fee=outcome.network_fee, realized_tip=outcome.tip, realized_net=net,
        difference=_difference(attempt, outcome, gross, predicted_units),
    )


def _difference(attempt: Attempt, outcome: Outcome, gross: int | None, predicted_units: int | None) -> str:
    """Why any realized part differs from its prediction; empty when all are equal."""
    same_gross = gross == attempt.predicted_gross
    same_fee = outcome.network_fee == attempt.predicted_network_fee
    if same_gross and same_fee and outcome.tip == attempt.predicted_tip:
        return ""
    if outcome.first is False:
        return Reason.POOLS_MOVED.value
    if not same_gross:
        return Reason.UNEXPLAINED.value
    if not same_fee and predicted_units is not None and outcome.units != predicted_units:
        return Reason.GAS_DIFFERED.value
    return Reason.FEE_DIFFERED.value
