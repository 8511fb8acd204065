"""Settle what an earlier run left open, from the chain, before the gate may arm."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from hoploop.engine.ports import Clock, Emit
from hoploop.engine.settle import settlement
from hoploop.errors import ConnectorError, MarketError
from hoploop.model.attempts import Attempt, Unfinished
from hoploop.model.chain import Outcome, SignedTx
from hoploop.model.events import AttemptAdvanced
from hoploop.model.reasons import Reason
from hoploop.model.states import ATTEMPT, AttemptState, advance
from hoploop.plugin.kinds import ChainClient

Progress = Callable[[int, int], None]
"""(settled, all)"""


class Recovery:
    """Looks every open attempt up by its transaction id, again and again until each is final.

    An attempt whose intent is on disk may have left, even if no byte did: it is LOST only once the chain says that it
    can never land. Without an intent nothing left, and it is LOST at once.
    """

    def __init__(
        self, clients: Mapping[str, ChainClient], emit: Emit, clock: Clock, *,
        pause: Callable[[], Awaitable[None]], progress: Progress,
    ) -> None:
        """`pause` is awaited between two rounds (about a block's time)."""
        self._clients, self._emit, self._clock = clients, emit, clock
        self._pause, self._progress = pause, progress

    async def run(self, found: Sequence[Unfinished]) -> None:
        """Return when all are final. MarketError when a chain cannot be asked: the gate must not arm then."""
        self._check(found)
        pending = [one for one in found if not self._never_left(one)]
        while pending:
            self._progress(len(found) - len(pending), len(found))
            pending = [one for one in pending if not await self._settled(one.attempt)]
            if pending:
                await self._pause()
        self._progress(len(found), len(found))

    def _check(self, found: Sequence[Unfinished]) -> None:
        for one in found:
            if one.intended and one.attempt.chain not in self._clients:
                raise MarketError("E402", f"attempt {one.attempt.id} was made on chain {one.attempt.chain}")

    def _never_left(self, one: Unfinished) -> bool:
        if one.intended:
            return False
        self._move(one.attempt, AttemptState.LOST, reason=Reason.RECOVERED.value)
        return True

    async def _settled(self, attempt: Attempt) -> bool:
        outcome = await self._look(attempt)
        if outcome is None:
            return False
        if attempt.state is AttemptState.BUILT and outcome.status != "expired":
            attempt = self._move(attempt, AttemptState.SENT, reason=Reason.RECOVERED.value)
        result = settlement(attempt, outcome, None)
        changes = msgspec.structs.asdict(result)
        state = changes.pop("state")
        self._move(attempt, state, **changes | {"reason": result.reason or Reason.RECOVERED.value})
        return True

    async def _look(self, attempt: Attempt) -> Outcome | None:
        tx = SignedTx(chain=attempt.chain, id=attempt.tx_id, raw=b"", expires=attempt.expires, nonce=attempt.nonce)
        try:
            return await self._clients[attempt.chain].outcome(tx)
        except ConnectorError as error:
            raise MarketError("E401", f"attempt {attempt.id}, transaction {attempt.tx_id}: {error}") from error

    def _move(self, attempt: Attempt, to: AttemptState, **changes: Any) -> Attempt:
        moved = msgspec.structs.replace(attempt, state=advance(ATTEMPT, attempt.state, to), **changes)
        self._emit(AttemptAdvanced(cause=moved.cause, attempt=moved))
        return moved
