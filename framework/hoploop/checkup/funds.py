"""Whether there is enough to pay fees with, to trade with and to borrow."""

from __future__ import annotations

from collections.abc import Iterator

from hoploop.checkup.problems import Problem
from hoploop.model.money import Asset, format_units
from hoploop.plugin.kinds import ChainClient, Lender
from hoploop.recipe.plan import ChainPlan, Plan, StrategyPlan


async def fees(plan: Plan, chain: ChainPlan, client: ChainClient) -> tuple[list[Problem], str]:
    """The owner's native coin against one attempt's worst cost and against the floor."""
    held = await client.balance("")
    native = next((asset for asset in plan.assets if asset.chain == chain.id and asset.wraps_native), None)
    if native is None:
        return [], ""
    found = []
    worst = next((spend.worst for spend in plan.spend if spend.asset == native.id), 0)
    floor = dict(plan.risk.floors).get(native.id, 0)
    if held < worst:
        message = f"the owner has {_text(held, native)} for fees; one attempt can cost {_text(worst, native)}"
        found.append(Problem(code="R452", message=message, section="chains", id=chain.id, field="owner"))
    if held < floor:
        message = f"the owner has {_text(held, native)}, less than this"
        found.append(Problem(code="R452", message=message, section="risk", id="", field=f"floors.{native.id}"))
    return found, f"the owner has {_text(held, native)} for fees"


async def capital(plan: Plan, chain: ChainPlan, client: ChainClient) -> tuple[list[Problem], list[str]]:
    """Own capital of every base asset; none is a problem where no lender stands in."""
    found, facts = [], []
    for asset, strategies in _by_base(plan, chain):
        held = await client.balance(asset.address)
        facts.append(f"own capital {_text(held, asset)}")
        for strategy in strategies:
            if strategy.own_capital and not strategy.lenders and held == 0:
                message = f"there is no {asset.symbol} to trade with, and no lender"
                found.append(
                    Problem(code="R452", message=message, section="strategies", id=strategy.id, field="own_capital")
                )
    return found, facts


async def lendable(
    plan: Plan, chain: ChainPlan, client: ChainClient, name: str, lender: Lender
) -> tuple[list[Problem], list[str]]:
    """What a lender has now of each base asset it is asked for."""
    found, facts = [], []
    for asset, strategies in _by_base(plan, chain):
        if not any(name in strategy.lenders for strategy in strategies):
            continue
        amount = await lender.available(client, asset.id)
        facts.append(f"{name} has {_text(amount, asset)} to lend")
        if amount == 0:
            message = f"'{name}' has no {asset.symbol} to lend now, or is paused"
            found.append(Problem(code="R395", message=message, section="lenders", id=name, warning=True))
    return found, facts


def _by_base(plan: Plan, chain: ChainPlan) -> Iterator[tuple[Asset, list[StrategyPlan]]]:
    mine = [strategy for strategy in plan.strategies if strategy.chain == chain.id]
    for asset in plan.assets:
        if asset.chain == chain.id and (using := [one for one in mine if one.base == asset.id]):
            yield asset, using


def _text(amount: int, asset: Asset) -> str:
    return f"{format_units(amount, asset.decimals)} {asset.symbol}"
