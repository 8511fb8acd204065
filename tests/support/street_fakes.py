"""Small fakes of the engine's contracts, and one street put together from them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hoploop.engine.kit import ChainKit
from hoploop.engine.market import ChainMarket
from hoploop.engine.memory import Memory
from hoploop.engine.ports import Ports
from hoploop.engine.street import Street
from hoploop.engine.tips import policy_of, worst
from hoploop.errors import GateClosed
from hoploop.model.attempts import Attempt
from hoploop.model.chain import ChainFacts, Head, Outcome, SignedTx, Simulation
from hoploop.model.events import AttemptAdvanced, Event, OpportunityRefused
from hoploop.model.market import Leg, Opportunity, PoolSnapshot, PoolSpec, RawUpdate
from hoploop.model.money import Asset
from hoploop.model.states import AttemptState, GateState
from hoploop.plugin.connector import ItemConfig
from hoploop.plugin.kinds import FeeTerms, LenderTerms, Loan, Order, RouteTerms, Updates
from hoploop.recipe.plan import ChainPlan, ItemPlan, Plan, RiskPlan, StrategyPlan

BLOCK = 100
SEQ = BLOCK << 20
MS = 1_000_000


@dataclass
class FakeClock:
    """Time that moves only when a test says so."""

    now_ns: int = 1_000 * MS
    wall: int = 1_700_000_000 * 1_000_000_000

    def mono_ns(self) -> int:
        return self.now_ns

    def wall_ns(self) -> int:
        return self.wall


@dataclass
class FakeGate:
    """A gate that notes in `story` when it is asked."""

    story: list[str]
    state: GateState = GateState.ARMED
    trips: list[tuple[str, str]] = field(default_factory=list)
    before_permit: Callable[[], None] = lambda: None
    by: str = ""

    def permit(self) -> None:
        self.before_permit()
        self.story.append("permit")
        if self.state is not GateState.ARMED:
            raise GateClosed({"dry": "G101", "paused": "G102", "tripped": "G103"}[self.state.value], self.state.value)

    def trip(self, reason: str, by: str) -> None:
        self.state = GateState.TRIPPED
        self.trips.append((reason, by))

    def pause(self, by: str) -> None:
        self.state, self.by = GateState.PAUSED, by

    def resume(self, by: str) -> None:
        self.state, self.by = GateState.ARMED, by


@dataclass
class FakeBook:
    """A ledger in memory."""

    story: list[str]
    intents: list[Attempt] = field(default_factory=list)
    lost: dict[str, int] = field(default_factory=dict)
    fees: dict[str, int] = field(default_factory=dict)
    fails: Exception | None = None
    during_intend: Callable[[], None] = lambda: None
    last_id: int = 0

    async def intend(self, attempt: Attempt) -> None:
        await asyncio.sleep(0)
        if self.fails is not None:
            raise self.fails
        self.story.append("intend")
        self.intents.append(attempt)
        self.during_intend()

    def next_attempt_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def fees_today(self, asset: str) -> int:
        return self.fees.get(asset, 0)

    def lost_today(self, asset: str) -> int:
        return self.lost.get(asset, 0)


@dataclass
class FakeClient:
    """Answers with what a test put in. `outcomes` are given one a question; when they run out, None."""

    story: list[str]
    simulation: Simulation | Exception = field(default_factory=lambda: Simulation(ok=True, units=200, gained=1_000))
    outcomes: list[Outcome | Exception | None] = field(default_factory=list)
    asked: list[SignedTx] = field(default_factory=list)
    balances: dict[str, int] = field(default_factory=dict)

    async def open(self) -> ChainFacts:
        return ChainFacts(identity="1", head=Head(number=BLOCK))

    async def simulate(self, tx: SignedTx) -> Simulation:
        self.story.append("simulate")
        await asyncio.sleep(0)
        if isinstance(self.simulation, Exception):
            raise self.simulation
        return self.simulation

    async def outcome(self, tx: SignedTx) -> Outcome | None:
        self.asked.append(tx)
        await asyncio.sleep(0)
        answer = self.outcomes.pop(0) if self.outcomes else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def balance(self, asset_address: str) -> int:
        return self.balances.get(asset_address, 0)


class FakeDraft:
    """The order as its only line."""

    def __init__(self, order: Order) -> None:
        self.order = order

    def text(self) -> Sequence[str]:
        return [repr(self.order.steps)]


@dataclass
class FakeComposer:
    """Numbers its transactions; remembers what was given back."""

    story: list[str]
    terms: FeeTerms = field(
        default_factory=lambda: FeeTerms(base_fee=0, base_units=0, price_num=1, price_den=2, charged="used")
    )
    orders: list[Order] = field(default_factory=list)
    released: list[SignedTx] = field(default_factory=list)
    fails: Exception | None = None

    async def refresh(self, client: Any) -> None:
        return

    def compose(self, order: Order) -> FakeDraft:
        if self.fails is not None:
            raise self.fails
        self.orders.append(order)
        return FakeDraft(order)

    def sign(self, draft: Any) -> SignedTx:
        self.story.append("sign")
        n = len(self.orders)
        return SignedTx(chain="eth", id=f"tx{n}", raw=b"raw", expires=BLOCK + 10, nonce=n)

    def fees(self) -> FeeTerms:
        return self.terms

    def release(self, tx: SignedTx) -> None:
        self.released.append(tx)


@dataclass
class FakeVenue:
    """Swaps by naming the pool."""

    specs: tuple[PoolSpec, ...]

    def pools(self) -> Sequence[PoolSpec]:
        return self.specs

    async def snapshot(self, client: Any, pools: Sequence[PoolSpec]) -> Sequence[PoolSnapshot]:
        return [PoolSnapshot(pool.id, SEQ, b"state") for pool in pools]

    def swap(self, leg: Leg) -> Sequence[Any]:
        return [("swap", leg.pool)]


class FakeLender:
    """Has a million, takes nothing."""

    def terms(self) -> LenderTerms:
        return LenderTerms(assets=("weth",), fee_num=0, fee_den=1, rounding="up", min_fee=0, units=50)

    def loan(self, asset: str, amount: int, fee: int) -> Loan:
        return Loan(before=(("borrow", amount),), after=(("repay", amount + fee),))

    async def available(self, client: Any, asset: str) -> int:
        return 1_000_000


@dataclass
class FakeRoute:
    """Asks the gate and then takes the transaction, or fails before or after asking."""

    story: list[str]
    name: str
    route_terms: RouteTerms = field(default_factory=RouteTerms)
    fails_before: Exception | None = None
    fails_after: Exception | None = None
    asks: bool = True
    taken: list[SignedTx] = field(default_factory=list)
    hold: asyncio.Event | None = None

    def terms(self) -> RouteTerms:
        return self.route_terms

    async def submit(self, tx: SignedTx, permit: Callable[[], None]) -> str:
        await asyncio.sleep(0)
        if self.fails_before is not None:
            raise self.fails_before
        if self.asks:
            permit()
        self.story.append(f"bytes {self.name}")
        self.taken.append(tx)
        if self.hold is not None:
            await self.hold.wait()
        if self.fails_after is not None:
            raise self.fails_after
        return "reference"

    async def status(self, reference: str) -> str:
        return "seen"


@dataclass
class FakeCandidate:
    """The native module's winner, as plain data."""

    legs: tuple[tuple[int, bool, int, int], ...]
    search: int = 0
    amount_in: int = 10_000
    gross: int = 1_100
    lender: int = -1
    flash_fee: int = 0
    units: int = 200
    network_fee: int = 100
    tip: int = 0
    net: int = 1_000
    seq: int = SEQ


@dataclass
class FakeBatch:
    """What one `on_batch` did."""

    candidates: list[FakeCandidate] = field(default_factory=list)
    applied: int = 0
    ignored: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    dropped: Mapping[str, int] = field(default_factory=dict)


class FakeMarket:
    """The native module's API; returns the batches a test put in `batches`, and of `roll_back` the pools in `reach`."""

    def __init__(self) -> None:
        self.names: dict[str, list[Any]] = {"asset": [], "pool": [], "lender": [], "search": []}
        self.batches: list[FakeBatch] = []
        self.seen: list[tuple[bytes, int, bytes]] = []
        self.fresh: dict[int, bool] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.lost = 0
        self.reach: tuple[list[int], list[int]] = ([], [])

    def _add(self, kind: str, *values: Any) -> int:
        self.names[kind].append(values)
        return len(self.names[kind]) - 1

    def add_asset(self, name: str) -> int:
        return self._add("asset", name)

    def add_pool(self, *values: Any) -> int:
        return self._add("pool", *values)

    def add_lender(self, *values: Any) -> int:
        return self._add("lender", *values)

    def add_search(self, *values: Any) -> int:
        return self._add("search", *values)

    def seal(self) -> Mapping[str, int]:
        return {"pools": len(self.names["pool"]), "edges": 0, "cycles": 1}

    def set_available(self, *values: Any) -> None:
        self.calls.append(("set_available", *values))

    def set_fees(self, *values: Any) -> None:
        self.calls.append(("set_fees", *values))

    def set_own_capital(self, *values: Any) -> None:
        self.calls.append(("set_own_capital", *values))

    def load(self, pool: int, seq: int, snapshot: bytes) -> bool:
        if snapshot == b"garbage":
            raise ValueError("snapshot refused: length")
        self.fresh[pool] = seq >= self.lost
        return self.fresh[pool]

    def snapshot(self, pool: int) -> bytes | None:
        return b"state" if self.fresh.get(pool) else None

    def mark_stale(self, pool: int) -> None:
        self.fresh[pool] = False

    def pool_state(self, pool: int) -> Mapping[str, Any]:
        return {"fresh": self.fresh.get(pool, False), "seq": SEQ}

    def suppress(self, *values: Any, until: int) -> None:
        self.calls.append(("suppress", *values, until))

    def set_time(self, now: int) -> None:
        self.calls.append(("set_time", now))

    def suppressed(self) -> list[Any]:
        return []

    def roll_back(self, to: int) -> tuple[list[int], list[int], FakeBatch]:
        self.calls.append(("roll_back", to))
        restored, stale = self.reach
        for pool in stale:
            self.fresh[pool] = False
        return restored, stale, self.batches.pop(0) if self.batches else FakeBatch()

    def on_batch(self, updates: Iterable[tuple[bytes, int, bytes]]) -> FakeBatch:
        self.seen += list(updates)
        return self.batches.pop(0) if self.batches else FakeBatch()


def pool(name: str, venue: str = "uni", asset0: str = "weth", asset1: str = "usdc") -> PoolSpec:
    return PoolSpec(
        id=f"{venue}/{name}", chain="eth", venue=venue, address=f"0x{name}", asset0=asset0, asset1=asset1,
        curve="constant_product", decoder="uniswap_v2", fee_num=3, fee_den=1000, units=100, doors=(name.encode(),),
    )


POOLS = tuple(pool(name, venue) for name, venue in (("a", "uni"), ("b", "sushi"), ("c", "uni"), ("d", "sushi")))


def strategy(**changes: Any) -> StrategyPlan:
    base = StrategyPlan(
        id="cycles", chain="eth", base="weth", pools=tuple(one.id for one in POOLS), lenders=("balancer",),
        routes=("relay", "public"), route_policy="first", min_hops=2, max_hops=3, max_notional=100_000, min_profit=500,
        max_in_flight=4, cooldown_ms=0, budget=1000, simulate="always", cycles=1,
    )
    return msgspec.structs.replace(base, **changes)


def plan_of(one: StrategyPlan, *, daily_loss: int | None = None) -> Plan:
    chain_plan = ChainPlan(
        id="eth", family="evm", connector="evm", config=ItemConfig(id="eth"), identity="31337", endpoint="embedded",
        embedded=None, freshness_ms=100, freshness_blocks=None, key="embedded/key", owner="0x1",
    )
    item = {name: ItemPlan(id=name, chain="eth", connector=name, config=ItemConfig(id=name))
            for name in ("uni", "sushi", "balancer", "relay", "public")}
    return Plan(
        recipe="test", mode="paper", fingerprint="f00d", chains=(chain_plan,),
        assets=(Asset(id="weth", chain="eth", address="0xweth", symbol="WETH", decimals=18, wraps_native=True),
                Asset(id="usdc", chain="eth", address="0xusdc", symbol="USDC", decimals=6)),
        venues=(item["uni"], item["sushi"]), pools=POOLS, lenders=(item["balancer"],),
        routes=(item["relay"], item["public"]), strategies=(one,),
        risk=RiskPlan(daily_loss=() if daily_loss is None else (("weth", daily_loss),)),
    )


def opportunity(*names: str, **changes: Any) -> Opportunity:
    """Gross 1100, fee 100, net 1000 on 10000 through the named pools (default a, b)."""
    ids = [next(one.id for one in POOLS if one.id.endswith(f"/{name}")) for name in names or ("a", "b")]
    legs = tuple(
        Leg(pool=name, asset_in="weth" if at % 2 == 0 else "usdc", asset_out="usdc" if at % 2 == 0 else "weth",
            zero_for_one=at % 2 == 0, amount_in=10_000, amount_out=11_100)
        for at, name in enumerate(ids)
    )
    base = Opportunity(
        cause=1, chain="eth", strategy="cycles", asset="weth", legs=legs, amount_in=10_000, gross=1_100, lender=None,
        flash_fee=0, units=200, network_fee=100, tip=0, net=1_000, seq=SEQ, received_ns=1_000 * MS, found_ns=1_000 * MS,
    )
    return msgspec.structs.replace(base, **changes)


def landed(**changes: Any) -> Outcome:
    """Exactly what the default simulation predicts: gains 1000, costs 100."""
    base = Outcome(status="landed", number=BLOCK + 1, gained=1_000, network_fee=100, units=200, first=True)
    return msgspec.structs.replace(base, **changes)


class Scene:
    """One street with fakes all around, in sync and funded."""

    def __init__(
        self, *, daily_loss: int | None = None, risk: Mapping[str, Any] | None = None, ordered: bool = False,
        **changes: Any,
    ) -> None:
        self.story: list[str] = []
        self.clock, self.gate, self.book = FakeClock(), FakeGate(self.story), FakeBook(self.story)
        self.client, self.composer = FakeClient(self.story), FakeComposer(self.story)
        self.routes = {name: FakeRoute(self.story, name) for name in ("relay", "public")}
        self.events: list[Event] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.resyncs: list[str] = []
        self.native = FakeMarket()
        self.strategy = strategy(**changes)
        plan = plan_of(self.strategy, daily_loss=daily_loss)
        self.plan = msgspec.structs.replace(plan, risk=msgspec.structs.replace(plan.risk, **(risk or {})))
        venues = {name: FakeVenue(tuple(one for one in POOLS if one.venue == name)) for name in ("uni", "sushi")}
        self.kit = ChainKit(
            client=self.client, composer=self.composer, venues=venues, lenders={"balancer": FakeLender()},
            routes=self.routes,
        )
        ports = Ports(self.clock, self.events.append, self._spawn, self.gate, self.book)
        tips = {self.strategy.id: worst(policy_of(self.routes[name].terms()) for name in self.strategy.routes)}
        self.market = ChainMarket(
            self.plan, "eth", self.native, self.clock,  # type: ignore[arg-type]
            terms={"balancer": FakeLender().terms()}, tips=tips,
        )
        self.street = Street(
            self.plan.chains[0], self.plan, self.market, self.kit, ports,
            memory=Memory(self.plan, self.gate), request_resync=self.resyncs.append, ordered=ordered,
        )
        self.street.funds.set_own(1_000_000, {"weth": 1_000_000})
        self.street.funds.set_lendable("balancer", "weth", 1_000_000)

    def sync(self) -> None:
        """As after a first read of all pools."""
        self.street.on_event(Head(number=BLOCK, seen_ns=self.clock.now_ns))
        snapshots = [PoolSnapshot(one.id, SEQ, b"state") for one in POOLS]
        assert self.street.resynced(self.street.counters.gaps, snapshots, BLOCK)
        self.events.clear()

    async def take(self, *opportunities: Opportunity) -> None:
        """Consider them and let everything run to its end, with heads coming in."""
        if self.street.resyncing:
            self.sync()
        for one in opportunities:
            self.street.consider(one)
        await self.finish()

    async def finish(self, heads: int = 50) -> None:
        """Heads until every attempt is done."""
        for number in range(heads):
            if all(task.done() for task in self.tasks):
                break
            await asyncio.sleep(0)
            self.street.heads.see(Head(number=BLOCK + number, seen_ns=self.clock.now_ns))
        for task in self.tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def cancel(self) -> None:
        """As a second kill does."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    @property
    def moves(self) -> list[AttemptState]:
        """States in the order they were told."""
        return [event.attempt.state for event in self.events if isinstance(event, AttemptAdvanced)]

    @property
    def last(self) -> Attempt:
        """The newest record told."""
        return [event.attempt for event in self.events if isinstance(event, AttemptAdvanced)][-1]

    @property
    def refusals(self) -> list[str]:
        """Reasons risk gave."""
        return [event.reason for event in self.events if isinstance(event, OpportunityRefused)]

    def updates(self, *items: RawUpdate, number: int = BLOCK) -> Updates:
        return Updates(at_ns=self.clock.now_ns, number=number, items=items or (RawUpdate(b"a", SEQ, b"data"),))

    def _spawn(self, coro: Coroutine[Any, Any, None], name: str) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(coro, name=name))
