"""Quotes and solves of the shared workload by degenbot 0.6 (Rust core); run by its own Python: WORKLOADS OUT."""

import json
import statistics
import sys
import time
from pathlib import Path

from degenbot._ffi import ArbitrageEngine, Bot

WORK, OUT = Path(sys.argv[1]), Path(sys.argv[2])
FACTORY = "0x" + "ff" * 20


def address(number):
    return "0x" + format(number, "040x")


def report(name, samples):
    line = {"name": f"degenbot6 {name}", "median": statistics.median(samples), "min": min(samples)}
    print(json.dumps(line), flush=True)


def v2(bot, number, token0, token1, reserve0, reserve1):
    return bot.register_v2_pool_test_only(
        address=address(number), token0=token0, token1=token1, reserve0=reserve0, reserve1=reserve1,
        gamma_numer0=997, fee_denom0=1000, gamma_numer1=997, fee_denom1=1000, factory=FACTORY, update_block=1,
        variant="uniswap-v2", stable_swap=False, fee_denominator=None,
    )  # fmt: skip


def v3(bot, number, token0, token1, pool):
    return bot.register_v3_pool(
        address=address(number), token0=token0, token1=token1, fee=pool["fee"], tick_spacing=pool["spacing"],
        factory=FACTORY, sqrt_price_x96=int(pool["sqrt"]), liquidity=int(pool["liq"]), tick=pool["tick"],
        tick_data={tick: (int(gross), int(net), 1) for tick, gross, net in pool["ticks"]}, update_block=1,
        coverage="tracked",
    )  # fmt: skip


def timed(count, call):
    samples = []
    for _ in range(7):
        start = time.perf_counter_ns()
        for _ in range(count):
            call()
        samples.append((time.perf_counter_ns() - start) / count)
    return samples


def quotes():
    bot = Bot()
    pool = bot.get_pool(v2(bot, 100, address(1), address(2), 800 * 10**18, 1_500_000 * 10**6))
    report("quote_v2", timed(10_000, lambda: pool.calculate_tokens_out(True, 10**18)))
    deep = bot.get_pool(v3(bot, 101, address(1), address(2), json.loads((WORK / "v3_quote.json").read_text())))
    for line in (WORK / "v3_quote_amounts.txt").read_text().splitlines():
        down, crossed, amount, expected = map(int, line.split())
        assert deep.calculate_tokens_out(bool(down), amount) == expected
        side = "sell0" if down else "sell1"
        report(
            f"quote_cl_{crossed}_{side}",
            timed(2_000, lambda: deep.calculate_tokens_out(bool(down), amount)),  # noqa: B023
        )


def solve(name, paths):
    bot = Bot()
    engine = ArbitrageEngine(py_bot=bot)
    for number, path in enumerate(paths):
        engine.register_path(path(bot, number * 10))
    samples = []
    for block in range(1, 6):
        start = time.process_time_ns()
        engine.solve_all_paths(block)
        samples.append((time.process_time_ns() - start) / len(paths))
    report(f"solve_{name}", samples)
    found, _ = engine.latest_results()
    assert len(found) == len(paths), (name, len(found))
    profits = [int(row[2]) for row in sorted(found, key=lambda row: int(row[0]))]
    (OUT / f"degenbot6_{name}.txt").write_text("\n".join(map(str, profits)))


def two(pools):
    def path(bot, number):
        tokens = address(10**6 + number), address(10**6 + number + 1)
        register, first, second = pools
        return [
            (register(bot, 2 * 10**6 + number, *tokens, *first), True),
            (register(bot, 2 * 10**6 + number + 1, *tokens, *second), False),
        ]

    return path


def three(row):
    def path(bot, number):
        tokens = [address(10**6 + number + at) for at in range(3)]
        legs = []
        for at in range(3):
            here, there, held, other = tokens[at], tokens[(at + 1) % 3], row[2 * at], row[2 * at + 1]
            forward = here < there
            low, high = (here, there) if forward else (there, here)
            reserves = (held, other) if forward else (other, held)
            legs.append((v2(bot, 3 * 10**6 + number + at, low, high, *reserves), forward))
        return legs

    return path


def rows(name):
    return [tuple(map(int, line.split(","))) for line in (WORK / name).read_text().splitlines()]


quotes()
solve("v2x2", [two((v2, row[:2], row[2:])) for row in rows("v2_pairs.csv")])
solve("v2x3", [three(row) for row in rows("v2_tri.csv")])
pairs = [json.loads(line) for line in (WORK / "v3_pairs.jsonl").read_text().splitlines()]
solve("v3v3", [two((v3, (first,), (second,))) for first, second in pairs])
