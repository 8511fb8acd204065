"""`hoploop local up`: keep a recipe's embedded chains running in a process of their own."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from pathlib import Path

import click

from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import load_plan
from hoploop.codes._info import FINDINGS, INVALID
from hoploop.recipe.plan import Plan


@click.group(epilog=ending("local up recipes/paper/two_chains.yaml --file chains.json"))
def local() -> None:
    """The embedded chains, by hand."""


@local.command(epilog=ending("local up recipes/paper/two_chains.yaml --file chains.json", FINDINGS, INVALID))
@click.argument("recipe", type=RecipePath(dir_okay=False))
@click.option("--file", "served", type=click.Path(path_type=Path), required=True, help="Written once ready.")
def up(recipe: Path, served: Path) -> None:
    """Start the embedded chains of RECIPE and serve until interrupted; `hoploop run --local FILE` attaches."""
    plan = load_plan(recipe)
    if not any(chain.embedded for chain in plan.chains):
        raise click.UsageError(f"{recipe} has no embedded chain")
    asyncio.run(_serve(plan, served))


async def _serve(plan: Plan, served: Path) -> None:
    from hoploop.runtime.local_chains import LocalChains, write_served

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    # A short folder: Unix socket paths hold about a hundred bytes.
    with tempfile.TemporaryDirectory(prefix="hoploop-") as folder:
        async with LocalChains(plan, Path(folder), lambda text: click.echo(text, err=True)) as chains:
            write_served(served, chains)
            click.echo(f"serving {', '.join(chains)}; see {served}", err=True)
            await stop.wait()
    served.unlink(missing_ok=True)
