"""degenbot 0.6 (a Rust core called from Python): quotes through its pool handles, solves by its engine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from degenbot._ffi import ArbitrageEngine, Bot
from measure import concentrated, line, report, rows, workload

WHO = "degenbot_0_6"
FACTORY = "0x" + "ff" * 20
BLOCKS = 5

Leg = tuple[Any, bool]


def address(number: int) -> str:
    return f"0x{number:040x}"


def v2(bot: Bot, number: int, tokens: tuple[str, str], reserves: tuple[int, int]) -> Any:
    """Register a pair with 0.3 % fee."""
    return bot.register_v2_pool_test_only(
        address=address(number), token0=tokens[0], token1=tokens[1], reserve0=reserves[0], reserve1=reserves[1],
        gamma_numer0=997, fee_denom0=1000, gamma_numer1=997, fee_denom1=1000, factory=FACTORY, update_block=1,
        variant="uniswap-v2", stable_swap=False, fee_denominator=None,
    )  # fmt: skip


def v3(bot: Bot, number: int, tokens: tuple[str, str], pool: dict[str, Any]) -> Any:
    """Register a pool with all its ticks."""
    return bot.register_v3_pool(
        address=address(number), token0=tokens[0], token1=tokens[1], fee=pool["fee"], tick_spacing=pool["spacing"],
        factory=FACTORY, sqrt_price_x96=int(pool["sqrt"]), liquidity=int(pool["liq"]), tick=pool["tick"],
        tick_data={tick: (int(gross), int(net), 1) for tick, gross, net in pool["ticks"]}, update_block=1,
        coverage="tracked",
    )  # fmt: skip


def quotes() -> None:
    """Every quote is asserted first."""
    bot, tokens = Bot(), (address(1), address(2))
    reserve0, reserve1, *_ = rows("v2_pairs.csv")[0]
    pair = bot.get_pool(v2(bot, 100, tokens, (reserve0, reserve1)))
    amount = 10**17
    assert pair.calculate_tokens_out(True, amount) == amount * 997 * reserve1 // (reserve0 * 1000 + amount * 997)
    report("quote_v2", WHO, True, pair.calculate_tokens_out, True, amount)
    state, asked = concentrated()
    pool = bot.get_pool(v3(bot, 101, tokens, state))
    for name, down, given, expected in asked:
        assert pool.calculate_tokens_out(down, given) == expected
        report(name, WHO, True, pool.calculate_tokens_out, down, given)


def solve(name: str, paths: list[Callable[[Bot, int], list[Leg]]]) -> None:
    """CPU time, since the engine uses every core; 32 numbers stay free for each path's addresses."""
    bot = Bot()
    engine = ArbitrageEngine(py_bot=bot)
    legs = [path(bot, 32 * (number + 1)) for number, path in enumerate(paths)]
    for one in legs:
        engine.register_path(one)
    samples = []
    for block in range(1, BLOCKS + 1):
        start = time.process_time_ns()
        engine.solve_all_paths(block)
        samples.append((time.process_time_ns() - start) / len(paths))
    found, _ = engine.latest_results()
    profits = [0] * len(paths)
    order = {path: at for at, path in enumerate(sorted(int(row[0]) for row in found))}
    assert len(order) == len(paths)
    for row in found:
        place, amount = order[int(row[0])], int(row[1])
        profits[place] = held = int(row[2])
        for pool, forward in legs[place]:
            amount = bot.get_pool(pool).calculate_tokens_out(forward, amount)
        assert held == amount - int(row[1])
    line(name, WHO, samples, BLOCKS * len(paths), None, profits=profits)


def two(register: Callable[..., Any], first: Any, second: Any) -> Callable[[Bot, int], list[Leg]]:
    """Sell asset 0 into the first pool, buy it back in the second."""

    def path(bot: Bot, number: int) -> list[Leg]:
        tokens = (address(number), address(number + 1))
        return [(register(bot, number + 2, tokens, first), True), (register(bot, number + 3, tokens, second), False)]

    return path


def three(row: list[int]) -> Callable[[Bot, int], list[Leg]]:
    """Around a triangle of pairs."""

    def path(bot: Bot, number: int) -> list[Leg]:
        legs = []
        for at in range(3):
            tokens, reserves = (number + at, number + (at + 1) % 3), (row[2 * at], row[2 * at + 1])
            forward = tokens[0] < tokens[1]
            low, high = (0, 1) if forward else (1, 0)
            named = (address(tokens[low]), address(tokens[high]))
            legs.append((v2(bot, number + 3 + at, named, (reserves[low], reserves[high])), forward))
        return legs

    return path


def main() -> None:
    quotes()
    solve("solve_v2x2", [two(v2, row[:2], row[2:]) for row in rows("v2_pairs.csv")])
    solve("solve_v2x3", [three(row) for row in rows("v2_tri.csv")])
    deep = [json.loads(one) for one in workload("v3_pairs.jsonl").splitlines()]
    solve("solve_v3v3", [two(v3, *pair) for pair in deep])


if __name__ == "__main__":
    main()
