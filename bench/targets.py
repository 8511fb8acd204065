"""The design's targets as ratios between two figures, and the figures as Markdown tables."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterator, Mapping, Sequence

Figures = Mapping[tuple[str, str], Mapping[str, Sequence[float]]]
"""(name, who) -> key -> one value a round."""

US, PYTHON, MATH = "hoploop", "hoploop_python", "uniswap_v3_math"
PARTS = {
    "ns_median": "median",
    "p50": "p50",
    "p99": "p99",
    "p999": "p99.9",
    "per_update": "an update",
    "core_percent": "% of a core",
    "wait_p99": "wait p99",
    "drained": "drained",
    "bytes_per_pool": "bytes a pool",
    "with_history": "bytes a pool with history",
    "seal_ms": "ms to seal",
}


@dataclasses.dataclass(frozen=True)
class Target:
    """`theirs` over `ours` shall be at least `least`."""

    id: str
    title: str
    ours: tuple[str, str]
    theirs: tuple[str, str]
    least: float
    part: str = "ns_median"


@dataclasses.dataclass(frozen=True)
class Ceiling:
    """A figure of ours, less that of `kernel`, shall be at most `most`; shown, never a gate."""

    id: str
    title: str
    ours: tuple[str, str]
    most: float
    kernel: tuple[str, str] | None = None
    part: str = "ns_median"
    unit: str = "ns"


@dataclasses.dataclass(frozen=True)
class Bound:
    """A figure of ours shall be at most `times` another of ours, and `more` nanoseconds."""

    id: str
    title: str
    ours: tuple[str, str]
    than: tuple[str, str]
    times: float
    more: float = 0
    parts: tuple[str, str] = ("p50", "p50")


def _targets() -> Iterator[Target]:
    for side in ("sell0", "sell1"):
        for crossed, least in ((0, 8), (10, 50)):
            name = f"quote_cl_{crossed}_{side}"
            yield Target("Q", f"CL, {crossed} crossings, {side}", (name, US), (name, MATH), least)
        for pool, crossed, most in (("cl", 10, 1.2), ("cl_deep", 100, 1.4)):
            names = (f"quote_{pool}_{crossed}_{side}", US), (f"quote_{pool}_0_{side}", US)
            yield Target("Q", f"CL, cost(0) / cost({crossed}), {side}", *names, 1 / most)
    for crossed in (0, 10):
        name = f"quote_whirlpool_{crossed}"
        for peer, least in (("orca_whirlpools_core", 80), ("orca_whirlpools_wasm", 10_000)):
            yield Target("Q", f"Whirlpool, {crossed} crossings", (name, US), (name, peer), least)
    for bins in (0, 10, 40):
        name = f"quote_dlmm_{bins}"
        yield Target("Q", f"DLMM, {bins} bins", (name, US), (name, "meteora_dlmm_sdk"), 300)
    for crossed in (0, 10):
        name = f"quote_clmm_{crossed}"
        yield Target("Q", f"CLMM, {crossed} crossings", (name, US), (name, "raydium_sdk_v2"), 3000)
        yield Target("Q", f"CLMM, {crossed} crossings, from Python", (name, PYTHON), (name, "raydium_sdk_v2"), 3000)
    for name, least, old in (("solve_v2x2", 200, 1500), ("solve_v2x3", 80, 0), ("solve_v3v3", 200, 4000)):
        yield Target("S", name, (name, US), (name, "degenbot_0_6"), least)
        if old:
            yield Target("S", name, (name, US), (name, "degenbot_0_5"), old)
    for letter, names in (("Q", ("v2", "cl_10_sell0", "cl_10_sell1")), ("S", ("v2x2", "v2x3", "v3v3"))):
        for name in (f"{'quote' if letter == 'Q' else 'solve'}_{one}" for one in names):
            yield Target(letter, f"{name}, half the limit", (name, US), (name, "limit"), 0.5)
    for size in ("1k", "10k", "100k"):
        for kind in ("uniform", "activity"):
            name = f"tick_{size}_{kind}"
            for part in ("p50", "p99"):
                yield Target("T", f"{name} {part}, half the limit", (name, US), (name, "limit"), 0.5, part)
    yield Target("E", "EVM signing", ("sign_evm", US), ("sign_evm", "eth_account"), 8)


TARGETS = tuple(_targets())


def _scale() -> Iterator[Ceiling]:
    ticks = {"1k": (100, 1_500), "10k": (250, 6_000, 30_000), "100k": (1_500, 50_000, 400_000)}
    for size, ceilings in ticks.items():
        for kind in ("uniform", "activity"):
            for part, most in zip(("p50", "p99", "p999"), ceilings, strict=False):
                yield Ceiling("T", f"tick_{size}_{kind} {PARTS[part]}", (f"tick_{size}_{kind}", US), most, part=part)
    for size, each, share in (("10k", 250, 5), ("100k", 1_250, 60)):
        yield Ceiling("T", f"burst of 256, {size} pools, an update", (f"burst_{size}", US), each, part="per_update")
        paced = f"scale_updates_{size}_at_100k"
        yield Ceiling(
            "G", f"100 k updates/s, {size} pools", (paced, US), share, part="core_percent", unit="% of a core"
        )
        at_once = f"scale_updates_{size}_at_once"
        yield Ceiling("G", f"wait in bursts of 5,000, {size} pools, p99", (at_once, US), 1e6, part="wait_p99")
    for size in ("1k", "10k", "100k"):
        names = {"loaded": "bytes_per_pool", "with all that is kept to take blocks back": "with_history"}
        for title, part in names.items():
            name = (f"scale_memory_{size}", US)
            yield Ceiling("G", f"a pool of {size}, {title}", name, 1_000, part=part, unit="bytes")
    yield Ceiling("G", "index of 100k pools", ("scale_build_100k", US), 200, part="seal_ms", unit="ms")


CEILINGS = (
    *_scale(),
    Ceiling("Q", "one quote from Python, V2", ("quote_v2", PYTHON), 400),
    Ceiling("Q", "one quote from Python, CL in range", ("quote_cl_0_sell1", PYTHON), 400),
    Ceiling("Q", "one quote from Python, CL 20 crossings", ("quote_cl_20_sell1", PYTHON), 400),
    Ceiling("Q", "one quote from Python, Whirlpool 10 crossings", ("quote_whirlpool_10", PYTHON), 400),
    Ceiling("Q", "one quote from Python, DLMM 40 bins", ("quote_dlmm_40", PYTHON), 400),
    Ceiling("Q", "one quote from Python, CLMM 10 crossings", ("quote_clmm_10", PYTHON), 400),
    Ceiling("Q", "quote_many of a list, a quote beyond the kernel", ("ffi_quote_many", PYTHON), 40, ("quote_v2", US)),
    Ceiling("Q", "quote_into of buffers, a quote beyond the kernel", ("ffi_quote_into", PYTHON), 40, ("quote_v2", US)),
    Ceiling("S", "mixed three hops, polished", ("solve_mixed3", US), 3000),
    Ceiling("S", "mixed four hops, polished", ("solve_mixed4", US), 4000),
    *(
        Ceiling("E", f"payload to unsigned bytes, {name}, {part}", (f"payload_unsigned_{name}", US), most, part=part)
        for name in ("sol", "evm")
        for part, most in (("p50", 5_000), ("p99", 15_000))
    ),
)


def _bounds() -> Iterator[Bound]:
    floor = ("floor_epoll", PYTHON)
    title = "WebSocket frame to signed bytes: a wake-up, a signature and 10 µs"
    yield Bound("E", title, ("e2e_ws", PYTHON), floor, 1, 27_500)
    for family in ("sol", "evm"):
        signed, bare = (f"payload_signed_{family}", US), (f"bare_sign_{family}", US)
        title = f"payload to signed transaction, {family}"
        yield Bound("E", f"{title}, p50 against a bare signature", signed, bare, 1.25, 5_000)
        yield Bound("E", f"{title}, p99 against its p50", signed, signed, 2, 0, ("p99", "p50"))
    for kind in ("uniform", "activity"):
        large, small = (f"tick_100k_{kind}", US), (f"tick_1k_{kind}", US)
        yield Bound("G", f"tick_100k_{kind} against 1k, p50", large, small, 12)


BOUNDS = tuple(_bounds())


def verdicts(figures: Figures) -> list[str]:
    """Every target whose two sides were measured, medians over rounds."""
    lines = ["| id | target | ours, ns | theirs, ns | of | ratio | wanted | |", "|---|---|---|---|---|---|---|---|"]
    for target in TARGETS:
        ours, theirs = (_median(figures, key, target.part) for key in (target.ours, target.theirs))
        if ours and theirs:
            ratio, who = theirs / ours, target.theirs[1]
            verdict = "met" if ratio >= target.least else "gap"
            shown = f"{ours:,.0f} | {theirs:,.0f} | {who} | {ratio:,.2f} | ≥ {target.least:,.4g} | {verdict}"
            lines.append(f"| {target.id} | {target.title} | {shown} |")
    for ceiling in CEILINGS:
        kernel = _median(figures, ceiling.kernel, "ns_median") if ceiling.kernel else 0.0
        if (ours := _median(figures, ceiling.ours, ceiling.part)) and kernel is not None:
            ours -= kernel
            verdict = "met" if ours <= ceiling.most else "gap"
            shown = f"{_short(ours)} | | | | ≤ {ceiling.most:,.0f} {ceiling.unit} | {verdict}"
            lines.append(f"| {ceiling.id} | {ceiling.title} | {shown} |")
    for bound in BOUNDS:
        ours, than = (_median(figures, *one) for one in zip((bound.ours, bound.than), bound.parts, strict=True))
        if ours and than:
            most = than * bound.times + bound.more
            verdict = "met" if ours <= most else "gap"
            shown = f"{ours:,.0f} | {than:,.0f} | {bound.than[0]} | | ≤ {most:,.0f} ns | {verdict}"
            lines.append(f"| {bound.id} | {bound.title} | {shown} |")
    return lines


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


def everything(figures: Figures) -> list[str]:
    """All medians over rounds, one line a name, one cell for everybody who measured it."""
    names: dict[str, list[str]] = {}
    for (name, who), parts in figures.items():
        shown = ", ".join(
            f"{title} {_short(statistics.median(parts[key]))}" for key, title in PARTS.items() if key in parts
        )
        names.setdefault(name, []).append(f"{who}: {shown}")
    rows = [f"| {name} | {'<br>'.join(cells)} |" for name, cells in names.items()]
    return ["| measurement | ns |", "|---|---|", *rows]


def profits(found: Mapping[tuple[str, str], Sequence[int]]) -> list[str]:
    """What each path earns, against each peer on the paths it solved, in base units."""
    lines = ["| profit | against | paths | more | equal | less | worst | sum |", "|---|---|---|---|---|---|---|---|"]
    for (name, who), theirs in found.items():
        ours = found.get((name, US))
        if who != US and ours:
            gaps = [one - other for one, other in zip(ours, theirs, strict=False)]
            signs = (sum(gap > 0 for gap in gaps), gaps.count(0), sum(gap < 0 for gap in gaps))
            counts = " | ".join(f"{sign:,}" for sign in signs)
            lines.append(f"| {name} | {who} | {len(gaps)} | {counts} | {min(gaps):,} | {sum(gaps):,} |")
    return lines


def _median(figures: Figures, key: tuple[str, str], part: str) -> float | None:
    values = figures.get(key, {}).get(part)
    return statistics.median(values) if values else None
