"""`hoploop test`: plays the recorded markets of recipes and compares decisions with what is expected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoploop.cli._help import ending
from hoploop.cli.completion import ProfileName, RecipePath
from hoploop.cli.loading import inspect_file, pipeline, recipe_files, show
from hoploop.codes._info import FINDINGS, INVALID
from hoploop.errors import RecipeError

if TYPE_CHECKING:
    from hoploop.recipe.load import Pipeline
    from hoploop.rehearsal.expect import Outcome

Outcomes = Sequence[tuple[str, "Outcome"]]
"""File of the recipe, outcome of one of its tests."""


@click.command(name="test", epilog=ending("test recipes --format junit", FINDINGS, INVALID))
@click.argument("paths", nargs=-1, type=RecipePath())
@click.option("--format", "form", type=click.Choice(["human", "json", "junit"]), default="human", show_default=True)
@click.option("--profile", type=ProfileName(), help="Profile of the recipes to use.")
def test(paths: tuple[Path, ...], form: str, profile: str | None) -> int:
    """Play what `tests:` of recipes say: files, or those in folders (default: recipes/). Sends nothing.

    Each test is a recorded market with the decisions that must come up on it. Ends with 1 when one does not.
    """
    from hoploop.rehearsal.report import human, junit, plain

    checker = pipeline()
    outcomes: list[tuple[str, Outcome]] = []
    for path in recipe_files(paths or (Path("recipes"),)):
        outcomes += [(str(path), outcome) for outcome in _played(path, checker, profile, asked=path in paths)]
    if form == "json":
        click.echo(json.dumps(plain(outcomes), indent=2))
    else:
        click.echo(junit(outcomes) if form == "junit" else human(outcomes))
    return 0 if all(outcome.passed for _, outcome in outcomes) else 1


def _played(path: Path, checker: Pipeline, profile: str | None, *, asked: bool) -> Sequence[Outcome]:
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.cases import cases, market_of
    from hoploop.rehearsal.expect import judge
    from hoploop.rehearsal.play import Played, play
    from hoploop.rehearsal.tape import read_tape, tape_path

    found = inspect_file(path, checker)
    # Of a folder only recipes of their own are tested; parts go with those that include them.
    if not found.named and found.root is not None and not asked:
        return []
    if profile is not None:
        found = inspect_file(path, checker, profile)
    if found.plan is None or found.root is None:
        show(found, "human", err=True)
        raise RecipeError("R400", f"{found.file} cannot be tested", diagnostics=found.report.findings)
    markets: dict[Path, tuple[Played, ...]] = {}
    outcomes = []
    for case in cases(found.root):
        market = market_of(case, path, tape_path(path))
        if market not in markets:
            markets[market] = asyncio.run(play(found.plan, read_tape(market), Registry.installed()))
        outcomes.append(judge(case, found.plan, markets[market]))
    return outcomes
