"""`hoploop dry-run`: a recipe on a recorded market, up to the signed bytes."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoploop.cli.loading import load_plan, profile_option

if TYPE_CHECKING:
    from hoploop.recipe.plan import Plan


@click.command(name="dry-run")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--market", type=click.Path(path_type=Path), help="Recorded market (default: beside RECIPE).")
@click.option("--record", is_flag=True, help="Record the market first: listen until an opportunity comes up.")
@profile_option
def dry_run(recipe: Path, market: Path | None, record: bool, profile: str | None) -> int:
    """Run RECIPE on a recorded market and print decisions, instructions, amounts and bytes. Sends nothing."""
    from hoploop.plugin.registry import Registry
    from hoploop.rehearsal.play import play
    from hoploop.rehearsal.tape import read_tape, tape_path
    from hoploop.rehearsal.text import transcript

    plan = load_plan(recipe, profile)
    path = market or tape_path(recipe)
    if record:
        asyncio.run(_record(plan, path))
    played = asyncio.run(play(plan, read_tape(path), Registry.installed()))
    click.echo(transcript(plan, played), nl=False)
    return 0


async def _record(plan: Plan, path: Path) -> None:
    from hoploop.plugin.registry import Registry
    from hoploop.rehearsal.play import record
    from hoploop.rehearsal.tape import write_tape
    from hoploop.runtime.local_chains import LocalChains

    def tell(text: str) -> None:
        click.echo(text, err=True)

    with tempfile.TemporaryDirectory(prefix="hoploop-") as folder:
        async with LocalChains(plan, Path(folder), tell) as served:
            write_tape(path, await record(plan, served, Registry.installed()))
