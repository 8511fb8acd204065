"""The console's tables as plain text rows: pure functions of the board."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hoploop.console.board import Board, age_text, clock_text, shorten
from hoploop.model.attempts import Attempt
from hoploop.model.events import OpportunityRefused
from hoploop.model.money import format_units
from hoploop.model.states import AttemptState
from hoploop.model.status import ChainStatus, Quantiles


class Column(NamedTuple):
    """A heading; numbers are set to the right."""

    title: str
    right: bool = False


class Row(NamedTuple):
    """Cells in the order of the columns; `tone` is "", good, warn or bad and never says what the words do not."""

    cells: tuple[str, ...]
    tone: str = ""


class Pane(NamedTuple):
    """One tab: the letter that opens it, its columns, its rows, and what it says when it has none."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Board], Iterable[Row]]
    empty: str


def venues(board: Board) -> Iterable[Row]:
    """Every venue of every chain; one with no fresh pool cannot trade."""
    for chain in _chains(board):
        for venue in chain.venues:
            tone = "" if venue.fresh == venue.pools else "bad" if venue.fresh == 0 else "warn"
            said = "ok" if tone == "" else "stale" if venue.fresh == 0 else "part"
            fresh = f"{venue.fresh}/{venue.pools}"
            yield Row((chain.id, venue.id, said, fresh, str(venue.updates), age_text(venue.age_ms)), tone)


def opportunities(board: Board) -> Iterable[Row]:
    """Newest first, with the reason of each refusal."""
    for event in board.opportunities:
        refused = isinstance(event, OpportunityRefused)
        said = f"refused: {event.reason}" if isinstance(event, OpportunityRefused) else "found"
        detail = event.detail if isinstance(event, OpportunityRefused) else ""
        net = board.money(event.net, event.asset)
        amount = board.money(event.amount_in, event.asset)
        cells = (clock_text(event.at_ns), event.chain, said, net, amount, event.shape, event.strategy, detail)
        yield Row(cells, "warn" if refused else "")


_TONES = {
    AttemptState.LANDED: "good",
    AttemptState.REVERTED: "bad",
    AttemptState.UNKNOWN: "bad",
    AttemptState.LOST: "warn",
}


def attempts(board: Board) -> Iterable[Row]:
    """The one that moved last first."""
    for at_ns, attempt in reversed(board.attempts.values()):
        yield Row(_attempt(board, at_ns, attempt), _TONES.get(attempt.state, ""))


def _attempt(board: Board, at_ns: int, attempt: Attempt) -> tuple[str, ...]:
    realized = "-" if attempt.realized_net is None else board.money(attempt.realized_net, attempt.asset)
    return (
        clock_text(at_ns),
        attempt.chain,
        attempt.state.value,
        board.money(attempt.predicted_net, attempt.asset),
        realized,
        attempt.difference or attempt.reason or "-",
        attempt.lender or "own funds",
        attempt.route or "-",
        attempt.shape,
        attempt.tx_id or "-",
    )


def limits(board: Board) -> Iterable[Row]:
    """Each limit, how much is used and a bar."""
    status = board.status
    for limit in status.limits if status is not None else ():
        used, most = int(limit.used), int(limit.limit)
        tenths = 10 if most <= 0 else max(0, min(10, used * 10 // most))
        tone = "bad" if tenths >= 10 else "warn" if tenths >= 8 else ""
        asset = limit.name.rpartition(".")[2]
        yield Row(
            (limit.name, board.money(used, asset), board.money(most, asset), "█" * tenths + "░" * (10 - tenths)), tone
        )


def latency(board: Board) -> Iterable[Row]:
    """Where the time goes, microseconds."""
    if board.status is None:
        return
    times = board.status.latency_us
    parts: tuple[tuple[str, Quantiles], ...] = (
        ("update → candidate", times.update_to_candidate),
        ("update → signed", times.update_to_signed),
        ("signed → sent", times.signed_to_sent),
    )
    for name, found in parts:
        yield Row((name, f"{found.p50:,}", f"{found.p99:,}", f"{found.n:,}"))


def reasons(board: Board) -> Iterable[Row]:
    """Why opportunities did not become trades, most frequent first."""
    for chain in _chains(board):
        for reason, count in sorted(chain.reasons.items(), key=lambda item: (-item[1], item[0])):
            yield Row((chain.id, reason, f"{count:,}"))


def funds(board: Board) -> Iterable[Row]:
    """Own balances and what lenders lent."""
    for chain in _chains(board):
        for asset, amount in sorted(chain.balances.items()):
            yield Row((chain.id, "balance", _balance(board, chain, asset, amount)))
        for lender, count in sorted(chain.flash_loans.by_lender.items()):
            yield Row((chain.id, f"loans from {lender}", f"{count:,}"))


# The coin that pays fees is no asset of a recipe; its unit belongs to the family.
_NATIVE_DECIMALS = {"evm": 18, "solana": 9}


def _balance(board: Board, chain: ChainStatus, asset: str, amount: str) -> str:
    if asset != "native" or chain.family not in _NATIVE_DECIMALS:
        return board.money(amount, asset)
    return f"{shorten(format_units(int(amount), _NATIVE_DECIMALS[chain.family]))} fee coin"


def log(board: Board) -> Iterable[Row]:
    """Newest first."""
    return (Row((clock_text(at_ns), text), tone) for at_ns, tone, text in board.log)


def matching(rows: Iterable[Row], text: str) -> list[Row]:
    """Rows that hold every word of `text`, whatever the case."""
    words = text.lower().split()
    return [row for row in rows if all(word in " ".join(row.cells).lower() for word in words)]


def _chains(board: Board) -> tuple[ChainStatus, ...]:
    return board.status.chains if board.status is not None else ()


def _columns(*titles: str) -> tuple[Column, ...]:
    """A title that ends in `>` heads a column of numbers."""
    return tuple(Column(title.rstrip(">"), title.endswith(">")) for title in titles)


PANES: tuple[Pane, ...] = (
    Pane(
        "v",
        "Venues",
        _columns("chain", "venue", "pools", "fresh>", "updates>", "newest>"),
        venues,
        "the engine has no venues",
    ),
    Pane(
        "o",
        "Opportunities",
        _columns("time UTC", "chain", "verdict", "net>", "amount in>", "cycle", "strategy", "detail"),
        opportunities,
        "none seen since the console attached",
    ),
    Pane(
        "a",
        "Attempts",
        _columns(
            "time UTC", "chain", "state", "predicted>", "realized>", "why", "lender", "route", "cycle", "transaction"
        ),
        attempts,
        "none made since the console attached",
    ),
    Pane("w", "Why not", _columns("chain", "reason", "count>"), reasons, "nothing was refused or lost so far"),
    Pane("f", "Funds", _columns("chain", "what", "amount>"), funds, "the engine tells no balances"),
    Pane("m", "Limits", _columns("limit", "used>", "of>", "share"), limits, "the recipe sets no limits"),
    Pane("t", "Latency", _columns("from → to", "p50 µs>", "p99 µs>", "samples>"), latency, "no measurements yet"),
    Pane("l", "Log", _columns("time UTC", "what happened"), log, "nothing happened since the console attached"),
)
