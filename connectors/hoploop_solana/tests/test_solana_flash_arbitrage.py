"""On the local chain: a flash loan, two swaps and the repayment land with exactly the predicted gain, cost and tip."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest

from hoploop.local.keys import local_seed
from hoploop.local.solana import names
from hoploop.local.solana.node import Addresses, Node, Settings
from hoploop.model.chain import SignedTx
from hoploop.model.market import Leg, Opportunity
from hoploop.model.money import Asset, Ratio
from hoploop.plugin.connector import ChainContext, ChainScope, RouteContext, Secrets
from hoploop.plugin.kinds import Order, Updates
from hoploop_solana.hoploop_amm.config import HoploopAmmConfig, Pool
from hoploop_solana.hoploop_amm.layout import PoolState, decode_pool
from hoploop_solana.hoploop_amm.venue import HoploopAmm
from hoploop_solana.hoploop_lend.config import HoploopLendConfig, Reserve
from hoploop_solana.hoploop_lend.lender import HoploopLend
from hoploop_solana.jito.config import TIP_ACCOUNTS, JitoConfig, TipPolicy
from hoploop_solana.jito.route import Jito
from hoploop_solana.solana.chain import SolanaChain
from hoploop_solana.solana.config import Fees, SolanaConfig
from hoploop_solana.solana_rpc.config import SolanaRpcConfig
from hoploop_solana.solana_rpc.route import SolanaRpc

pytestmark = pytest.mark.chain

WORLD = names.default_spec()
PROGRAMS = {program.name: program.address for program in WORLD.programs}
MINTS = {mint.address: mint.name for mint in WORLD.mints}
OWNER = WORLD.wallets[0].address
START_UNIX_S = 1_790_000_000
FLASH_FEE = Ratio(1, 100_000)


class Street(msgspec.Struct, kw_only=True):
    """A local chain and the connectors on it."""

    node: Node
    addresses: Addresses
    chain: SolanaChain
    scope: ChainScope
    venue: HoploopAmm
    lender: HoploopLend

    def route(self, kind: str) -> SolanaRpc | Jito:
        """A route to the local chain."""
        endpoint = self.addresses.jito if kind == "jito" else ""
        context = RouteContext(
            scope=self.scope, client=self.chain.client, endpoint=endpoint, secrets=Secrets(local_seed)
        )
        if kind == "solana_rpc":
            return SolanaRpc(SolanaRpcConfig(id="r", chain="sol"), context)
        tip = TipPolicy(share=Ratio(1, 10), min=1_000, max=10**7)
        return Jito(JitoConfig(id="j", chain="sol", url="embedded", tip=tip), context)

    async def states(self) -> dict[str, PoolState]:
        """Present pool states by pool id."""
        snapshots = await self.venue.snapshot(self.chain.client, self.venue.pools())
        return {snapshot.pool: decode_pool(snapshot.data) for snapshot in snapshots}

    async def opportunity(self, tip: int = 0) -> Opportunity:
        """The best two-pool cycle from SOL after enough traffic opened a spread."""
        for _ in range(200):
            self.node.step()
            best = best_cycle(await self.states())
            gross = best[-1].amount_out - best[0].amount_in
            amount = best[0].amount_in
            if gross - FLASH_FEE.ceil_of(amount) > 10**7:
                units = sum(pool.units for pool in self.venue.pools()[:2]) + self.lender.terms().units
                fees = self.chain.composer.fees()
                return Opportunity(
                    cause=1, chain="sol", strategy="s", asset="wsol", legs=best, amount_in=amount, gross=gross,
                    lender="lend", flash_fee=FLASH_FEE.ceil_of(amount), units=units, tip=tip,
                    network_fee=5_000 + -(-(fees.base_units + units) * fees.price_num // fees.price_den),
                    net=0, seq=self.node.bank.slot << 20, received_ns=0, found_ns=0,
                )  # fmt: skip
        raise AssertionError("traffic opened no spread")

    async def signed(self, found: Opportunity, *, min_gain: int | None = None) -> SignedTx:
        """The transaction for an opportunity; by default it must bring exactly what was predicted."""
        await self.chain.composer.refresh(self.chain.client)
        gain = found.gross - found.flash_fee
        order = Order(
            opportunity=found, steps=tuple(step for leg in found.legs for step in self.venue.swap(leg)),
            loan=self.lender.loan("wsol", found.amount_in, found.flash_fee), loan_amount=found.amount_in,
            min_gain=gain if min_gain is None else min_gain, tip=found.tip,
            tip_account=TIP_ACCOUNTS[3] if found.tip else "",
        )  # fmt: skip
        return self.chain.composer.sign(self.chain.composer.compose(order))


def quote(state: PoolState, forward: bool, amount: int) -> int:
    """Exact output of a swap, as the program computes it."""
    net = amount - -(-amount * state.fee_num // state.fee_den)
    source, target = (state.reserve_a, state.reserve_b) if forward else (state.reserve_b, state.reserve_a)
    return target * net // (source + net)


def best_cycle(states: dict[str, PoolState]) -> tuple[Leg, Leg]:
    """SOL → USDC → SOL through two pools, best over a grid of amounts."""
    sol_usdc = [name for name in states if name.startswith("amm/sol_usdc")]
    cycles = []
    for first in sol_usdc:
        for second in sol_usdc:
            for amount in (10**9 * n for n in (1, 5, 20, 60, 150)):
                middle = quote(states[first], True, amount)
                out = quote(states[second], False, middle)
                if first != second:
                    cycles.append((out - amount, (leg(first, True, amount, middle), leg(second, False, middle, out))))
    return max(cycles, key=lambda cycle: cycle[0])[1]


def leg(pool: str, forward: bool, amount_in: int, amount_out: int) -> Leg:
    """A swap between SOL and USDC."""
    tokens = ("wsol", "usdc") if forward else ("usdc", "wsol")
    return Leg(
        pool=pool, asset_in=tokens[0], asset_out=tokens[1], zero_for_one=forward,
        amount_in=amount_in, amount_out=amount_out,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def street() -> AsyncIterator[Street]:
    """A local chain without a clock of its own: tests step it."""
    node = Node(Settings(seed=7, slot_ms=200, traffic=True), start_unix_s=START_UNIX_S)
    config = SolanaConfig(
        id="sol", genesis=WORLD.genesis, fees=Fees(unit_price=1_000), lookup_tables=(WORLD.lookup_table.address,)
    )
    assets = {
        mint.name: Asset(id=mint.name, chain="sol", address=mint.address, symbol=mint.name, decimals=mint.decimals)
        for mint in WORLD.mints
    }
    scope = ChainScope(chain_id="sol", identity=WORLD.genesis, assets=assets, settings=config, owner=OWNER)
    pools = tuple(
        Pool(
            name=pool.name, address=pool.address, token0=MINTS[pool.mint_a], token1=MINTS[pool.mint_b],
            vault0=pool.vault_a, vault1=pool.vault_b, fee=Ratio(pool.fee_num, pool.fee_den),
        )
        for pool in WORLD.pools
    )  # fmt: skip
    reserve = Reserve(asset="wsol", reserve=WORLD.reserves[0].address, vault=WORLD.reserves[0].vault)
    lend = HoploopLendConfig(id="lend", chain="sol", program=PROGRAMS["lend"], fee=FLASH_FEE, reserves=(reserve,))
    async with node.serving() as addresses:
        chain = SolanaChain(
            config,
            ChainContext(
                scope=scope, endpoint=addresses.rpc, secrets=Secrets(local_seed), key="solana/executor",
                extras={"ws": addresses.ws},
            ),
        )  # fmt: skip
        try:
            yield Street(
                node=node, addresses=addresses, chain=chain, scope=scope, lender=HoploopLend(lend, scope),
                venue=HoploopAmm(HoploopAmmConfig(id="amm", chain="sol", program=PROGRAMS["amm"], pools=pools), scope),
            )  # fmt: skip
        finally:
            await chain.close()


def allowed() -> None:
    """A permit that lets everything pass."""


async def test_the_chain_says_who_it_is() -> None:
    async with street() as s:
        facts = await s.chain.client.open()
        assert (facts.identity, facts.head.number) == (WORLD.genesis, s.node.bank.slot)


async def test_the_lender_offers_what_its_vault_holds() -> None:
    async with street() as s:
        assert await s.lender.available(s.chain.client, "wsol") == WORLD.reserves[0].liquidity


@pytest.mark.parametrize(("kind", "tip"), [("solana_rpc", 0), ("jito", 5_000)])
async def test_a_flash_arbitrage_lands_with_exactly_the_predicted_gain_fee_and_tip(kind: str, tip: int) -> None:
    async with street() as s:
        mint = s.scope.assets["wsol"].address
        before, lamports = await s.chain.client.balance(mint), await s.chain.client.balance("")
        found = await s.opportunity(tip)
        gain = found.gross - found.flash_fee
        tx = await s.signed(found)
        simulation = await s.chain.client.simulate(tx)
        assert (simulation.ok, simulation.gained, simulation.error) == (True, gain, "")
        reference = await s.route(kind).submit(tx, allowed)
        s.node.bank.tick()
        outcome = await s.chain.client.outcome(tx)
        assert outcome is not None
        assert (outcome.status, outcome.gained, outcome.tip) == ("landed", gain, tip)
        assert (outcome.network_fee, outcome.first) == (found.network_fee, True)
        assert outcome.units == simulation.units <= found.units
        assert await s.chain.client.balance(mint) == before + gain
        assert await s.chain.client.balance("") == lamports - found.network_fee - tip
        assert await s.route(kind).status(reference) == "finalized"


async def test_pools_that_moved_first_make_it_revert_and_say_so() -> None:
    async with street() as s:
        found = await s.opportunity()
        tx = await s.signed(found)
        others = await s.signed(found, min_gain=0)
        await s.route("solana_rpc").submit(others, allowed)
        assert (await s.chain.client.simulate(tx)).ok is False
        await s.route("solana_rpc").submit(tx, allowed)
        outcome = await s.chain.client.outcome(tx)
        assert outcome is not None
        assert (outcome.status, outcome.gained, outcome.first) == ("reverted", 0, False)
        assert outcome.network_fee == found.network_fee


async def test_a_bundle_that_would_fail_never_lands_and_expires() -> None:
    async with street() as s:
        found = await s.opportunity(tip=5_000)
        tx = await s.signed(found, min_gain=found.gross)
        await s.route("jito").submit(tx, allowed)
        assert await s.chain.client.outcome(tx) is None
        for _ in range(200):
            s.node.bank.tick()
        outcome = await s.chain.client.outcome(tx)
        assert outcome is not None
        assert outcome.status == "expired"


async def test_the_feed_brings_both_pools_of_a_transaction_in_one_batch() -> None:
    async with street() as s:
        doors = {door: pool.id for pool in s.venue.pools() for door in pool.doors}
        async with contextlib.aclosing(s.chain.feed.stream(list(doors))) as events:
            await anext(events)
            found = await s.opportunity()
            await s.route("solana_rpc").submit(await s.signed(found), allowed)
            touched = {leg.pool for leg in found.legs}
            seen: list[set[str]] = []
            while not (seen and touched <= seen[-1]):
                event = await anext(events)
                if isinstance(event, Updates):
                    seen.append({doors[item.key] for item in event.items})
        assert touched <= seen[-1]
