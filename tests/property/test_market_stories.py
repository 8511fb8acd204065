"""Any story of a market (blocks, garbage, reads, reorganisations, drops) leaves the states that a book of dicts has."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import evm_kit
import msgspec
import pytest
from hot_kit import SYNC, V3_TOPICS, account_door, amm_account, burn_log, door, mint_log, swap_log, sync, v3_snapshot
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hoploop.hot import HotError, Market
from hoploop.hot.reference import balancer, pairs, stableswap
from hoploop.hot.reference.concentrated import Q96, sqrt_ratio_at_tick

State = dict[str, Any]
DEPTH = 8
"""Blocks that the market keeps of each pool."""
LEGS = [(0, True), (1, False)]
WAD = 10**18
TRIPOOL = stableswap.Pool(balances=(10**24,) * 3, rates=(WAD,) * 3, amp=200, amp_precision=1, fee=10**6)
WEIGHTED = balancer.Weighted(
    balances=(10**21, 4 * 10**21), weights=(WAD // 5, WAD * 4 // 5), scale=(WAD, WAD), fee=10**15, version=2
)
STABLE = balancer.Stable(balances=(10**24,) * 3, scale=(WAD,) * 3, amp=200_000, fee=10**14, version=2)


def _ints(values: Iterable[int]) -> list[int]:
    return list(values)


def _v2_words(held: State) -> bytes:
    zero, one = _ints(held["reserves"])
    return (zero | one << 112).to_bytes(32, "big")


def _ticks_bytes(held: State) -> bytes:
    ticks = dict(sorted(held["ticks"].items()))
    plain = bytearray(v3_snapshot(held["price"], held["tick"], held["liquidity"], ticks))
    plain[1] = 0  # the kit sets a flag in the word of the price; the market does not keep it
    if "fees" in held:
        return evm_kit.with_fees(bytes(plain), held["fees"])
    return bytes(plain)


def _pair(held: State, fees: tuple[int, int]) -> pairs.Pair:
    return pairs.Pair(reserves=held["reserves"], scale=(10**6, 10**18), fees=fees, den=100_000)


def _solidly_words(held: State) -> bytes:
    return evm_kit.metadata(_pair(held, (5, 5)), True)[:-64] + bytes(64)


def _camelot_words(held: State) -> bytes:
    return evm_kit.camelot_words(_pair(held, held["fees"]), True)


def _curve_words(held: State) -> bytes:
    return evm_kit.curve_words(_with(TRIPOOL, held), (0, 1))


def _weighted_words(held: State) -> bytes:
    return evm_kit.weighted_words(_with(WEIGHTED, held))


def _stable_words(held: State) -> bytes:
    return evm_kit.stable_words(_with(STABLE, held), (0, 1))


def _with(pool: Any, held: State) -> Any:
    return msgspec.structs.replace(pool, balances=tuple(held["balances"]))


AMOUNT = st.integers(1, 10**15)
TICK = st.integers(-9, 9).map(lambda at: at * 60)


def _sync(topic: bytes) -> Callable[[st.DataObject, Market, int, State], tuple[bytes, bytes]]:
    def change(data: st.DataObject, market: Market, pool: int, held: State) -> tuple[bytes, bytes]:
        held["reserves"] = (data.draw(AMOUNT), data.draw(AMOUNT))
        return door(pool, topic), sync(*held["reserves"])

    return change


def _amm(data: st.DataObject, market: Market, pool: int, held: State) -> tuple[bytes, bytes]:
    held["reserves"] = (data.draw(AMOUNT), data.draw(AMOUNT))
    return account_door(pool), amm_account(*held["reserves"])


def _camelot(data: st.DataObject, market: Market, pool: int, held: State) -> tuple[bytes, bytes]:
    if data.draw(st.booleans()):
        return _sync(SYNC)(data, market, pool, held)
    held["fees"] = (data.draw(st.integers(0, 9999)), data.draw(st.integers(0, 9999)))
    return door(pool, evm_kit.CAMELOT_FEES), evm_kit.numbers(*held["fees"])


def _position(held: State, lower: int, upper: int, delta: int) -> None:
    for at, signed in ((lower, delta), (upper, -delta)):
        gross, net = held["ticks"].get(at, (0, 0))
        held["ticks"][at] = (gross + delta, net + signed)
        if not gross + delta:
            del held["ticks"][at]
    if lower <= held["tick"] < upper:
        held["liquidity"] += delta


def _concentrated(data: st.DataObject, market: Market, pool: int, held: State) -> tuple[bytes, bytes]:
    kind = data.draw(st.sampled_from(("swap", "mint", "burn", "fees") if "fees" in held else ("swap", "mint", "burn")))
    if kind == "fees":
        held["fees"] = (data.draw(st.integers(0, 9999)), data.draw(st.integers(0, 9999)))
        return door(pool, evm_kit.ALGEBRA_FEES), evm_kit.numbers(*held["fees"])
    if kind == "burn" and held["positions"]:
        lower, upper, amount = held["positions"].pop(data.draw(st.integers(0, len(held["positions"]) - 1)))
        _position(held, lower, upper, -amount)
        return door(pool, V3_TOPICS[2]), burn_log(lower, upper, amount)
    if kind == "mint":
        lower, upper = sorted(data.draw(st.lists(TICK, min_size=2, max_size=2, unique=True)))
        amount = data.draw(AMOUNT)
        held["positions"].append((lower, upper, amount))
        _position(held, lower, upper, amount)
        return door(pool, V3_TOPICS[1]), mint_log(lower, upper, amount)
    tick = data.draw(st.integers(-500, 500))
    held["price"], held["tick"] = sqrt_ratio_at_tick(tick) + 1, tick
    held["liquidity"] = sum(net for at, (_, net) in held["ticks"].items() if at <= tick)
    return door(pool, V3_TOPICS[0]), swap_log(held["price"], held["liquidity"], tick)


def _exchange(data: st.DataObject, market: Market, pool: int, held: State) -> tuple[bytes, bytes]:
    sold, amount = data.draw(st.integers(0, 1)), data.draw(st.integers(10**15, 10**20))
    out = stableswap.quote(_with(TRIPOOL, held), sold, 1 - sold, amount)
    assert out is not None
    held["balances"][sold] += amount
    held["balances"][1 - sold] -= out
    return door(pool, evm_kit.EXCHANGE), evm_kit.numbers(1, sold, amount, 1 - sold, out)


def _traded(data: st.DataObject, market: Market, pool: int, held: State) -> tuple[bytes, bytes]:
    sold, amount, out = data.draw(st.integers(0, 1)), data.draw(AMOUNT), data.draw(st.integers(0, 10**15))
    held["balances"][sold] += amount
    held["balances"][1 - sold] -= out
    return door(pool, evm_kit.VAULT_SWAP) + bytes(32), evm_kit.numbers(0, 1 + sold, 2 - sold, amount, out)


PAIR = {"reserves": (10**12, 10**12)}
TICKS = {
    "price": Q96, "tick": 0, "liquidity": 10**9, "ticks": {-600: (10**9, 10**9), 600: (10**9, -(10**9))},
    "positions": [(-600, 600, 10**9)],
}  # fmt: skip
# Curve, decoder, fee, spacing, topics, first state, its bytes, what changes it.
KINDS: list[tuple[str, str, tuple[int, int], int, list[bytes], State, Callable[[State], bytes], Any]] = [
    ("constant_product", "uniswap_v2", (3, 1000), 0, [SYNC], PAIR, _v2_words, _sync(SYNC)),
    ("constant_product_fee_first", "hoploop_amm", (3, 1000), 0, [], PAIR,
     lambda held: amm_account(*held["reserves"])[:16] + bytes(136) + amm_account(*held["reserves"])[152:], _amm),
    ("concentrated", "uniswap_v3", (3000, 10**6), 60, list(V3_TOPICS), TICKS, _ticks_bytes, _concentrated),
    ("concentrated_dynamic", "algebra", (0, 1), 60, [*V3_TOPICS, evm_kit.ALGEBRA_FEES],
     TICKS | {"fees": (500, 700)}, _ticks_bytes, _concentrated),
    ("solidly_stable", "solidly", (5, 100_000), 0, [evm_kit.SYNC256], PAIR, _solidly_words, _sync(evm_kit.SYNC256)),
    ("camelot_stable", "camelot", (0, 100_000), 0, [SYNC, evm_kit.CAMELOT_FEES],
     PAIR | {"fees": (40, 400)}, _camelot_words, _camelot),
    ("stableswap", "curve", (0, 1), 0, [evm_kit.EXCHANGE], {"balances": [10**24] * 3}, _curve_words, _exchange),
    ("balancer_weighted", "balancer_v2", (0, 1), 0, [evm_kit.VAULT_SWAP], {"balances": [10**21, 4 * 10**21]},
     _weighted_words, _traded),
    ("balancer_stable", "balancer_v2", (0, 1), 0, [evm_kit.VAULT_SWAP], {"balances": [10**24] * 3},
     _stable_words, _traded),
]  # fmt: skip
POOLS = st.integers(0, len(KINDS) - 1)


def doors(pool: int) -> list[bytes]:
    _, decoder, _, _, topics, *_ = KINDS[pool]
    if decoder == "hoploop_amm":
        return [account_door(pool)]
    return [door(pool, topic) + (bytes(32) if decoder == "balancer_v2" else b"") for topic in topics]


def wired() -> Market:
    market = Market()
    market.add_asset("a")
    market.add_asset("b")
    for pool, (curve, decoder, fee, spacing, *_) in enumerate(KINDS):
        market.add_pool(f"{pool}", curve, decoder, 0, 1, *fee, spacing, 1, doors(pool))
    market.set_fees(0, 0, 0, 1)
    market.add_search("s", 0, range(len(KINDS)), [], 2, 2, 2**100, 1, 0, 1, 0, 0, 32)
    market.set_own_capital(0, 2**100)
    market.seal()
    return market


def quotes(market: Market, pool: int) -> list[int | None]:
    """Both ways, of every size."""
    return [market.quote(pool, side, 7**power) for side in (True, False) for power in range(2, 30, 3)]


class Chain:
    """One pool's truth: its state after every update of the present branch, oldest first."""

    def __init__(self, pool: int, first: State) -> None:
        self.pool = pool
        self.past: list[tuple[int, State]] = [(1, copy.deepcopy(first))]
        self.fresh = self.dropped = False
        self.loaded = 0
        """Number of the snapshot it was loaded with, or of the last update put on top of that."""

    @property
    def now(self) -> tuple[int, State]:
        return self.past[-1]

    def bytes(self) -> bytes:
        return KINDS[self.pool][6](self.now[1])

    def take_back(self, to: int) -> bool:
        """Whether the pool, if it was fresh, can be put back."""
        gone = {seq >> 20 for seq, _ in self.past if seq >> 20 > to}
        while len(self.past) > 1 and self.now[0] >> 20 > to:
            self.past.pop()
        return self.loaded >> 20 <= to and len(gone) <= DEPTH


class MarketStory(RuleBasedStateMachine):
    """Pools of every layout; the market must agree with `Chain` about each of them after every step."""

    @initialize()
    def begin(self) -> None:
        self.market, self.block, self.place = wired(), 1, 0
        self.chains = [Chain(pool, kind[5]) for pool, kind in enumerate(KINDS)]
        self.left_out: list[tuple[int, list[tuple[int, bool]], int | None, int | None]] = []
        for pool in range(len(KINDS)):
            self._load(pool)

    @rule(blocks=st.integers(1, 3))
    def go_on(self, blocks: int) -> None:
        self.block, self.place = self.block + blocks, 0

    @rule(data=st.data(), pools=st.lists(POOLS, min_size=1, max_size=6))
    def update(self, data: st.DataObject, pools: list[int]) -> None:
        items = []
        for pool in pools:
            chain, kind = self.chains[pool], KINDS[pool]
            held = copy.deepcopy(chain.now[1])
            self.place += 1
            seq = self.block << 20 | self.place
            key, update = kind[7](data, self.market, pool, held)
            items.append((key, seq, update))
            chain.past.append((seq, held))
        batch = self.market.on_batch(items)
        assert not batch.refused
        assert batch.ignored == sum(self.chains[pool].dropped for pool in pools)
        self._batch_ends()

    @rule(pool=POOLS)
    def garble(self, pool: int) -> None:
        self.place += 1
        batch = self.market.on_batch([(doors(pool)[0], self.block << 20 | self.place, b"?")])
        if not self.chains[pool].dropped:
            assert batch.refused == [(0, "length")]
            self.chains[pool].fresh = False
        self._batch_ends()

    @rule(pool=POOLS)
    def doubt(self, pool: int) -> None:
        chain = self.chains[pool]
        if chain.dropped:
            with pytest.raises(HotError, match="dropped"):
                self.market.mark_stale(pool)
        else:
            self.market.mark_stale(pool)
            chain.fresh = False

    @rule(pool=POOLS)
    def read_again(self, pool: int) -> None:
        if self.chains[pool].dropped:
            with pytest.raises(HotError, match="dropped"):
                self.market.load(pool, 1, b"")
        else:
            self._load(pool)

    @rule(depth=st.integers(0, 12))
    def reorganise(self, depth: int) -> None:
        to = max(1, self.block - depth)
        restored: list[int] = []
        stale: list[int] = []
        for chain in self.chains:
            moved = chain.now[0] >> 20 > to
            reached = chain.take_back(to)
            if chain.fresh and not chain.dropped and (moved or chain.loaded >> 20 > to):
                (restored if reached else stale).append(chain.pool)
                chain.fresh = reached
        answer = self.market.roll_back(to)
        assert answer[:2] == (restored, stale)
        # Numbers of the old branch come again.
        self.block, self.place = to + 1, 0
        self._batch_ends()

    @precondition(lambda self: sum(chain.dropped for chain in self.chains) < 3)
    @rule(pool=POOLS)
    def drop(self, pool: int) -> None:
        chain = self.chains[pool]
        if chain.dropped:
            with pytest.raises(HotError, match="dropped"):
                self.market.drop([pool])
            return
        chain.dropped, chain.fresh = True, False
        left = len(KINDS) - sum(held.dropped for held in self.chains)
        assert self.market.drop([pool]) == {"pools": left, "edges": 2 * left, "cycles": left * (left - 1)}
        if pool in (0, 1):
            self.left_out = []

    @rule(batches=st.integers(1, 4), turned=st.booleans())
    def leave_out(self, batches: int, turned: bool) -> None:
        if self.chains[0].dropped or self.chains[1].dropped:
            with pytest.raises(HotError, match="none of the search's"):
                self.market.suppress(0, LEGS, batches=batches)
            return
        self.market.suppress(0, LEGS[::-1] if turned else LEGS, batches=batches)
        self.left_out = [(0, LEGS, batches, None)]

    @invariant()
    def agrees(self) -> None:
        for chain in getattr(self, "chains", []):
            if chain.dropped:
                with pytest.raises(HotError, match="dropped"):
                    self.market.snapshot(chain.pool)
                continue
            state = self.market.pool_state(chain.pool)
            assert state["fresh"] is chain.fresh, chain.pool
            assert self.market.snapshot(chain.pool) == (chain.bytes() if chain.fresh else None), chain.pool
            assert not chain.fresh or state["seq"] == max(chain.now[0], chain.loaded)

    @invariant()
    def leaves_out_what_it_was_told(self) -> None:
        if hasattr(self, "market"):
            assert self.market.suppressed() == self.left_out

    def teardown(self) -> None:
        """A market that only ever knew the end of the story finds the same."""
        if not hasattr(self, "market"):
            return
        other = wired()
        gone = [chain.pool for chain in self.chains if chain.dropped]
        if gone:
            other.drop(gone)
        for chain in self.chains:
            if chain.fresh:
                assert other.load(chain.pool, 1, chain.bytes())
                assert quotes(other, chain.pool) == quotes(self.market, chain.pool)
        for _, legs, _, _ in self.left_out:
            self.market.release(0, legs)
        seq = self.block + 1 << 20
        poke = [(doors(pool)[0], seq, _poke(chain)) for pool, chain in enumerate(self.chains) if pool < 2]
        ours, theirs = self.market.on_batch(poke), other.on_batch(poke)
        assert [str(found) for found in ours.candidates] == [str(found) for found in theirs.candidates]
        assert [found.legs for found in ours.candidates] == [found.legs for found in theirs.candidates]

    def _load(self, pool: int) -> None:
        chain, seq = self.chains[pool], self.block << 20 | 0xFFFFF
        assert self.market.load(pool, seq, chain.bytes())
        chain.fresh, chain.loaded = True, seq
        self.block, self.place = self.block + 1, 0

    def _batch_ends(self) -> None:
        self.left_out = [
            (search, legs, left - 1, end) for search, legs, left, end in self.left_out if left is not None and left > 1
        ]


def _poke(chain: Chain) -> bytes:
    held = chain.now[1]["reserves"]
    return sync(*held) if chain.pool == 0 else amm_account(*held)


MarketStory.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestMarketStory = MarketStory.TestCase
