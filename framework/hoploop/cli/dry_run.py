"""`hoploop dry-run`: a recipe on a recorded market, up to the signed bytes."""

from __future__ import annotations

import asyncio
import difflib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoploop.cli._duration import Duration
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import load_plan, profile_option
from hoploop.codes._info import FINDINGS, INVALID

if TYPE_CHECKING:
    from hoploop.recipe.plan import Plan


@click.command(
    name="dry-run", epilog=ending("dry-run recipes/paper/evm_flash.yaml --update", FINDINGS, INVALID)
)
@click.argument("recipe", type=RecipePath(dir_okay=False))
@click.option("--market", type=click.Path(path_type=Path), help="Recorded market (default: beside RECIPE).")
@click.option("--record", is_flag=True, help="Record the market first: listen until an opportunity comes up.")
@click.option("--for", "for_ms", type=Duration(), help="With --record: listen to a chain no longer than this.")
@click.option("--update", is_flag=True, help="Keep the text beside RECIPE, for later dry runs to be compared with.")
@profile_option
def dry_run(
    recipe: Path, market: Path | None, record: bool, for_ms: int | None, update: bool, profile: str | None
) -> int:
    """Run RECIPE on a recorded market and print decisions, instructions, amounts and bytes. Sends nothing.

    When RECIPE has a text that was kept with --update, prints what is different instead, and ends with 1 if anything
    is. Another --market has nothing to be compared with.
    """
    from hoploop.plugin.registry import Registry
    from hoploop.rehearsal.play import play
    from hoploop.rehearsal.tape import read_tape, tape_path
    from hoploop.rehearsal.text import text_path, transcript

    if update and market is not None:
        raise click.UsageError("the text beside a recipe is that of the market beside it: --update takes no --market")
    if for_ms is not None and not record:
        raise click.UsageError("--for bounds a recording: it goes with --record")
    plan = load_plan(recipe, profile)
    path = market or tape_path(recipe)
    if record:
        asyncio.run(_record(plan, path, None if for_ms is None else for_ms / 1000))
    played = asyncio.run(play(plan, read_tape(path), Registry.installed()))
    text, kept = transcript(plan, played), text_path(recipe, profile)
    if update:
        from hoploop.recipe.writing import write_whole

        write_whole(kept, text)
        click.echo(f"wrote {kept}")
    elif market is None and kept.is_file():
        return _compared(kept, text)
    else:
        click.echo(text, nl=False)
    return 0


def _compared(kept: Path, text: str) -> int:
    before = kept.read_text("utf-8", "replace")
    if before == text:
        click.echo(f"as in {kept}")
        return 0
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), text.splitlines(keepends=True), str(kept), "this dry run"
    )
    click.echo("".join(lines), nl=False)
    return 1


async def _record(plan: Plan, path: Path, within_s: float | None) -> None:
    from hoploop.plugin.registry import Registry
    from hoploop.rehearsal.play import record
    from hoploop.rehearsal.tape import write_tape
    from hoploop.runtime.local_chains import LocalChains

    def tell(text: str) -> None:
        click.echo(text, err=True)

    with tempfile.TemporaryDirectory(prefix="hoploop-") as folder:
        async with LocalChains(plan, Path(folder), tell) as served:
            write_tape(path, await record(plan, served, Registry.installed(), within_s))
