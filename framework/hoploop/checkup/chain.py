"""The checkup of one chain: each part on its own, so that one fault hides no other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import Any

from hoploop.checkup import funds
from hoploop.checkup.problems import Problem, Section
from hoploop.errors import DecodeError, HoploopError, PermanentError, SignerUnavailable
from hoploop.model.market import PoolSpec
from hoploop.plugin.connector import Costs, ExaminerContext
from hoploop.plugin.kinds import Answers, Doubt, Examiner, Lender, Order, Venue
from hoploop.plugin.registry import Registry
from hoploop.recipe.plan import ChainPlan, ItemPlan, Plan, StrategyPlan
from hoploop.recipe.worst import Material, largest
from hoploop.runtime.wiring import Wiring

_IDENTITY = {"evm": "chain_id", "solana": "genesis"}
_AT_ONCE = 16
_NOWHERE = "http://127.0.0.1"
"""What a connector is made with when only its key is looked at."""
_FIELD = re.compile(r"^pool '[^']*': ([a-z][a-z0-9_]*): ")
Part = Coroutine[Any, Any, None]


class ChainCheckup:
    """Collects what is wrong with one chain of a plan; `pending` names what has not been looked at yet."""

    def __init__(self, plan: Plan, chain: ChainPlan, registry: Registry, wiring: Wiring) -> None:
        self._plan, self._chain, self._registry, self._wiring = plan, chain, registry, wiring
        self._scope = wiring.scope(chain)
        self.problems: list[Problem] = []
        self.facts: list[str] = []
        self.pending: dict[str, tuple[Section, str]] = {"the chain": ("chains", chain.id)}

    async def run(self, wall_ns: int) -> None:
        """Look at everything; HoploopError never leaves."""
        async with AsyncExitStack() as stack:
            endpoint = self._endpoint()
            self._key(endpoint or _NOWHERE, stack)
            examiner = None if endpoint is None else self._examiner(endpoint, stack)
            if examiner is not None:
                ours = await self._is_ours(examiner)
                self.pending.pop("the chain")
                await self._parts(examiner, wall_ns, ours)

    def _endpoint(self) -> str | None:
        """None when it is a secret that cannot be had."""
        try:
            return self._wiring.endpoint(self._chain)
        except HoploopError as error:
            self.problems.append(Problem.of(error, "chains", self._chain.id, "endpoint"))
            return None

    def _examiner(self, endpoint: str, stack: AsyncExitStack) -> Examiner | None:
        """Somebody who asks the node; None when there can be nobody."""
        make = self._registry.offer("chain", self._chain.connector).examiner
        if make is None:
            self._found("R396", "chains", self._chain.id, "connector", "this connector compares nothing", warning=True)
            return None
        try:
            context = ExaminerContext(scope=self._scope, endpoint=endpoint, embedded=self._chain.embedded is not None)
            examiner = make(self._chain.config, context)
        except HoploopError as error:
            self.problems.append(Problem.of(error, "chains", self._chain.id, "endpoint"))
            return None
        stack.push_async_callback(examiner.close)
        return examiner

    def _key(self, endpoint: str, stack: AsyncExitStack) -> None:
        """The key loads and is the owner's; making the connector asks the key and nobody else."""
        offer = self._registry.offer("chain", self._chain.connector)
        try:
            made = offer.factory(self._chain.config, self._wiring.context(self._chain, endpoint))
        except HoploopError as error:
            field = "key" if isinstance(error, SignerUnavailable) else "endpoint"
            self.problems.append(Problem.of(error, "chains", self._chain.id, field))
        else:
            stack.push_async_callback(made.close)

    async def _is_ours(self, examiner: Examiner) -> bool | None:
        """None when the node does not answer."""
        try:
            facts = await examiner.client.open()
        except HoploopError as error:
            self.problems.append(Problem.of(error, "chains", self._chain.id, "endpoint"))
            return None
        self.facts.append(f"{facts.client} at {facts.head.number}")
        if facts.identity == self._chain.identity:
            return True
        message = f"the endpoint is chain {facts.identity}, the recipe says {self._chain.identity}"
        self._found("G401", "chains", self._chain.id, _IDENTITY[self._chain.family], message)
        return False

    async def _parts(self, examiner: Examiner, wall_ns: int, ours: bool | None) -> None:
        """On another chain, or without one, every address would be wrong: only the routes are asked then."""
        plan, chain, client = self._plan, self._chain, examiner.client
        venues, lenders = self._wiring.venues(chain), self._wiring.lenders(chain)
        async with asyncio.TaskGroup() as group:

            def look(section: Section, name: str, part: Part) -> None:
                self.pending[f"{section} {name}"] = (section, name)
                group.create_task(self._guarded(section, name, part))

            if ours:
                look("chains", chain.id, self._examined(examiner, wall_ns, venues, lenders))
                look("strategies", "", self._funds(client))
                for name, venue in venues.items():
                    look("venues", name, self._pools(client, name, venue))
                for name, lender in lenders.items():
                    look("lenders", name, self._told(funds.lendable(plan, chain, client, name, lender)))
            for item in plan.routes:
                if item.chain == chain.id and ours is not None:
                    look("routes", item.id, self._route(item, client))

    async def _guarded(self, section: Section, name: str, part: Part) -> None:
        try:
            await part
        except HoploopError as error:
            at: tuple[Section, str] = (section, name) if name else ("chains", self._chain.id)
            field = "" if section != "routes" else "key" if isinstance(error, SignerUnavailable) else "url"
            self.problems.append(Problem.of(error, *at, field))
        self.pending.pop(f"{section} {name}", None)

    async def _examined(
        self, examiner: Examiner, wall_ns: int, venues: Mapping[str, Venue], lenders: Mapping[str, Lender]
    ) -> None:
        orders = {
            strategy.id: order
            for strategy in self._plan.strategies
            if strategy.chain == self._chain.id and (order := self._largest(strategy, venues, lenders)) is not None
        }
        found = await examiner.examine(wall_ns, orders)
        self.problems += (self._doubted(doubt) for doubt in found.doubts)
        self.facts += found.facts

    def _doubted(self, doubt: Doubt) -> Problem:
        section: Section = "assets" if doubt.asset else "chains"
        return Problem(
            code=doubt.code, message=doubt.message, section=section, id=doubt.asset or self._chain.id,
            field=doubt.field, warning=doubt.warning,
        )  # fmt: skip

    def _largest(
        self, strategy: StrategyPlan, venues: Mapping[str, Venue], lenders: Mapping[str, Lender]
    ) -> Order | None:
        measure = self._registry.offer("chain", self._chain.connector).measure
        if measure is None:
            return None
        routes = [item for item in self._plan.routes if item.id in strategy.routes]
        tip = max((self._costs(item) for item in routes), key=lambda costs: costs.max_tip, default=Costs())
        material = Material(
            strategy=strategy.id,
            chain=strategy.chain,
            base=strategy.base,
            hops=range(strategy.min_hops, strategy.max_hops + 1),
            pools=[pool for pool in self._plan.pools if pool.id in set(strategy.pools)],
            venues=venues,
            lenders={name: lenders[name] for name in strategy.lenders if strategy.base in lenders[name].terms().assets},
            tip=tip.max_tip,
            tip_account=tip.tip_account if tip.max_tip else "",
        )
        found = largest(material, lambda order: measure(self._chain.config, self._scope, order))
        return None if found is None else found.order

    def _costs(self, item: ItemPlan) -> Costs:
        costs: Callable[[Any], Costs] | None = self._registry.offer("route", item.connector).costs
        return Costs() if costs is None else costs(item.config)

    async def _funds(self, client: Any) -> None:
        found, fact = await funds.fees(self._plan, self._chain, client)
        self.problems += found
        self.facts += [fact] if fact else []
        await self._told(funds.capital(self._plan, self._chain, client))

    async def _told(self, part: Coroutine[Any, Any, tuple[list[Problem], list[str]]]) -> None:
        found, facts = await part
        self.problems += found
        self.facts += facts

    async def _pools(self, client: Any, name: str, venue: Venue) -> None:
        """All at once; one by one when something is wrong with one of them."""
        pools = venue.pools()
        try:
            await venue.snapshot(client, pools)
        except (PermanentError, DecodeError):
            turns = asyncio.Semaphore(_AT_ONCE)
            async with asyncio.TaskGroup() as group:
                for pool in pools:
                    group.create_task(self._pool(client, name, venue, pool, turns))
        else:
            self.facts.append(f"{name}: {len(pools)} pools are as the recipe says")

    async def _pool(self, client: Any, name: str, venue: Venue, pool: PoolSpec, turns: asyncio.Semaphore) -> None:
        async with turns:
            try:
                await venue.snapshot(client, [pool])
            except HoploopError as error:
                field = _FIELD.match(error.message)
                short = pool.id.removeprefix(f"{name}/")
                self.problems.append(Problem.of(error, "venues", name, field[1] if field else "", short))

    async def _route(self, item: ItemPlan, client: Any) -> None:
        route = self._wiring.route(item, self._chain, client)
        if isinstance(route, Answers):
            self.facts.append(f"{item.id}: {await route.reach()}")

    def _found(
        self, code: str, section: Section, id: str, field: str, message: str, *, warning: bool = False
    ) -> None:
        self.problems.append(
            Problem(code=code, message=message, section=section, id=id, field=field, warning=warning)
        )
