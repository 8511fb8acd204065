"""Timing in Python: one JSON line a measurement, as `bench/peers/README.md` says; standard library only."""

from __future__ import annotations

import itertools
import json
import os
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# Many short chunks: on a shared machine most of them are not interrupted, so the median is steady.
CHUNKS = 61
SEED = 20251120


def workload(name: str) -> str:
    """The text of a file in the folder of workloads."""
    return (Path(os.environ["HOPLOOP_WORKLOADS"]) / name).read_text("utf-8")


def rows(name: str) -> list[list[int]]:
    """A workload of integers, one row a line."""
    return [[int(part) for part in line.replace(",", " ").split()] for line in workload(name).split("\n") if line]


def concentrated() -> tuple[dict[str, Any], list[tuple[str, bool, int, int]]]:
    """The pool of `quote_cl_*`; of each quote its name, whether asset 0 goes in, what goes in and what comes out."""
    asked = [
        (f"quote_cl_{crossed}_{'sell0' if down else 'sell1'}", bool(down), amount, expected)
        for down, crossed, amount, expected in rows("v3_quote_amounts.txt")
    ]
    return json.loads(workload("v3_quote.json")), asked


def line(name: str, who: str, samples: Iterable[float], count: int, exact: bool | None, **more: object) -> None:
    """Print one measurement; `samples` are nanoseconds of one call each."""
    lower, median, upper = statistics.quantiles(samples, n=4)
    figures = {"ns_median": round(median, 2), "ns_spread": round(upper - lower, 2)}
    print(
        json.dumps({"name": name, "who": who, **figures, "n": count, "exact": exact, "seed": SEED, **more}), flush=True
    )


def report(name: str, who: str, exact: bool | None, call: Callable[..., object], *args: object, each: int = 1) -> None:
    """Time `call(*args)`, which does `each` things, for the given budget and print the line of one of them."""
    chunk = int(os.environ.get("HOPLOOP_BENCH_MS", "70")) * 1_000_000 // CHUNKS
    count = 1
    while _timed(count, call, args) < chunk:
        count *= 2
    samples = [_timed(count, call, args) / count / each for _ in range(CHUNKS)]
    line(name, who, samples, count * CHUNKS * each, exact)


def _timed(count: int, call: Callable[..., object], args: tuple[object, ...]) -> int:
    turns = itertools.repeat(None, count)
    start = time.perf_counter_ns()
    for _ in turns:
        call(*args)
    return time.perf_counter_ns() - start
