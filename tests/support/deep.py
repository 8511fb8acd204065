"""Compares millions of random quotes and reads millions of damaged inputs, on every core; `just deep` runs it.

A run is cut into chunks, each with a seed of its own. What is done is kept in `HOPLOOP_DEEP` (default
`.hoploop/deep.jsonl`) by the fingerprint of what is compared, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from families import FAMILIES
from mutants import MUTANTS

from hoploop.hot import _native, reference

QUOTES = int(os.environ.get("HOPLOOP_QUOTES", "1000000"))
"""Quotes a curve family; the table says how many of them paid, the others both refuse."""
INPUTS = int(os.environ.get("HOPLOOP_MUTANTS", "10000000"))
"""Damaged inputs in all."""
SEED = os.environ.get("HOPLOOP_SEED", "1")
WORKERS = int(os.environ.get("HOPLOOP_WORKERS", str(os.cpu_count() or 1)))
KEPT = Path(os.environ.get("HOPLOOP_DEEP", Path(__file__).parents[2] / ".hoploop/deep.jsonl"))
CHUNK = 2_000
SHOWN = 3


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of one chunk."""

    kind: str
    family: str
    chunk: int
    counts: dict[str, int]
    different: list[str] = []
    """The first differences, or how it ended."""
    seconds: float = 0.0


def compare(family: str, chunk: int) -> Done:
    """Ask native and reference `CHUNK` questions."""
    rng, counts, started = Random(f"{SEED}/{family}/{chunk}"), Counter[str](), time.process_time()
    different: list[str] = []
    while counts.total() < CHUNK:
        for pair in FAMILIES[family](rng):
            word = ("refused" if isinstance(pair.native, str) else "equal") if pair.same else "different"
            counts[word] += 1
            if word == "different" and len(different) < SHOWN:
                different.append(f"{pair.native} is not {pair.reference}: {pair.asked!r}"[:300])
    return _done("quotes", family, chunk, counts, different, started)


def damage(family: str, chunk: int) -> Done:
    """Have native read `CHUNK` damaged inputs; a panic, and anything but a refusal, ends the chunk as different."""
    rng, counts, started = Random(f"{SEED}/{family}/{chunk}"), Counter[str](), time.process_time()
    different: list[str] = []
    try:
        while counts.total() < CHUNK:
            counts.update(MUTANTS[family](rng))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        counts["different"] += 1
        different.append(f"{type(error).__name__}: {error}")
    return _done("inputs", family, chunk, counts, different, started)


def _done(kind: str, family: str, chunk: int, counts: Counter[str], different: Sequence[str], started: float) -> Done:
    seconds = time.process_time() - started
    return Done(kind=kind, family=family, chunk=chunk, counts=dict(counts), different=list(different), seconds=seconds)


class Log:
    """The chunks that are done, in a file of lines."""

    def __init__(self, path: Path, key: str) -> None:
        self._path, self._key = path, key
        self.done: list[Done] = []
        lines = path.read_text().splitlines() if path.exists() else []
        for line in lines:
            row = json.loads(line)
            if row.pop("key") == key:
                self.done.append(msgspec.convert(row, Done))

    def add(self, done: Done) -> None:
        """Keep one."""
        self.done.append(done)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a") as file:
            file.write(json.dumps({"key": self._key, **msgspec.to_builtins(done)}) + "\n")

    def left(self, kind: str, families: Iterable[str], chunks: int) -> Iterator[tuple[str, int]]:
        """Chunks still to do, family by family in turn."""
        had = {(one.kind, one.family, one.chunk) for one in self.done}
        names = list(families)
        yield from ((name, chunk) for chunk in range(chunks) for name in names if (kind, name, chunk) not in had)


def fingerprint() -> str:
    """Seed, and what is compared: the native library, its twins and these generators."""
    native, twins = Path(str(_native.__file__)), Path(str(reference.__file__)).parent
    files = [native, *sorted(twins.glob("*.py")), *sorted(Path(__file__).parent.glob("*.py"))]
    digest = hashlib.sha256("".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in files).encode())
    return f"{SEED}/{digest.hexdigest()[:16]}"


def run(log: Log, families: Sequence[str], mutants: Sequence[str]) -> None:
    """Everything that is left, on `WORKERS` processes."""
    share = -(-INPUTS // max(1, len(MUTANTS)))
    jobs: list[tuple[Any, str, int]] = [(compare, *left) for left in log.left("quotes", families, -(-QUOTES // CHUNK))]
    jobs += [(damage, *left) for left in log.left("inputs", mutants, -(-share // CHUNK))]
    total, told = len(jobs), time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pool = ProcessPoolExecutor(WORKERS)
    try:
        waiting: list[Future[Done]] = [pool.submit(work, family, chunk) for work, family, chunk in jobs]
        for number, future in enumerate(as_completed(waiting), 1):
            done = future.result()
            log.add(done)
            for text in done.different:
                print(f"{done.kind} {done.family}, seed {SEED!r}, chunk {done.chunk}: {text}", flush=True)
            if time.monotonic() - told > 60:
                told = time.monotonic()
                print(f"{number} of {total} chunks", flush=True)
    finally:
        pool.shutdown(cancel_futures=True)


def table(done: Sequence[Done], kind: str, columns: Sequence[str]) -> list[str]:
    """Sums by family."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for one in done:
        if one.kind == kind:
            sums[one.family].update(one.counts)
            sums[one.family]["seconds"] += one.seconds  # type: ignore[assignment]
    head = f"{kind:<40}" + "".join(f"{column:>12}" for column in ("count", *columns, "seconds"))
    rows = []
    for name, counts in sorted(sums.items()):
        asked = sum(count for word, count in counts.items() if word != "seconds")
        numbers = (asked, *(counts[column] for column in columns), round(counts["seconds"]))
        rows.append(f"{name:<40}" + "".join(f"{number:>12,}" for number in numbers))
    return [head, *rows, f"{sum(counts.total() - counts['seconds'] for counts in sums.values()):,.0f} in all"]


def main(chosen: Sequence[str]) -> int:
    """`deep.py [FAMILY...]`: 0 when nothing is different."""
    unknown = set(chosen) - FAMILIES.keys() - MUTANTS.keys()
    if unknown:
        print(f"no family is called {', '.join(sorted(unknown))}; there are {', '.join({**FAMILIES, **MUTANTS})}")
        return 64
    families = [name for name in FAMILIES if not chosen or name in chosen]
    mutants = [name for name in MUTANTS if not chosen or name in chosen]
    log = Log(KEPT, fingerprint())
    print(f"seed {SEED!r}, {WORKERS} processes, {len(log.done)} chunks kept in {KEPT}", flush=True)
    run(log, families, mutants)
    print(*table(log.done, "quotes", ("equal", "refused", "different")), "", sep="\n")
    print(*table(log.done, "inputs", ("read", "refused", "different")), sep="\n")
    return 1 if any(one.counts.get("different") for one in log.done) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
