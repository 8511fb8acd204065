"""degenbot 0.5 (Python arithmetic): quotes by its pools, solves by `UniswapLpCycle.calculate`.

Its pools read a chain when made, so they are filled by hand here. The cache of swap steps is emptied before each
concentrated quote: on a live pool every swap does that.
"""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Iterable
from fractions import Fraction
from threading import Lock
from typing import Any
from weakref import WeakSet

from degenbot.arbitrage.uniswap_lp_cycle import UniswapLpCycle
from degenbot.checksum_cache import get_checksum_address
from degenbot.erc20 import Erc20Token
from degenbot.exceptions import DegenbotError
from degenbot.types.concrete import BoundedCache
from degenbot.uniswap.v2_liquidity_pool import UniswapV2Pool
from degenbot.uniswap.v3_liquidity_pool import UniswapV3Pool
from degenbot.uniswap.v3_types import UniswapV3BitmapAtWord, UniswapV3LiquidityAtTick
from measure import concentrated, line, report, rows, workload

WHO = "degenbot_0_5"
FLAT, DEEP = 100, 24
"""Paths solved; the others of the workload would take minutes."""


def address(number: int) -> str:
    return str(get_checksum_address(f"0x{number:040x}"))


def token(number: int) -> Erc20Token:
    made = object.__new__(Erc20Token)
    made.address, made._chain_id, made.decimals = address(number), 1, 18
    made.symbol = made.name = f"T{number}"
    return made


def filled(pool: Any, number: int, tokens: tuple[Erc20Token, Erc20Token], state: Any) -> Any:
    pool.address, pool._chain_id, pool.name = address(number), 1, f"P{number}"
    pool.token0, pool.token1 = tokens
    pool._state, pool._state_lock, pool._subscribers = state, Lock(), WeakSet()
    pool._state_cache = BoundedCache(max_items=8)
    pool._state_cache[1] = state
    return pool


def v2(number: int, tokens: tuple[Erc20Token, Erc20Token], reserves: Iterable[int]) -> Any:
    pool = object.__new__(UniswapV2Pool)
    pool.fee_token0 = pool.fee_token1 = Fraction(3, 1000)
    reserve0, reserve1 = reserves
    kind = UniswapV2Pool.PoolState.__value__
    state = kind(address=address(number), block=1, reserves_token0=reserve0, reserves_token1=reserve1)
    return filled(pool, number, tokens, state)


def v3(number: int, tokens: tuple[Erc20Token, Erc20Token], held: dict[str, Any]) -> Any:
    pool = object.__new__(UniswapV3Pool)
    pool.fee, pool.tick_spacing, pool.sparse_liquidity_map = held["fee"], held["spacing"], False
    pool._swap_step_cache, pool._swap_step_cache_lock = {}, Lock()
    words: dict[int, int] = {}
    for tick, _, _ in held["ticks"]:
        word, bit = divmod(tick // held["spacing"], 256)
        words[word] = words.get(word, 0) | 1 << bit
    state = UniswapV3Pool.PoolState.__value__(
        address=address(number),
        block=1,
        liquidity=int(held["liq"]),
        sqrt_price_x96=int(held["sqrt"]),
        tick=held["tick"],
        tick_bitmap={word: UniswapV3BitmapAtWord(bitmap=bits, block=1) for word, bits in words.items()},
        tick_data={
            tick: UniswapV3LiquidityAtTick(liquidity_net=int(net), liquidity_gross=int(gross), block=1)
            for tick, gross, net in held["ticks"]
        },
    )
    return filled(pool, number, tokens, state)


def quotes() -> None:
    """Every quote is asserted first."""
    tokens = (token(1), token(2))
    reserve0, reserve1, *_ = rows("v2_pairs.csv")[0]
    pair, amount = v2(100, tokens, (reserve0, reserve1)), 10**17
    ask = functools.partial(pair.calculate_tokens_out_from_tokens_in, token_in=tokens[0], token_in_quantity=amount)
    assert ask() == amount * 997 * reserve1 // (reserve0 * 1000 + amount * 997)
    report("quote_v2", WHO, True, ask)
    state, asked = concentrated()
    pool = v3(101, tokens, state)
    for name, down, given, expected in asked:

        def ask(token_in: Erc20Token = tokens[0 if down else 1], given: int = given) -> int:
            pool._swap_step_cache.clear()
            return int(pool.calculate_tokens_out_from_tokens_in(token_in=token_in, token_in_quantity=given))

        assert ask() == expected
        report(name, WHO, True, ask)


def solve(name: str, cycles: list[UniswapLpCycle]) -> None:
    """CPU time of each cycle, as for the other degenbot."""
    samples, profits = [], []
    for cycle in cycles:
        start = time.process_time_ns()
        try:
            amount = int(cycle.calculate().input_amount)
        except DegenbotError:
            amount = 0
        samples.append(time.process_time_ns() - start)
        profits.append(earned(cycle, amount))
    line(name, WHO, samples, len(cycles), None, profits=profits)


def earned(cycle: UniswapLpCycle, amount: int) -> int:
    """What the amount found really earns; the profit it states comes from floating-point numbers."""
    token_in, held = cycle.input_token, amount
    for pool in cycle.swap_pools if amount else ():
        held = pool.calculate_tokens_out_from_tokens_in(token_in=token_in, token_in_quantity=held)
        token_in = pool.token1 if token_in == pool.token0 else pool.token0
    return int(held) - amount


def two(make: Any, at: int, first: Any, second: Any, most: int) -> UniswapLpCycle:
    tokens, number = (token(32 * at + 1000), token(32 * at + 1001)), 32 * at + 1002
    pools = [make(number, tokens, first), make(number + 1, tokens, second)]
    return UniswapLpCycle(input_token=tokens[0], swap_pools=pools, id=f"{make.__name__}{at}", max_input=most)


def three(at: int, row: list[int]) -> UniswapLpCycle:
    tokens, pools = [token(32 * at + 1000 + leg) for leg in range(3)], []
    for leg in range(3):
        pair, reserves = (tokens[leg], tokens[(leg + 1) % 3]), row[2 * leg : 2 * leg + 2]
        if pair[0].address > pair[1].address:
            pair, reserves = pair[::-1], reserves[::-1]
        pools.append(v2(32 * at + 1003 + leg, pair, reserves))
    return UniswapLpCycle(input_token=tokens[0], swap_pools=pools, id=f"three{at}", max_input=row[0])


def main() -> None:
    logging.disable(logging.CRITICAL)
    quotes()
    pairs = rows("v2_pairs.csv")[:FLAT]
    solve("solve_v2x2", [two(v2, at, row[:2], row[2:], min(row[0], row[2])) for at, row in enumerate(pairs)])
    solve("solve_v2x3", [three(at, row) for at, row in enumerate(rows("v2_tri.csv")[:FLAT])])
    deep = [json.loads(one) for one in workload("v3_pairs.jsonl").splitlines()[:DEEP]]
    solve("solve_v3v3", [two(v3, at, first, second, 10**24) for at, (first, second) in enumerate(deep)])


if __name__ == "__main__":
    main()
