"""Intent on disk, then the gate, then bytes: the only place that hands a transaction to a route."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hoploop.engine.build import Built
from hoploop.engine.leaving import Sent, Unsent
from hoploop.engine.ports import Book, Clock, GatePort
from hoploop.engine.tips import policy_of
from hoploop.errors import ConnectorError, GateClosed, InvariantError, RateLimited, Rejected, RouteError
from hoploop.model.attempts import Attempt
from hoploop.model.reasons import Reason
from hoploop.model.states import GateState
from hoploop.plugin.kinds import Route, RouteTerms
from hoploop.recipe.plan import StrategyPlan

_GATE_REASONS = {GateState.DRY: Reason.DRY, GateState.PAUSED: Reason.PAUSED, GateState.TRIPPED: Reason.TRIPPED}


class Submitter:
    """The routes of one chain behind one gate."""

    def __init__(self, routes: Mapping[str, Route], gate: GatePort, book: Book, clock: Clock) -> None:
        self._routes, self._gate, self._book, self._clock = routes, gate, book, clock
        self._turns: Counter[str] = Counter()

    def line_up(self, strategy: StrategyPlan) -> tuple[str, ...]:
        """The strategy's routes in the order to try now; `rotate` starts with another one each time."""
        routes = strategy.routes
        if strategy.route_policy == "first":
            return routes
        turn = self._turns[strategy.id] % len(routes)
        self._turns[strategy.id] += 1
        return routes[turn:] + routes[:turn]

    def terms(self, route: str) -> RouteTerms:
        """What a route asks of a transaction."""
        return self._routes[route].terms()

    def closed(self) -> Unsent | None:
        """Why nothing may leave now, or None; asked before the intent so that a dry run writes none."""
        try:
            self._gate.permit()
        except GateClosed as error:
            return self._gate_reason(error)
        return None

    async def send(self, attempt: Attempt, built: Built, line: tuple[str, ...]) -> Sent | Unsent:
        """Write the intent, then try the routes until one takes it. LedgerError when the intent is not on disk."""
        await self._book.intend(attempt)
        result = Unsent(Reason.ROUTE_REFUSED, "no route takes it")
        for name in line:
            if not _suits(built, self.terms(name)):
                continue
            answer = await self._try(name, built)
            if isinstance(answer, Sent):
                return answer
            result = answer
            if answer.reason not in (Reason.ROUTE_REFUSED, Reason.ROUTE_UNREACHABLE):
                break
        return result

    async def _try(self, name: str, built: Built) -> Sent | Unsent:
        passed = _Passage(self._gate, self._clock)
        try:
            await self._routes[name].submit(built.tx, passed.permit)
        except GateClosed as error:
            # A route that sends more than once may have been let through before.
            return self._gate_reason(error) if passed.at_ns is None else self._sent(name, passed, str(error))
        except (Rejected, RateLimited) as error:
            return Unsent(Reason.ROUTE_REFUSED, str(error))
        except (RouteError, ConnectorError) as error:
            if passed.at_ns is None:
                return Unsent(Reason.ROUTE_UNREACHABLE, str(error))
            return self._sent(name, passed, str(error))
        return self._sent(name, passed, "")

    def _sent(self, name: str, passed: _Passage, detail: str) -> Sent:
        if passed.at_ns is None:
            raise InvariantError("E301", f"route {name} sent without asking the gate")
        return Sent(route=name, at_ns=passed.at_ns, detail=detail)

    def _gate_reason(self, error: GateClosed) -> Unsent:
        return Unsent(_GATE_REASONS.get(self._gate.state, Reason.GATE_CLOSED), str(error))


class _Passage:
    """Remembers whether and when the gate let bytes through."""

    def __init__(self, gate: GatePort, clock: Clock) -> None:
        self._gate, self._clock = gate, clock
        self.at_ns: int | None = None

    def permit(self) -> None:
        """The gate's word; the clock is read before it, so that the gate stays the last call."""
        now = self._clock.mono_ns()
        self._gate.permit()
        if self.at_ns is None:
            self.at_ns = now


def _suits(built: Built, terms: RouteTerms) -> bool:
    """The signed tip is enough for this route and goes where it looks for it."""
    if not terms.tip_accounts:
        return True
    opportunity = built.bid.opportunity
    wanted = policy_of(terms).of(opportunity.gross - opportunity.flash_fee)
    return wanted == 0 or (built.bid.tip >= wanted and built.bid.tip_account in terms.tip_accounts)
