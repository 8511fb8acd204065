"""Ask the chain what a transaction would do before it is sent, and correct the prediction by the answer."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hoploop.engine.build import Built
from hoploop.engine.leaving import Unsent
from hoploop.errors import ConnectorError
from hoploop.model.chain import Simulation
from hoploop.model.reasons import Reason
from hoploop.plugin.kinds import ChainClient, FeeTerms
from hoploop.recipe.plan import StrategyPlan


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What must be realized when nobody moves the pools first; base units. `gross` has the flash fee taken off."""

    gross: int
    network_fee: int
    tip: int
    units: int | None = None
    """As simulated; None when nothing was simulated."""

    @property
    def net(self) -> int:
        """After all costs."""
        return self.gross - self.network_fee - self.tip


def planned(built: Built) -> Prediction:
    """The prediction before simulation."""
    opportunity = built.bid.opportunity
    return Prediction(
        gross=opportunity.gross - opportunity.flash_fee, network_fee=opportunity.network_fee, tip=built.bid.tip
    )


class Simulator:
    """Holds one chain's client and its fee rule."""

    def __init__(self, client: ChainClient, fees: Callable[[], FeeTerms]) -> None:
        self._client, self._fees = client, fees

    def wanted(self, built: Built, strategy: StrategyPlan) -> bool:
        """Borrowed money is never sent unseen, whatever the recipe says."""
        return strategy.simulate == "always" or built.bid.opportunity.lender is not None

    async def run(self, built: Built, strategy: StrategyPlan) -> Prediction | Unsent:
        """The corrected prediction, or why the transaction must not leave. No answer is a no."""
        if not self.wanted(built, strategy):
            return planned(built)
        try:
            simulation = await self._client.simulate(built.tx)
        except ConnectorError as error:
            return Unsent(Reason.SIMULATION_UNAVAILABLE, str(error))
        return judge(built, strategy, simulation, self._fees())


def judge(built: Built, strategy: StrategyPlan, simulation: Simulation, fees: FeeTerms) -> Prediction | Unsent:
    """Pure: what a simulation's answer means for the transaction."""
    if not simulation.ok:
        return Unsent(Reason.SIMULATION_FAILED, simulation.error)
    if simulation.gained is not None and simulation.gained < built.bid.min_gain:
        return Unsent(Reason.SIMULATION_FAILED, f"gains {simulation.gained}, wanted {built.bid.min_gain}")
    plan = planned(built)
    prediction = Prediction(
        gross=plan.gross if simulation.gained is None else simulation.gained,
        network_fee=_charged(simulation.units, fees) if fees.charged == "used" else plan.network_fee,
        tip=plan.tip,
        units=simulation.units,
    )
    if prediction.net < strategy.min_profit:
        return Unsent(Reason.MIN_PROFIT, f"simulated net {prediction.net} < {strategy.min_profit}")
    return prediction


def _charged(units: int, fees: FeeTerms) -> int:
    """`units` of a simulation are those of the whole transaction, `base_units` included."""
    return fees.base_fee - (-units * fees.price_num // fees.price_den)
