"""Compares a recipe with its cluster: mints, lookup tables, programs' clock; no key, nothing sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solders.address_lookup_table_account import AddressLookupTableAccount

from hoploop.errors import ConnectorError, MissingLookupTable, TransactionTooLarge
from hoploop.plugin.connector import ExaminerContext
from hoploop.plugin.kinds import Doubt, Examined, Load, Order
from hoploop_solana._shared.accounts import Account, Accounts, read_accounts
from hoploop_solana._shared.addresses import TOKEN, key, token_account
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.wire import Wire
from hoploop_solana.solana.client import SolanaClient
from hoploop_solana.solana.config import SolanaConfig
from hoploop_solana.solana.lookup import usable_tables
from hoploop_solana.solana.measure import sizes, steps_of
from hoploop_solana.solana.memory import Memory

MINT_SIZE = 82
DECIMALS_AT = 44
"""Of an SPL mint: authority option 4, authority 32, supply 8, decimals 1 (spl-token, state.rs)."""
MOST_SKEW_S = 30
"""Validators' clocks are bounded by votes; a cluster that is further off stands still, or this machine's clock is
wrong."""
_BACK = (0, 1, 2, 32)
"""Slots behind the newest whose block time is asked for, until one is told."""


class SolanaExaminer:
    """One node, asked on behalf of an owner whose key is not needed."""

    def __init__(self, config: SolanaConfig, context: ExaminerContext) -> None:
        self._config, self._scope, self._embedded = config, context.scope, context.embedded
        self._owner = key(context.scope.owner, "owner")
        self._wire = Wire(timeout_ms=config.timeout)
        self._client = SolanaClient(JsonRpc(self._wire, context.endpoint), self._owner, Memory())

    @property
    def client(self) -> SolanaClient:
        """Asks the node."""
        return self._client

    async def examine(self, wall_ns: int, orders: Mapping[str, Order]) -> Examined:
        """Assets are SPL mints with these decimals and the owner has accounts for them; tables exist and hold what
        the largest transactions need; the cluster's clock is this machine's."""
        doubts = [*await self._assets(), *await self._clock(wall_ns)]
        tables, missing = await self._tables()
        facts: list[str] = []
        for strategy, order in orders.items():
            try:
                doubt, fact = self._fits(strategy, order, tables)
            except TransactionTooLarge as error:
                doubt, fact = Doubt(code=error.code, message=f"strategy {strategy}: {error.message}"), ""
            doubts += [doubt] if doubt is not None else []
            facts += [fact] if fact else []
        return Examined((*doubts, *missing), tuple(facts))

    async def close(self) -> None:
        """Close the HTTP pool."""
        await self._wire.close()

    async def _assets(self) -> list[Doubt]:
        assets = list(self._scope.assets.values())
        mints = [key(asset.address, asset.id) for asset in assets]
        answer = await read_accounts(self._client.rpc, [*mints, *(token_account(self._owner, mint) for mint in mints)])
        found = zip(assets, answer.items[: len(mints)], answer.items[len(mints) :], strict=True)
        return [
            Doubt(message=message, field=field, asset=asset.id)
            for asset, mint, wallet in found
            for field, message in _asset(asset.decimals, mint, wallet)
        ]

    async def _clock(self, wall_ns: int) -> list[Doubt]:
        if self._embedded:
            return []
        slot = (await self._client.open()).head.number
        seconds = await self._block_time(slot)
        off = 0 if seconds is None else seconds - wall_ns // 10**9
        if abs(off) <= MOST_SKEW_S:
            return []
        side = "ahead of" if off > 0 else "behind"
        return [Doubt(code="R454", message=f"block {slot} is {abs(off)} s {side} our clock")]

    async def _block_time(self, slot: int) -> int | None:
        """Of the newest block that has one: a slot may be empty, its block not there yet or there no longer. None when
        the node keeps no times.
        """
        for back in _BACK:
            try:
                seconds: int | None = await self._client.rpc.read("getBlockTime", [max(slot - back, 0)], int | None)
            except ConnectorError:
                continue
            if seconds is not None:
                return seconds
        return None

    async def _tables(self) -> tuple[list[AddressLookupTableAccount], list[Doubt]]:
        keys = [key(text, "lookup_tables") for text in self._config.lookup_tables]
        answer = await read_accounts(self._client.rpc, keys, "confirmed")
        tables: list[AddressLookupTableAccount] = []
        missing: list[Doubt] = []
        for at, (own, account) in enumerate(zip(keys, answer.items, strict=True)):
            try:
                tables += usable_tables((own,), Accounts(answer.slot, (account,)))
            except MissingLookupTable as error:
                missing.append(Doubt(code=error.code, message=error.message, field=f"lookup_tables[{at}]"))
        return tables, missing

    def _fits(
        self, strategy: str, order: Order, tables: Sequence[AddressLookupTableAccount]
    ) -> tuple[Doubt | None, str]:
        steps = steps_of(self._config, self._scope, order)
        tip = key(order.tip_account, "tip account") if order.tip_account else None
        usable = [table for table in tables if tip not in table.addresses]
        bare, with_tables = sizes(steps, (), self._scope), sizes(steps, usable, self._scope)
        over = [load for load in with_tables if load.value > load.limit]
        path = " > ".join(leg.pool for leg in order.opportunity.legs)
        doubt = Doubt(code="C211", message=f"strategy {strategy}: {_said(over)}: {path}") if over else None
        saved = bare[0].value - with_tables[0].value
        fact = f"strategy {strategy}: {_said(with_tables)}, {saved} bytes saved by lookup tables"
        return doubt, fact


def _said(loads: Sequence[Load]) -> str:
    return ", ".join(f"{load.value} of {load.limit} {load.what}" for load in loads)


def _asset(decimals: int, mint: Account | None, wallet: Account | None) -> Iterator[tuple[str, str]]:
    if mint is None:
        yield "address", "there is no such mint on this chain"
    elif mint.owner != str(TOKEN) or len(mint.data) != MINT_SIZE:
        yield "address", f"this is no mint of the SPL Token program; it belongs to {mint.owner}"
    else:
        if mint.data[DECIMALS_AT] != decimals:
            yield "decimals", f"the mint has {mint.data[DECIMALS_AT]} decimals, the recipe says {decimals}"
        if wallet is None:
            yield "address", "the owner has no token account for this mint; swaps into it would fail"
