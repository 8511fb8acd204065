"""`hoploop ledger`: what the book of a recipe says, while its engine runs or after."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from hoploop.cli._help import ending
from hoploop.cli.completion import OneOf
from hoploop.cli.control import FOLDER, RECIPE, paths_of
from hoploop.codes._info import FINDINGS

if TYPE_CHECKING:
    from hoploop.ledger.reader import Reader
    from hoploop.model.states import AttemptState

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["human", "json", "csv"]), default="human", show_default=True
)
_LIMIT = click.option("--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help="Most rows.")


@click.group(epilog=ending("ledger attempts two_chains --state landed --format csv", FINDINGS))
def ledger() -> None:
    """Read the book of a recipe: attempts, days, runs."""


@ledger.command(epilog=ending("ledger attempts two_chains --state reverted", FINDINGS))
@RECIPE
@FOLDER
@click.option("--state", type=OneOf(lambda: _states()), help="Only attempts in this state, such as landed.")
@click.option("--chain", default="", help="Only attempts of this chain.")
@_LIMIT
@_FORMAT
def attempts(recipe: str, state_dir: Path | None, state: str | None, chain: str, limit: int, form: str) -> int:
    """Attempts, newest first; amounts in base units."""
    states = _states()
    if state is not None and state not in states:
        raise click.UsageError(f"no state is called {state!r}; there are: {', '.join(states)}")
    wanted = [states[state]] if state else ()
    shown = ("id", "state", "chain", "strategy", "shape", "amount_in", "predicted_net", "realized_net", "reason")
    return _listed(recipe, state_dir, lambda book: book.attempts(wanted, chain=chain, limit=limit), form, shown)


@ledger.command(epilog=ending("ledger days two_chains --format csv", FINDINGS))
@RECIPE
@FOLDER
@_LIMIT
@_FORMAT
def days(recipe: str, state_dir: Path | None, limit: int, form: str) -> int:
    """Results by UTC day and asset, newest first; base units after all costs."""
    shown = ("day", "asset", "landed", "reverted", "realized")
    return _listed(recipe, state_dir, lambda book: book.days(limit), form, shown)


@ledger.command(epilog=ending("ledger runs two_chains", FINDINGS))
@RECIPE
@FOLDER
@_LIMIT
@_FORMAT
def runs(recipe: str, state_dir: Path | None, limit: int, form: str) -> int:
    """Runs of the engine, newest first."""
    shown = ("id", "recipe", "mode", "fingerprint", "end_reason")
    return _listed(recipe, state_dir, lambda book: book.runs(limit), form, shown)


def _states() -> dict[str, AttemptState]:
    from hoploop.model.states import AttemptState

    return {one.value: one for one in AttemptState}


def _listed(
    recipe: str,
    state_dir: Path | None,
    find: Callable[[Reader], Sequence[msgspec.Struct]],
    form: str,
    shown: Sequence[str],
) -> int:
    """Print what `find` finds in the book; people see the columns in `shown`."""
    from hoploop.ledger.reader import Reader

    with Reader(paths_of(recipe, state_dir).ledger) as book:
        rows = [msgspec.to_builtins(one) for one in find(book)]
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())
    elif form == "csv":
        click.echo(_csv(rows), nl=False)
    else:
        click.echo("\n".join(_table(rows, shown)) if rows else "nothing")
    return 0


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [], lineterminator="\n")
    if rows:
        writer.writeheader()
        writer.writerows(rows)
    return out.getvalue()


def _table(rows: Sequence[dict[str, Any]], shown: Sequence[str]) -> Iterable[str]:
    cells = [list(shown), *([_cell(row[name]) for name in shown] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(shown))]
    for line in cells:
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()


def _cell(value: object) -> str:
    text = "-" if value in (None, "") else str(value)
    return text if len(text) <= 48 else f"{text[:47]}…"
