"""The checkup of a whole plan: every chain at the same time, none longer than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from hoploop.checkup.chain import ChainCheckup
from hoploop.checkup.problems import Checkup, Problem
from hoploop.plugin.registry import Registry
from hoploop.recipe.plan import Plan
from hoploop.runtime.local_chains import Served
from hoploop.runtime.wiring import Wiring


async def check_up(
    plan: Plan, registry: Registry, served: Mapping[str, Served], wall_ns: Callable[[], int], within_s: float
) -> Checkup:
    """Nothing is sent. What is not done within `within_s` seconds is a problem of its own (R455)."""
    wiring = Wiring(plan, registry, served)
    checkups = [ChainCheckup(plan, chain, registry, wiring) for chain in plan.chains]
    async with asyncio.TaskGroup() as group:
        for one in checkups:
            group.create_task(_bounded(one, wall_ns(), within_s))
    problems = [problem for one in checkups for problem in one.problems]
    each = zip(plan.chains, checkups, strict=True)
    facts = [f"{chain.id}: {fact}" for chain, one in each for fact in _ordered(one.facts)]
    return Checkup(tuple(problems), tuple(facts))


async def _bounded(checkup: ChainCheckup, wall_ns: int, within_s: float) -> None:
    try:
        async with asyncio.timeout(within_s):
            await checkup.run(wall_ns)
    except TimeoutError:
        for what, (section, name) in checkup.pending.items():
            message = f"{what.strip()}: no answer within {within_s:g} s"
            checkup.problems.append(Problem(code="R455", message=message, section=section, id=name))


def _ordered(facts: list[str]) -> list[str]:
    """Who answered first, then the rest by name: parts end in any order."""
    return [*facts[:1], *sorted(facts[1:])]
