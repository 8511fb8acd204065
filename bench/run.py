"""Run the native suite, the limit bench and the peers in turns, and compare them: `just bench`, `just bench quick`.

Every measurement becomes one JSON line in `bench/results/measurements.jsonl`, the comparison `bench/results/table.md`.
A round during which the machine changed its speed is thrown away and run again. What is not installed is skipped with a
reason; `bench/peers/README.md` says how to install the peers.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent / "peers"))
import environments
import targets

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
RESULTS = BENCH / "results"
WORKLOADS = Path(os.environ.get("HOPLOOP_WORKLOADS", ROOT.parent / "shared/yardstick/workloads"))
DRIFT = 0.15
SPARE = 3
"""Rounds run in place of those thrown away."""

Line = dict[str, Any]


class Program(NamedTuple):
    """One thing to run in every round."""

    name: str
    command: list[str]
    environment: dict[str, str]


def main() -> int:
    quick = sys.argv[1:] == ["quick"]
    rounds = int(os.environ.get("HOPLOOP_BENCH_ROUNDS", "5"))
    if not WORKLOADS.is_dir():
        print(f"skipped: no workloads at {WORKLOADS}")
        return 0
    RESULTS.mkdir(exist_ok=True)
    programs, about = list(_programs()), _about()
    kept: list[list[Line]] = []
    with (RESULTS / "measurements.jsonl").open("w", encoding="utf-8") as log:
        for number in range(rounds + SPARE):
            before = calibrate()
            lines = [line for program in programs for line in _run(program, number, quick)]
            drift = abs(calibrate() / before - 1)
            for line in lines:
                log.write(json.dumps({"round": number, "round_drift": round(drift, 3), **about, **line}) + "\n")
            if drift <= DRIFT:
                kept.append(lines)
            print(f"round {number + 1}: drift {drift:.0%}{'' if drift <= DRIFT else ', thrown away'}", file=sys.stderr)
            if len(kept) == rounds:
                break
    if not kept:
        print("every round drifted: nothing to compare")
        return 1
    table = "\n".join(_table(kept))
    (RESULTS / "table.md").write_text(table + "\n", "utf-8")
    print(table)
    return 0


def calibrate() -> float:
    """How fast the machine is now: median nanoseconds of a short loop, over many."""

    def loop() -> int:
        value, start = 1, time.perf_counter_ns()
        for step in range(20_000):
            value = (value ^ step) * 6_364_136_223_846_793_005 + 1 & 0xFFFF_FFFF_FFFF_FFFF
        return time.perf_counter_ns() - start

    return statistics.median(loop() for _ in range(101))


def _programs() -> Iterator[Program]:
    hot = str(ROOT / "hot/Cargo.toml")
    suite = ["cargo", "bench", "--locked", "--quiet", "--manifest-path", hot, "--bench", "suite"]
    limit = ["cargo", "run", "--locked", "--release", "--quiet", "--manifest-path", str(BENCH / "limit/Cargo.toml")]
    yield Program("hoploop", suite, {})
    yield Program("limit", limit, {})
    yield Program("hoploop_python", [sys.executable, str(BENCH / "ours.py")], {})
    yield Program("street", [sys.executable, str(BENCH / "street.py")], {})
    yield Program("e2e", [sys.executable, str(BENCH / "e2e.py")], {})
    yield Program("signing", [sys.executable, str(BENCH / "peers/signing.py")], {})
    for peer in environments.ALL:
        command = peer.command()
        if isinstance(command, str):
            print(f"skipped: {peer.name}, {command}")
        else:
            yield Program(peer.name, command, peer.environment())


def _run(program: Program, number: int, quick: bool) -> list[Line]:
    print(f"round {number + 1}: {program.name}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as out:
        env = os.environ | {"HOPLOOP_BENCH_OUT": out, "HOPLOOP_WORKLOADS": str(WORKLOADS)} | program.environment
        if quick:
            env |= {"HOPLOOP_BENCH_QUICK": "1", "HOPLOOP_BENCH_MS": "20"}
        done = subprocess.run(program.command, capture_output=True, text=True, env=env, check=False)
        lines = [_named(json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
        lines += [_profits(path) for path in sorted(Path(out).iterdir())]
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        print(f"skipped: {program.name} ended with {done.returncode}: {said[-1]}")
    for line in lines:
        if "skipped" in line:
            print(f"skipped: {program.name}, {line['skipped']}")
    return lines


def _named(line: Line) -> Line:
    """A name may say who measured before a blank; without either it is ours."""
    if "who" not in line and "name" in line:
        who, _, name = line["name"].rpartition(" ")
        line |= {"who": who or targets.US, "name": name}
        if "median" in line:
            line["ns_median"] = line.pop("median")
    return line


def _profits(path: Path) -> Line:
    """The native suite leaves what its solves earn in files."""
    name = path.stem.removeprefix("native_")
    return {"name": f"solve_{name}", "who": targets.US, "profits": [int(one) for one in path.read_text().split()]}


def _about() -> Line:
    head = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return {"commit": head.stdout.strip(), "cpu": _cpu()}


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return f"{names[0].partition(':')[2].strip() if names else platform.machine()}, {os.cpu_count()} cores"


def _table(kept: list[list[Line]]) -> Iterator[str]:
    figures: dict[tuple[str, str], dict[str, list[float]]] = {}
    earned: dict[tuple[str, str], list[int]] = {}
    for line in (line for lines in kept for line in lines if "name" in line):
        key = (line["name"], line["who"])
        for part in (part for part in targets.PARTS if part in line):
            figures.setdefault(key, {}).setdefault(part, []).append(line[part])
        if "profits" in line:
            earned[key] = line["profits"]
    yield f"{_cpu()}; medians over {len(kept)} interleaved rounds.\n"
    yield from targets.verdicts(figures)
    yield ""
    yield from targets.profits(earned)
    yield ""
    yield from targets.everything(figures)


if __name__ == "__main__":
    raise SystemExit(main())
