"""`hoploop demo`: the whole street on two embedded chains, in one command."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hoploop.cli._duration import Duration
from hoploop.cli._format import short_format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import load_recipe
from hoploop.codes._info import FINDINGS, INVALID
from hoploop.local.artifacts import repo_root
from hoploop.runtime.paths import StatePaths, state_dir

_DEFAULT_MS = 30_000


@click.command(epilog=ending("demo --headless --for 30s --json", FINDINGS, INVALID))
@click.option("--headless", is_flag=True, help="No screen (also when there is no terminal).")
@click.option("--for", "for_ms", type=Duration(), help="Stop after this long; headless default 30s.")
@short_format_option
@click.option("--recipe", type=RecipePath(dir_okay=False), help="Another embedded paper recipe.")
def demo(headless: bool, for_ms: int | None, form: str, recipe: Path | None) -> None:
    """Start a local EVM and a local Solana chain with traffic, and arbitrage both. Nothing leaves this machine."""
    path = recipe or _shipped()
    loaded = load_recipe(path)
    plan = loaded.plan
    if not plan.embedded or plan.mode != "paper":
        raise click.UsageError("the demo runs paper recipes on embedded chains only")
    paths = StatePaths(state_dir(plan.recipe))
    from hoploop.cli.run import run_here, show

    if not headless and sys.stdout.isatty() and sys.stdin.isatty():
        limit = [] if for_ms is None else ["--for", f"{for_ms}ms"]
        show(path, paths, [str(path), "--clear-trip", "demo", *limit])
        return
    from hoploop.runtime.options import RunOptions

    options = RunOptions(for_ms=for_ms or _DEFAULT_MS, clear_trip="demo")
    # Without a terminal there is nobody to read prose alone: the last line is the JSON object either way.
    run_here(loaded, paths, options, prose=form != "json", as_json=True)


def _shipped() -> Path:
    root = repo_root()
    if root is None:
        raise click.UsageError("name a recipe with --recipe: this is no source checkout, so none is shipped beside it")
    return root / "recipes" / "paper" / "two_chains.yaml"
