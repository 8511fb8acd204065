"""Whatever a candidate's amounts are, the template of its route gives what the composers build from its steps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hot_kit import amm_account, sync
from hypothesis import given
from hypothesis import strategies as st
from repository import RECIPES, first_party, inspect_recipe
from solders.hash import Hash

from hoploop.engine.build import Built
from hoploop.errors import InvariantError, TransactionTooLarge
from hoploop.model.chain import SignedTx
from hoploop.model.market import Opportunity, PoolSpec, RawUpdate
from hoploop.plugin.kinds import Bid, Order, RouteTerms, Updates
from hoploop.recipe.plan import ChainPlan, Plan
from hoploop.rehearsal.node import Replay
from hoploop.rehearsal.play import staged
from hoploop.rehearsal.stage import Stage
from hoploop.rehearsal.tape import read_tape, tape_path
from hoploop.runtime import wiring

CASES = [
    pytest.param(path, chain.id, id=f"{path.stem}-{chain.id}")
    for path in RECIPES
    for plan in [inspect_recipe(path).plan]
    if plan is not None
    for chain in plan.chains
]
SHOCKS = st.lists(st.tuples(st.integers(0, 99), st.integers(-3_000, 3_000)), min_size=1, max_size=4)
SEQS = count(1 << 50)


class Pair(NamedTuple):
    """The same chain twice: with templates, and composing every transaction from steps without native signing."""

    native: Stage
    plain: Stage

    def compare(self, found: Opportunity, route: str, turn: int) -> Bid:
        """The first build, a fill and the other composer's build are one transaction, and are remembered alike."""
        terms = self.native.routes[route].terms()
        strategy = self.native.market.strategies[found.strategy]
        self.begin()
        wanted = self.plain._builder.build(found, strategy, terms, turn)
        facts = _facts(self.plain, wanted)
        built = self.native._builder.build(found, strategy, terms, turn)
        assert (built.bid.min_gain, built.tx, _facts(self.native, built)) == (wanted.bid.min_gain, wanted.tx, facts)
        self.begin()
        filled = _composer(self.native).fill(built.bid)
        assert filled is not None
        assert (filled, _facts(self.native, Built(bid=built.bid, tx=filled))) == (wanted.tx, facts)
        return built.bid

    def begin(self) -> None:
        """Solana's transactions differ by a counter."""
        _count(self.native)
        _count(self.plain)


def _count(stage: Stage) -> None:
    if hasattr(_composer(stage), "_composed"):
        _composer(stage)._composed = 7


def _composer(stage: Stage) -> Any:
    return stage._kit.composer


def _facts(stage: Stage, built: Built) -> object:
    """What the connector keeps for settling; afterwards the transaction is forgotten."""
    composer = _composer(stage)
    if not hasattr(composer, "release"):
        return composer._memory.recall(built.tx.id)
    kept = composer._view.flight(built.tx.id)
    composer.release(built.tx)
    return kept


@asynccontextmanager
async def _pair(path: Path, chain_id: str, patch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    plan = inspect_recipe(path).plan
    assert plan is not None
    chain = next(chain for chain in plan.chains if chain.id == chain_id)
    async with _staged(path, plan, chain) as native:
        with patch.context() as patched:
            patched.setattr(wiring, "NativeSigning", lambda _: None)
            async with _staged(path, plan, chain) as plain:
                yield Pair(native, plain)


@asynccontextmanager
async def _staged(path: Path, plan: Plan, chain: ChainPlan) -> AsyncIterator[Stage]:
    replay = Replay(read_tape(tape_path(path)).chains[chain.id].answers)
    async with staged(plan, chain, first_party(), replay.ask) as stage:
        await stage.prepare()
        yield stage


def _found(stage: Stage, shocks: list[tuple[int, int]], own: int) -> Iterator[Opportunity]:
    """What opens when reserves are moved by ten thousandths; then they are put back."""
    market = stage.market
    pools = [pool for pool in market.pools.values() if pool.decoder != "uniswap_v3"]
    for asset in {strategy.base for strategy in market.strategies.values()}:
        market.set_own_capital(asset, own)
    for at, change in shocks:
        pool = pools[at % len(pools)]
        before = market._native.pool_state(market._pool_ids[pool.id])
        reserves = before["reserve0"], before["reserve1"]
        yield from market.apply(_moved(pool, reserves[0] * (10_000 + change) // 10_000, reserves[1]))
        market.apply(_moved(pool, *reserves))


def _moved(pool: PoolSpec, reserve0: int, reserve1: int) -> Updates:
    data = sync(reserve0, reserve1)
    if pool.decoder == "hoploop_amm":
        data = amm_account(reserve0, reserve1, pool.fee_num, pool.fee_den)
    return Updates(at_ns=0, number=0, items=(RawUpdate(pool.doors[0], next(SEQS), data),))


@pytest.mark.parametrize(("path", "chain"), CASES)
async def test_any_amounts_give_the_builders_bytes(path: Path, chain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _pair(path, chain, monkeypatch) as pair:

        @given(SHOCKS, st.sampled_from([0, 10**7, 10**24]), st.integers(0, 9))
        def check(shocks: list[tuple[int, int]], own: int, turn: int) -> None:
            for found in _found(pair.native, shocks, own):
                for route in pair.native.market.strategies[found.strategy].routes:
                    pair.compare(found, route, turn)

        check()


@pytest.mark.parametrize(("path", "chain"), CASES)
async def test_every_shape_is_compared_with_and_without_a_loan(
    path: Path, chain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shocks = [(pool, change) for pool in range(10) for change in (-2_000, -300, 300, 2_000)]
    seen: set[tuple[int, bool]] = set()
    async with _pair(path, chain, monkeypatch) as pair:
        for own in (0, 10**24):
            for found in _found(pair.native, shocks, own):
                for route in pair.native.market.strategies[found.strategy].routes:
                    pair.compare(found, route, 0)
                    seen.add((len(found.legs), found.lender is not None))
        most = max(strategy.max_hops for strategy in pair.native.market.strategies.values())
    assert seen >= {(hops, lent) for hops in range(2, most + 1) for lent in (False, True)}


@asynccontextmanager
async def _one(chain: str) -> AsyncIterator[tuple[Stage, Bid]]:
    """A stage and a bid whose shape it has composed."""
    path = next(path for path in RECIPES if path.stem == "two_chains")
    plan = inspect_recipe(path).plan
    assert plan is not None
    async with _staged(path, plan, next(one for one in plan.chains if one.id == chain)) as stage:
        found = next(iter(_found(stage, [(0, 2_000)], 0)))
        strategy = stage.market.strategies[found.strategy]
        built = stage._builder.build(found, strategy, stage.routes[strategy.routes[-1]].terms(), 0)
        yield stage, built.bid


def _fill(stage: Stage, bid: Bid, **changes: Any) -> SignedTx | None:
    tx: SignedTx | None = _composer(stage).fill(msgspec.structs.replace(bid, **changes))
    return tx


def _compose(stage: Stage, order: Order) -> SignedTx:
    tx: SignedTx = _composer(stage).sign(_composer(stage).compose(order))
    return tx


@pytest.mark.parametrize("chain", ["eth", "sol"])
async def test_an_opportunity_of_another_origin_is_composed(chain: str) -> None:
    async with _one(chain) as (stage, bid):
        assert _fill(stage, bid) is not None
        bare = msgspec.structs.replace(bid.opportunity, native=None)
        assert _fill(stage, bid, opportunity=bare) is None


@pytest.mark.parametrize("chain", ["eth", "sol"])
async def test_a_candidate_of_another_market_is_composed_and_ends_the_templates_of_the_one_before(chain: str) -> None:
    async with _one(chain) as (stage, bid), _one(chain) as (_, other):
        assert other.opportunity.native.legs == bid.opportunity.native.legs
        assert _fill(stage, other) is None
        _compose(stage, stage._builder._order(other))
        assert _fill(stage, bid) is None
        assert _fill(stage, other) is not None


@pytest.mark.parametrize("chain", ["eth", "sol"])
async def test_a_number_that_does_not_fit_is_left_to_the_composer_and_the_next_fill_is_whole(chain: str) -> None:
    async with _one(chain) as (stage, bid):
        composer = _composer(stage)
        _count(stage)
        first = _fill(stage, bid)
        assert first is not None
        if chain == "eth":
            composer.release(first)
        assert _fill(stage, bid, min_gain=1 << 256) is None
        assert _fill(stage, bid, min_gain=-1) is None
        _count(stage)
        assert _fill(stage, bid) == first


@pytest.mark.parametrize("chain", ["eth", "sol"])
async def test_a_step_that_is_wrong_about_its_amounts_is_not_kept(chain: str) -> None:
    async with _one(chain) as (stage, bid):
        found = msgspec.structs.replace(bid.opportunity, amount_in=bid.opportunity.amount_in + 1)
        order = stage._builder._order(msgspec.structs.replace(bid, opportunity=found))
        with pytest.raises(InvariantError, match="the builder's bytes"):
            _compose(stage, order)


async def test_a_unit_limit_over_the_chains_is_refused_as_by_compose() -> None:
    for chain in ("eth", "sol"):
        async with _one(chain) as (stage, bid):
            huge = msgspec.structs.replace(bid.opportunity, units=10**9)
            with pytest.raises(TransactionTooLarge):
                _fill(stage, bid, opportunity=huge)


async def test_another_blockhash_is_filled_and_other_tables_are_composed_again() -> None:
    async with _one("sol") as (stage, bid):
        composer = _composer(stage)
        composer._blockhash = (Hash(b"\x05" * 32), 99)
        tx = _fill(stage, bid)
        assert tx is not None
        assert (tx.expires, b"\x05" * 32 in tx.raw) == (99, True)
        composer._use(())
        assert _fill(stage, bid) is None


async def test_each_tip_account_is_a_shape_of_its_own() -> None:
    async with _one("sol") as (stage, bid):
        strategy = stage.market.strategies[bid.opportunity.strategy]
        terms: RouteTerms = stage.routes["sol_jito"].terms()
        tipped = [stage._builder.build(bid.opportunity, strategy, terms, turn).bid for turn in (0, 1)]
        assert tipped[0].tip_account != tipped[1].tip_account
        filled = [_fill(stage, one) for one in (bid, *tipped)]
        assert len({tx.raw for tx in filled if tx is not None}) == 3
