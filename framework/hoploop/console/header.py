"""The lines that are always on the screen: mode, recipe, gate, chains, profit, and what is wrong right now."""

from __future__ import annotations

from rich.text import Text

from hoploop.console.board import Board, age_text
from hoploop.model.status import ChainStatus, EngineStatus
from hoploop.model.text import visible

MAX_CHAINS = 4
_MODES = {"live": "bold white on red", "paper": "bold black on cyan", "dry": "bold black on green"}
_GATES = {"armed": "bold green", "dry": "bold cyan", "paused": "bold yellow", "tripped": "bold white on red"}


def head_lines(board: Board, width: int) -> Text:
    """One line for the engine and one a chain, cut to `width`."""
    status = board.status
    if status is None:
        return Text(" waiting for the engine ", style="bold")
    lines = [_engine(status, width), *(_chain(board, chain, width) for chain in status.chains[:MAX_CHAINS])]
    if len(status.chains) > MAX_CHAINS:
        lines.append(Text(f" and {len(status.chains) - MAX_CHAINS} more chains", style="dim"))
    for line in lines:
        line.plain = visible(line.plain)
        line.truncate(width, overflow="ellipsis")
    return Text("\n").join(lines)


def _engine(status: EngineStatus, width: int) -> Text:
    gate = status.gate
    line = Text.assemble(
        (f" {status.mode.upper()} ", _MODES.get(status.mode, "bold reverse")),
        f" {status.recipe} {status.fingerprint[:12]}  gate ",
        (gate.state.upper(), _GATES.get(gate.state, "bold")),
        f"  in flight {status.in_flight}",
    )
    if width >= 100:
        line.append(f"  up {age_text(status.uptime_ms)}  ({gate.reason}, by {gate.by})", style="dim")
    return line


def _chain(board: Board, chain: ChainStatus, width: int) -> Text:
    counts = chain.attempts
    line = Text.assemble(
        (f" {chain.id:<5}", "bold"),
        f" head {chain.head} ({age_text(chain.head_age_ms)}) ",
        (chain.feed, "green" if chain.feed == "ok" else "bold yellow"),
        f"  in flight {chain.in_flight}",
        f"  landed {counts.landed}",
        *([(f" reverted {counts.reverted}", "bold red")] if counts.reverted else []),
        *([(f" unknown {counts.unknown}", "bold red")] if counts.unknown else []),
    )
    for asset, amount in sorted(chain.profit.realized.items()):
        sign = "" if amount.startswith("-") else "+"
        line.append(f"  {sign}{board.money(amount, asset)}", style="bold red" if sign == "" else "bold green")
    if width >= 100:
        line.append(f"  lost {counts.lost}  refused {counts.refused}  gaps {chain.gaps}", style="dim")
    if width >= 140:
        line.append(f"  updates {chain.updates:,}  candidates {chain.candidates:,}", style="dim")
    return line
