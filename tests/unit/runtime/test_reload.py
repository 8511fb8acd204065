"""A changed recipe is taken whole or not at all, and new components go on where the old ones stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

import msgspec
import pytest
from street_fakes import BLOCK, POOLS, SEQ, FakeVenue, Scene, plan_of, strategy

from hoploop.engine.memory import Memory
from hoploop.engine.ports import Ports
from hoploop.errors import ControlError
from hoploop.model.chain import ChainFacts, Head
from hoploop.model.events import Event, RecipeChanged, RecipeRefused
from hoploop.model.market import PoolSnapshot, PoolSpec
from hoploop.plugin.kinds import FeedEvent, Gap
from hoploop.recipe.diff import Change
from hoploop.recipe.plan import Plan
from hoploop.recipe.propose import Loaded, Proposal
from hoploop.runtime.chain_worker import ChainWorker
from hoploop.runtime.reload import Reloader, Request
from hoploop.runtime.wiring import WiredChain

SYNC = bytes.fromhex("1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1")
SPECS = tuple(msgspec.structs.replace(one, doors=(bytes([n]) * 20 + SYNC,)) for n, one in enumerate(POOLS))
PLAN = msgspec.structs.replace(plan_of(strategy()), pools=SPECS, fingerprint="old")
SLOWER = msgspec.structs.replace(
    PLAN, fingerprint="new", chains=tuple(msgspec.structs.replace(one, freshness_ms=200) for one in PLAN.chains)
)
"""Needs new components."""
CHANGE = Change(way=("chains", "eth", "freshness"), before='"100ms"', after='"200ms"', apply="component",
                raises_risk=False)  # fmt: skip


class Reserves(FakeVenue):
    """Pairs whose whole state is two numbers."""

    async def snapshot(self, client: Any, pools: Sequence[PoolSpec]) -> Sequence[PoolSnapshot]:
        return [PoolSnapshot(pool.id, SEQ, (10**9 << 112 | 10**9).to_bytes(32, "big")) for pool in pools]


class OneChain:
    """A chain and its feed in one."""

    def __init__(self, *events: FeedEvent) -> None:
        self._events = events or (Gap("subscribed", BLOCK), Head(number=BLOCK))
        self.streams = 0
        self.heard = asyncio.Event()
        self.closed = False

    @property
    def feed(self) -> OneChain:
        return self

    async def stream(self, doors: Sequence[bytes]) -> AsyncIterator[FeedEvent]:
        self.streams += 1
        self.heard.set()
        try:
            for event in self._events:
                yield event
            await asyncio.Event().wait()
        finally:
            self.streams -= 1

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed = True


class Staff:
    """Keeps tasks as a supervisor does."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.stopping = False

    def work(self, coro: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        self.tasks.append(asyncio.get_running_loop().create_task(coro, name=name))
        return self.tasks[-1]

    serve = work

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        for ended in await asyncio.gather(*self.tasks, return_exceptions=True):
            assert ended is None or isinstance(ended, asyncio.CancelledError), ended


class Shop:
    """A reloader over one chain, and what the next components will be like."""

    def __init__(self) -> None:
        self.scene, self.staff = Scene(), Staff()
        self.memory = Memory(PLAN, self.scene.gate)
        self.scene.client.balances = {"0xweth": 5_000}
        self.told: list[Event] = []
        self.ports = Ports(
            self.scene.clock, self.told.append, self.scene._spawn, self.scene.gate, self.scene.book
        )
        self.wanted, self.next = SLOWER, OneChain()
        self.venue: type[FakeVenue] = Reserves
        self.opening, self.may_open = asyncio.Event(), asyncio.Event()
        self.may_open.set()
        self.workers = {"eth": self.worker(self.wired(PLAN, OneChain()), PLAN)}
        self.reloader = Reloader(
            Loaded(PLAN, {}), self, self.workers, self.memory, self.told.append, self.staff,  # type: ignore[arg-type]
            wire=self.wire, staff=self.worker,
        )  # fmt: skip

    def wired(self, plan: Plan, chain: OneChain) -> WiredChain:
        venues = {name: self.venue(tuple(one for one in SPECS if one.venue == name)) for name in ("uni", "sushi")}
        return WiredChain(
            plan=plan.chains[0], chain=chain, facts=ChainFacts(identity="31337", head=Head(number=BLOCK)),  # type: ignore[arg-type]
            kit=msgspec.structs.replace(self.scene.kit, venues=venues),
        )  # fmt: skip

    def worker(self, wired: WiredChain, plan: Plan) -> ChainWorker:
        return ChainWorker(wired, plan, self.ports, self.staff, self.memory)  # type: ignore[arg-type]

    async def wire(self, plan: Plan, name: str) -> WiredChain:
        self.opening.set()
        await self.may_open.wait()
        return self.wired(plan, self.next)

    def replay(self, running: Any, changes: Sequence[Change]) -> Proposal:
        return Proposal(Loaded(self.wanted, {"changed": True}), tuple(changes))

    async def ask(self) -> dict[str, Any]:
        request = Request(changes=(CHANGE,), generation=1, fingerprint="new")
        return await self.reloader.asked(request, "me")

    async def refused(self) -> str:
        """The code; and that nothing is different but one line in the ledger."""
        before = self.reloader.recipe()
        with pytest.raises(ControlError) as error:
            await self.ask()
        assert self.reloader.recipe() == before
        assert not self.workers["eth"].street.closing
        assert [(one.code, one.fingerprint) for one in self.told if isinstance(one, RecipeRefused)] == [
            (error.value.code, "old")
        ]
        return error.value.code


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    yield shop
    await shop.staff.end()


async def test_new_components_take_the_place_of_the_old_ones(shop: Shop) -> None:
    old = shop.workers["eth"]
    assert (await shop.ask())["generation"] == 2
    assert shop.workers["eth"] is not old
    assert [type(one) for one in shop.told if isinstance(one, RecipeChanged | RecipeRefused)] == [RecipeChanged]
    await asyncio.sleep(0)
    assert shop.next.streams == 1, "one feed, that which is followed"


async def test_gains_of_the_old_components_are_not_missing_money_to_the_new_ones(shop: Shop) -> None:
    shop.workers["eth"].street.counters.gained["weth"] = 1_000
    await shop.ask()
    for _ in range(3):
        await shop.workers["eth"].prepare()
    assert shop.scene.gate.trips == []
    shop.scene.client.balances = {"0xweth": 4_999}
    for _ in range(2):
        await shop.workers["eth"].prepare()
    assert shop.scene.gate.trips == [("balance_mismatch", "eth")]


async def test_new_components_go_on_counting(shop: Shop) -> None:
    shop.workers["eth"].street.counters.refuse("rate")
    shop.workers["eth"].street.market.updates = 7
    await shop.ask()
    status = shop.workers["eth"].status()
    assert (status.attempts.refused, status.updates) == (1, 7)


async def test_pools_that_do_not_decode_are_found_before_anything_changes(shop: Shop) -> None:
    shop.venue = FakeVenue
    assert await shop.refused() == "G114"
    assert shop.next.closed


async def test_pools_the_market_does_not_take_are_found_before_anything_changes(shop: Shop) -> None:
    twice = (*SPECS, msgspec.structs.replace(SPECS[0], id="uni/again"))
    shop.wanted = msgspec.structs.replace(SLOWER, pools=twice)
    assert await shop.refused() == "G114"
    assert shop.next.closed


async def test_a_feed_that_tells_of_no_head_is_found_before_anything_changes(shop: Shop) -> None:
    shop.next = OneChain(*[Gap("connection lost", BLOCK)] * 20)
    assert await shop.refused() == "G114"
    assert (shop.next.closed, shop.next.streams) == (True, 0)


async def test_an_engine_that_ends_meanwhile_takes_nothing_any_more(shop: Shop) -> None:
    shop.staff.stopping = True
    assert await shop.refused() == "G107"
    assert shop.next.closed


async def test_components_are_closed_when_the_engine_cuts_a_change_off(shop: Shop) -> None:
    shop.next = OneChain(Gap("subscribed", BLOCK))
    asked = asyncio.ensure_future(shop.ask())
    await shop.next.heard.wait()
    shop.staff.tasks[-1].cancel()
    with pytest.raises(ControlError, match="did not come to its end"):
        await asked
    assert (shop.next.closed, shop.next.streams) == (True, 0)


async def test_a_change_beside_another_is_refused_and_told(shop: Shop) -> None:
    shop.may_open.clear()
    first = asyncio.ensure_future(shop.ask())
    await shop.opening.wait()
    assert await shop.refused() == "G111"
    shop.may_open.set()
    assert (await first)["generation"] == 2


async def test_a_change_goes_on_when_who_asked_for_it_goes_away(shop: Shop) -> None:
    shop.may_open.clear()
    asked = asyncio.ensure_future(shop.ask())
    await shop.opening.wait()
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked
    shop.may_open.set()
    await shop.staff.tasks[0]
    assert shop.reloader.generation == 2
