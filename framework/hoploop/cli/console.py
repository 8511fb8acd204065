"""`hoploop console`: watch a running engine, stop it, or replay what was recorded of one."""

from __future__ import annotations

from pathlib import Path

import click

from hoploop.cli._by import by_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipeName
from hoploop.codes._info import FINDINGS, UNREACHABLE
from hoploop.console.client import request
from hoploop.errors import ControlError
from hoploop.runtime.paths import StatePaths, name_of, state_dir

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog=ending("console two_chains --read-only", FINDINGS, UNREACHABLE))
@click.argument("recipe", default="two_chains", type=RecipeName())
@click.option("--state-dir", "folder", type=click.Path(path_type=Path), help="State folder, if not the recipe's own.")
@click.option("--read-only", is_flag=True, help="Look only: no kill, pause, resume or arm from this console.")
@by_option
@click.option("--record", type=_FILE, help="Write everything shown to FILE as well.")
@click.option("--replay", type=_FILE, help="Show a recorded FILE instead of an engine.")
@click.option("--picture", type=_FILE, help="With --replay: write its last frame to FILE as SVG and end.")
def console(
    recipe: str,
    folder: Path | None,
    read_only: bool,
    by: str,
    record: Path | None,
    replay: Path | None,
    picture: Path | None,
) -> None:
    """Show RECIPE's running engine (a recipe's name or file). Closing the console changes nothing."""
    if replay is not None:
        _replay(replay, picture)
        return
    if picture is not None:
        raise click.UsageError("--picture needs --replay")
    socket = StatePaths(folder or state_dir(name_of(recipe))).socket
    request(socket, "status", by=by)  # a clear error here, not a dead screen
    from hoploop.console.app import run_console

    if record is None:
        run_console(socket, read_only=read_only, by=by)
        return
    try:
        with open(record, "wb") as file:
            run_console(socket, read_only=read_only, by=by, record=file)
    except OSError as error:
        raise ControlError("G208", f"{record}: {error.strerror}") from None


def _replay(path: Path, into: Path | None) -> None:
    # Textual takes most of a second to import: only when a screen is really wanted.
    from hoploop.console.source import Recording

    if into is None:
        from hoploop.console.app import Console

        Console(Recording(path), read_only=True).run()
        return
    from hoploop.console.picture import picture

    into.write_text(picture(Recording(path, pace=False)), "utf-8")
