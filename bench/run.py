"""Run the native suite, the limit bench and the peers in turns, and compare them: `just bench`, `just bench quick`.

Every measurement becomes one JSON line in `bench/results.jsonl`; the comparison is printed as a table. Figures are the
least of the interleaved rounds, on both sides: what other processes do to a machine only ever adds time.
A peer whose program is not installed is skipped with a reason; `bench/peers/README.md` says how to install them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "peers"))
import environments

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
WORKLOADS = Path(os.environ.get("HOPLOOP_WORKLOADS", ROOT.parent / "shared/yardstick/workloads"))

Figures = dict[str, dict[str, float]]

# Name of the target, ours, theirs, figure, least ratio theirs / ours.
TARGETS = (
    ("Q in range, sell 0", "quote_cl_0_sell0", "uniswap_v3_math quote_cl_0_sell0", "min", 8.0),
    ("Q in range, sell 1", "quote_cl_0_sell1", "uniswap_v3_math quote_cl_0_sell1", "min", 8.0),
    ("Q 10 crossings, sell 0", "quote_cl_10_sell0", "uniswap_v3_math quote_cl_10_sell0", "min", 50.0),
    ("Q 10 crossings, sell 1", "quote_cl_10_sell1", "uniswap_v3_math quote_cl_10_sell1", "min", 50.0),
    ("Q cost(0) / cost(10), sell 0", "quote_cl_10_sell0", "quote_cl_0_sell0", "min", 1 / 1.2),
    ("Q cost(0) / cost(10), sell 1", "quote_cl_10_sell1", "quote_cl_0_sell1", "min", 1 / 1.2),
    ("S two constant-product hops", "solve_v2x2", "degenbot_0_6 solve_v2x2", "min", 200.0),
    ("S three constant-product hops", "solve_v2x3", "degenbot_0_6 solve_v2x3", "min", 80.0),
    ("S two concentrated hops", "solve_v3v3", "degenbot_0_6 solve_v3v3", "min", 200.0),
    *(
        (f"T half the limit, {size} {kind} {part}", f"tick_{size}_{kind}", f"limit tick_{size}_{kind}", part, 0.5)
        for size in ("1k", "10k", "100k")
        for kind in ("uniform", "activity")
        for part in ("p50", "p99")
    ),
)


def main() -> int:
    quick = sys.argv[1:] == ["quick"]
    rounds = 1 if quick else int(os.environ.get("HOPLOOP_BENCH_ROUNDS", "5"))
    if not WORKLOADS.is_dir():
        print(f"skipped: no workloads at {WORKLOADS}")
        return 0
    with tempfile.TemporaryDirectory() as out:
        commands = list(_commands())
        found: Figures = {}
        with (BENCH / "results.jsonl").open("w") as log:
            for round_ in range(rounds):
                for name, command, extra in commands:
                    print(f"round {round_ + 1}: {name}", file=sys.stderr)
                    for line in _lines(command, extra, Path(out), quick):
                        log.write(json.dumps({"round": round_, **line}) + "\n")
                        _merge(found, line)
                        _keep_profits(Path(out), line)
        _table(found)
        _profits(Path(out))
    return 0


def _commands() -> Iterator[tuple[str, list[str], dict[str, str]]]:
    release = ["cargo", "run", "--release", "--quiet", "--manifest-path"]
    suite = ["cargo", "bench", "--quiet", "--manifest-path", str(ROOT / "hot/Cargo.toml"), "--bench", "suite"]
    yield "native", [*suite, "--", "quotes", "solves", "ticks"], {}
    yield "limit", [*release, str(BENCH / "limit/Cargo.toml")], {}
    for peer in environments.ALL:
        command = peer.command()
        if isinstance(command, str):
            print(f"skipped: {peer.name}, {command}")
        else:
            yield peer.name, command, peer.environment()


def _lines(command: list[str], extra: dict[str, str], out: Path, quick: bool) -> Iterator[dict[str, object]]:
    env = os.environ | {"HOPLOOP_BENCH_OUT": str(out), "HOPLOOP_WORKLOADS": str(WORKLOADS)} | extra
    if quick:
        env["HOPLOOP_BENCH_QUICK"] = "1"
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        print(f"skipped: {command[0]} ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _merge(found: Figures, line: dict[str, object]) -> None:
    if "name" not in line:
        return
    name = str(line["name"])
    if "who" in line:
        name, line = f"{line['who']} {name}", {"min": line["ns_median"]}
    held = found.setdefault(name, {})
    for key, value in line.items():
        if isinstance(value, (int, float)):
            held[key] = min(held.get(key, float("inf")), float(value))


def _keep_profits(out: Path, line: dict[str, object]) -> None:
    if isinstance(profits := line.get("profits"), list):
        text = "\n".join(map(str, profits))
        (out / f"{line['who']}_{str(line['name']).removeprefix('solve_')}.txt").write_text(text)


def _table(found: Figures) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| measurement | least, ns |\n|---|---|")
    for name, figures in found.items():
        shown = {key: figures[key] for key in ("min", "p50", "p99", "p999", "per_update") if key in figures}
        print(f"| {name} | {', '.join(f'{key} {value:,.0f}' for key, value in shown.items())} |")
    print("\n| target | ours | theirs | ratio | wanted | |\n|---|---|---|---|---|---|")
    for title, ours, theirs, part, wanted in TARGETS:
        one, other = found.get(ours, {}).get(part), found.get(theirs, {}).get(part)
        if one and other:
            verdict = "met" if other / one >= wanted else "gap"
            print(f"| {title} | {one:,.0f} | {other:,.0f} | {other / one:,.2f} | {wanted:,.2f} | {verdict} |")


def _profits(out: Path) -> None:
    print("\n| profit in wei against degenbot 0.6 | paths | more | equal | less | worst | sum of differences |")
    print("|---|---|---|---|---|---|---|")
    for name in ("v2x2", "v2x3", "v3v3"):
        files = [out / f"{who}_{name}.txt" for who in ("native", "degenbot_0_6")]
        if not all(file.exists() for file in files):
            continue
        ours, theirs = ([int(line) for line in file.read_text().split()] for file in files)
        gaps = [one - other for one, other in zip(ours, theirs, strict=True)]
        signs = [sum(gap > 0 for gap in gaps), sum(gap == 0 for gap in gaps), sum(gap < 0 for gap in gaps)]
        print(f"| {name} | {len(gaps)} | {signs[0]} | {signs[1]} | {signs[2]} | {min(gaps)} | {sum(gaps)} |")


if __name__ == "__main__":
    raise SystemExit(main())
