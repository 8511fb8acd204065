"""Contracts between the engine and connectors; none has more than four methods.

Venues and lenders are pure after construction (their config says everything), so compile can ask
them for pools and terms without I/O. Everything that talks to the outside takes a client.
A `Step` is one family's building block (a Solana instruction, an executor call): venues and lenders
of a family make it, the composer of the same family consumes it, the engine only carries it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import msgspec

from hoploop.model.chain import ChainFacts, Head, Outcome, SignedTx, Simulation
from hoploop.model.market import Leg, Opportunity, PoolSnapshot, PoolSpec, RawUpdate

Step = Any
Client = Any
"""The family's concrete client, for connectors of the same family."""

Permit = Callable[[], None]
"""Raises `GateClosed`; a route calls it in the last line before bytes leave, each time they leave."""


class Updates(msgspec.Struct, frozen=True):
    """Raw updates that arrived together, in chain order."""

    at_ns: int
    number: int
    items: tuple[RawUpdate, ...]


class Drained(NamedTuple):
    """What the native market made of updates that waited."""

    batch: Any
    """The native `Batch`."""
    at_ns: int
    """When the oldest of them was read; 0 when nothing waited."""
    keys: Sequence[bytes]
    """Doors, one for each update."""


class Waiting(msgspec.Struct, frozen=True):
    """Updates that a native reader decoded and keeps, in chain order; whoever owns the native market takes them."""

    number: int
    """Newest block or slot heard of."""
    drain: Callable[[Any], Drained]


class Gap(msgspec.Struct, frozen=True):
    """State cannot be trusted from here on: a missed block or slot, a reconnect, a reorg from nobody knows where."""

    why: str
    number: int


class Reorg(msgspec.Struct, frozen=True):
    """Every block (slot) after `number` was taken back. Updates that follow are of the branch that replaces them, and
    none of its updates came before."""

    why: str
    number: int


FeedEvent = Updates | Waiting | Head | Gap | Reorg


class Feed(Protocol):
    """Pushes raw updates. Reconnects with back-off inside; a `Gap` says that something may have been missed."""

    def stream(self, doors: Sequence[bytes]) -> AsyncIterator[FeedEvent]: ...


class ChainClient(Protocol):
    """Asks one chain. Errors are `TransientError` or `PermanentError`; answers are bounded and checked."""

    async def open(self) -> ChainFacts: ...
    async def simulate(self, tx: SignedTx) -> Simulation: ...
    async def outcome(self, tx: SignedTx) -> Outcome | None:
        """None while it may still land; `expired` only when it never can."""
        ...

    async def balance(self, asset_address: str) -> int:
        """Own funds a swap can start from (executor contract, wallet token account); "" is the signer's native coin."""
        ...


class Venue(Protocol):
    """A set of pools of one kind. Pure but for `snapshot`."""

    def pools(self) -> Sequence[PoolSpec]: ...
    async def snapshot(self, client: Client, pools: Sequence[PoolSpec]) -> Sequence[PoolSnapshot]:
        """Read whole states, all at one head; PermanentError when the chain contradicts the recipe (tokens, fee)."""
        ...

    def swap(self, leg: Leg) -> Sequence[Step]: ...


class LenderTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Price of a flash loan: `max(min_fee, round(amount * fee_num / fee_den))`."""

    assets: tuple[str, ...]
    fee_num: int
    fee_den: int
    rounding: Literal["up", "half_up", "down"]
    min_fee: int
    units: int


class Loan(msgspec.Struct, frozen=True):
    """Steps around the swaps: borrow before, repay after (empty where the executor repays by itself)."""

    before: tuple[Step, ...]
    after: tuple[Step, ...]


class Lender(Protocol):
    """Lends within one transaction. Pure but for `available`."""

    def terms(self) -> LenderTerms: ...
    def loan(self, asset: str, amount: int, fee: int) -> Loan: ...
    async def available(self, client: Client, asset: str) -> int:
        """Most that can be borrowed now, base units; 0 when disabled."""
        ...


class RouteTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a route asks of a transaction."""

    tip_accounts: tuple[str, ...] = ()
    """Where a tip goes; empty when the route takes none."""
    min_tip: int = 0
    tip_share_num: int = 0
    tip_share_den: int = 1
    max_tip: int = 0
    atomic: bool = False
    """True when a failing transaction never lands (bundles)."""


class Route(Protocol):
    """Sends signed transactions somewhere. Rejected / RateLimited / Unreachable say why it did not."""

    def terms(self) -> RouteTerms: ...
    async def submit(self, tx: SignedTx, permit: Permit) -> str:
        """Send; returns the route's own reference (bundle id or hash). Calls `permit()` last before bytes leave."""
        ...

    async def status(self, reference: str) -> str:
        """The route's own word, for the log only; the chain decides outcomes."""
        ...


class Bid(msgspec.Struct, frozen=True, kw_only=True):
    """What a transaction shall do, what it must gain and what it may pay."""

    opportunity: Opportunity
    min_gain: int
    """The transaction must fail on chain unless the profit asset grows by at least this (flash fee paid)."""
    tip: int
    tip_account: str


class Order(Bid, frozen=True, kw_only=True):
    """A bid with everything a composer turns into one transaction."""

    steps: tuple[Step, ...]
    loan: Loan | None
    loan_amount: int


class Composer(Protocol):
    """Turns orders into signed transactions; owns blockhash, nonce and fee policy of one chain.

    `refresh` runs beside the hot path; `compose` and `sign` are synchronous and do no I/O.
    """

    async def refresh(self, client: Client) -> None: ...
    def compose(self, order: Order) -> Draft: ...
    def sign(self, draft: Draft) -> SignedTx: ...
    def fees(self) -> FeeTerms: ...


@runtime_checkable
class Fills(Protocol):
    """A composer that keeps the transactions it composed as native templates, by route shape, offers this too."""

    def fill(self, bid: Bid) -> SignedTx | None:
        """The bytes `compose` and `sign` would give, without steps; None while the shape was never composed.

        Synchronous. BuildError as `compose`.
        """
        ...


@runtime_checkable
class Releases(Protocol):
    """A composer that reserves something for each signed transaction (a nonce) offers this too."""

    def release(self, tx: SignedTx) -> None:
        """The transaction will never be sent: what it held is free again. Synchronous."""
        ...


class Draft(Protocol):
    """An unsigned transaction of one family."""

    def text(self) -> Sequence[str]:
        """Stable, reviewable lines: every instruction or call with accounts and bytes."""
        ...


class FeeTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How planned units become a network fee, in native base units.

    `base_fee + ceil((base_units + Σ units) * price_num / price_den)`
    """

    base_fee: int
    base_units: int
    price_num: int
    price_den: int
    charged: Literal["used", "limit"] = "used"
    """What the chain charges for: the units a transaction used (EVM) or the limit it asked for (Solana). A composer
    that is charged by limit asks for exactly `base_units + Σ units`."""
    most_num: int = 1
    most_den: int = 1
    """The limit a composer asks for over the planned units: no transaction costs more than that."""

    def most(self, planned: int) -> int:
        """Most that a transaction with a planned network fee can cost."""
        return -(-planned * self.most_num // self.most_den)


class Load(msgspec.Struct, frozen=True):
    """One size of a transaction and the most its chain takes: bytes, accounts, units."""

    what: str
    value: int
    limit: int


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """Something a chain says that does not go with the recipe."""

    message: str
    field: str = ""
    """Way to the field of the item, such as `lookup_tables[0]`; empty for the whole item."""
    asset: str = ""
    """Id of the asset it is about; empty for the chain item itself."""
    code: str = "R451"
    warning: bool = False


class Examined(msgspec.Struct, frozen=True):
    """What came of an examination: doubts, and facts worth a line each."""

    doubts: tuple[Doubt, ...]
    facts: tuple[str, ...] = ()


class Examiner(Protocol):
    """Compares a recipe with its chain. Holds no key and sends nothing."""

    @property
    def client(self) -> Client:
        """The family's client, for venues, lenders and routes of the same family."""
        ...

    async def examine(self, wall_ns: int, orders: Mapping[str, Order]) -> Examined:
        """Contracts, assets, tables and clock; `orders` are the largest of each strategy. ConnectorError when the
        chain does not answer."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Answers(Protocol):
    """A route that can be asked whether it is there offers this too."""

    async def reach(self) -> str:
        """One harmless question; what it says of itself. RouteError or ConnectorError when it does not answer."""
        ...


class Chain(Protocol):
    """Everything one chain connector brings, wired together by its factory."""

    @property
    def client(self) -> ChainClient: ...
    @property
    def feed(self) -> Feed: ...
    @property
    def composer(self) -> Composer: ...
    async def close(self) -> None: ...
