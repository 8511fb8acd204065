"""`hoploop lock`: writes down what a recipe is made of, and says what is not as it was."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from hoploop.cli._format import format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import pipeline, show
from hoploop.codes._info import FINDINGS, INVALID
from hoploop.errors import RecipeError
from hoploop.recipe.lock import Lock, differences, lock_of, lock_path, read_lock, write_lock
from hoploop.recipe.source import read_included, read_source


@click.command(epilog=ending("lock recipes/paper/two_chains.yaml", FINDINGS, INVALID))
@click.argument("recipe", type=RecipePath(dir_okay=False))
@click.option("--check", is_flag=True, help="Only say what is not as it was locked; end with 1 if anything is not.")
@format_option
def lock(recipe: Path, check: bool, form: str) -> int:
    """Write the lock of RECIPE beside it: digests of its files and connectors, and the plan of every profile.

    `hoploop run --locked` runs RECIPE only as it was locked.
    """
    path = lock_path(recipe)
    held = read_lock(path) if check else None
    now = current(recipe)
    if held is None:
        write_lock(path, now)
        click.echo(json.dumps({"wrote": str(path)}) if form == "json" else f"wrote {path}")
        return 0
    changed = list(differences(held, now))
    if form == "json":
        click.echo(json.dumps({"lock": str(path), "changed": changed}, indent=2))
    else:
        click.echo("\n".join(changed) or f"as in {path}")
    return 1 if changed else 0


def current(recipe: Path) -> Lock:
    """The lock RECIPE would get now; RecipeError R400 when it or one of its profiles is not valid."""
    checker = pipeline()
    source = read_source(recipe)
    names = checker.inspect(source).profiles
    plans = {}
    files: set[str] = set()
    for profile in (None, *names):
        found = checker.inspect(source, profile)
        if found.plan is None:
            show(found, "human", err=True)
            raise RecipeError("R400", f"{found.file} cannot be locked", diagnostics=found.report.findings)
        plans[profile] = found.plan
        files |= set(found.files)
    folder = recipe.parent
    raw = {Path(os.path.relpath(name, folder)).as_posix(): read_included(name) for name in sorted(files)}
    return lock_of(raw, plans, checker.schemas)


def require(recipe: Path) -> None:
    """RecipeError R413 (exit 78) when RECIPE is not as it was locked, R412 when it has no lock."""
    changed = list(differences(read_lock(lock_path(recipe)), current(recipe)))
    if changed:
        raise RecipeError("R413", f"{recipe}: {'; '.join(changed)}")
