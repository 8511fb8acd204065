"""`hoploop run`: run a recipe's engine in this process, without a screen unless asked."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from hoploop.cli._by import operator
from hoploop.cli._duration import Duration
from hoploop.cli._format import short_format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import load_recipe, profile_option
from hoploop.codes._info import FINDINGS, INVALID
from hoploop.errors import ControlError
from hoploop.runtime.paths import StatePaths, state_dir

if TYPE_CHECKING:
    from hoploop.recipe.propose import Loaded
    from hoploop.runtime.options import RunOptions


@click.command(epilog=ending("run recipes/paper/two_chains.yaml --for 30s --json", FINDINGS, INVALID))
@click.argument("recipe", type=RecipePath(dir_okay=False))
@click.option("--state-dir", "folder", type=click.Path(path_type=Path), help="State folder, if not the recipe's own.")
@click.option("--for", "for_ms", type=Duration(), help="Stop after this long, e.g. 30s.")
@short_format_option
@click.option(
    "--local", "attach", type=click.Path(path_type=Path), help="Attach to chains served by `hoploop local up`."
)
@click.option("--clear-trip", metavar="NAME", default="", help="Clear an earlier trip; NAME goes into the log.")
@click.option("--locked", is_flag=True, help="Run only what `hoploop lock` wrote down.")
@click.option("--console", "with_console", is_flag=True, help="Run the engine in the background and show the console.")
@profile_option
def run(
    recipe: Path,
    folder: Path | None,
    for_ms: int | None,
    form: str,
    attach: Path | None,
    clear_trip: str,
    locked: bool,
    with_console: bool,
    profile: str | None,
) -> None:
    """Run RECIPE. It comes up DRY; `hoploop arm` arms it. Only paper recipes on embedded chains arm themselves."""
    if locked:
        from hoploop.cli.lock import require

        require(recipe)
    loaded = load_recipe(recipe, profile)
    paths = StatePaths(folder or state_dir(loaded.plan.recipe))
    if with_console:
        show(recipe, paths, [argument for argument in sys.argv[2:] if argument != "--console"])
        return
    from hoploop.runtime.options import RunOptions

    options = RunOptions(for_ms=for_ms, attach=attach, clear_trip=clear_trip)
    run_here(loaded, paths, options, prose=form != "json", as_json=form == "json")


def run_here(loaded: Loaded, paths: StatePaths, options: RunOptions, *, prose: bool, as_json: bool) -> None:
    """Run the engine in this process to its end, then say how it went: in prose, as a last line of JSON, or both."""
    from hoploop.plugin.registry import Registry
    from hoploop.runtime.host import host
    from hoploop.runtime.report import summary

    status = host(loaded, Registry.installed(), paths, options, lambda text: click.echo(text, err=True))
    if prose:
        from hoploop.cli.control import describe

        click.echo(describe(status))
    if as_json:
        click.echo(msgspec.json.encode(summary(status)).decode())


def show(recipe: Path, paths: StatePaths, arguments: list[str]) -> None:
    """Start the engine as a process of its own, attach the console, and stop the engine when the console closes."""
    command = [sys.executable, "-m", "hoploop", "run", *arguments]
    paths.make()
    with open(paths.folder / "engine.out", "wb") as out:
        engine = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _wait_for_socket(engine, paths)
        from hoploop.console.app import run_console

        run_console(paths.socket, by=operator())
    finally:
        if engine.poll() is None:
            engine.terminate()
            engine.wait(timeout=60)


def _wait_for_socket(engine: subprocess.Popen[bytes], paths: StatePaths) -> None:
    shown = 0
    while not paths.socket.exists():
        text = (paths.folder / "engine.out").read_text("utf-8", "replace")
        click.echo(text[shown:], nl=False)
        shown = len(text)
        if engine.poll() is not None:
            raise ControlError("G502", f"the engine ended with exit code {engine.returncode} before it was ready")
        time.sleep(0.05)
