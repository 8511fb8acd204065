"""`hoploop lint`: advice on recipes that are valid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoploop.cli._findings import finding_options, policy_of, present
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import pipeline, recipe_files, without_parts
from hoploop.codes._info import FINDINGS

if TYPE_CHECKING:
    from hoploop.recipe.diagnostics import Report
    from hoploop.recipe.load import Inspection, Pipeline


@click.command(epilog=ending("lint recipes --allow R381 --format concise", FINDINGS))
@click.argument("paths", nargs=-1, type=RecipePath())
@finding_options
def lint(paths: tuple[Path, ...], form: str, deny_warnings: bool, allow: Sequence[str], deny: Sequence[str]) -> int:
    """Say what is allowed, but seldom meant, in recipes: files, or those in folders (default: recipes/). Offline.

    Prints the warnings of `hoploop validate`, too; for a recipe that is not valid its errors.
    """
    policy = policy_of(deny_warnings, allow, deny)
    checker = pipeline()
    named = paths or (Path("recipes"),)
    linted = [_linted(path, checker) for path in recipe_files(named)]
    whole = {found.file for found in without_parts([found for found, _ in linted], named)}
    results = [(found.file, policy.apply(advice), found.snippets) for found, advice in linted if found.file in whole]
    return present(results, form, "lint")


def _linted(path: Path, checker: Pipeline) -> tuple[Inspection, Report]:
    from hoploop.recipe.diagnostics import report
    from hoploop.recipe.lint import lint as advice
    from hoploop.recipe.source import read_source

    source = read_source(path)
    whole, base = checker.inspect_all(source), checker.inspect(source)
    plans = {name: checker.inspect(source, name).plan for name in base.profiles}
    return base, report([*whole.report.findings, *advice(base, plans)])
