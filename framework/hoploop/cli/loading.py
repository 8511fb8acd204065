"""Loads recipes for commands and shows what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from hoploop.cli.completion import SUFFIXES, ProfileName
from hoploop.errors import RecipeError

if TYPE_CHECKING:
    from hoploop.recipe.load import Inspection, Pipeline
    from hoploop.recipe.plan import Plan
    from hoploop.recipe.propose import Loaded


profile_option = click.option(
    "--profile",
    type=ProfileName(),
    envvar="HOPLOOP_PROFILE",
    show_envvar=True,
    help="Profile of the recipe to use.",
)
"""For commands that take one recipe."""


def load_plan(path: Path, profile: str | None = None) -> Plan:
    """The plan of a recipe that is about to run; shows findings and raises RecipeError R400 (exit 78) otherwise."""
    return load_recipe(path, profile).plan


def load_recipe(path: Path, profile: str | None = None) -> Loaded:
    """The same with the document it was made from."""
    from hoploop.recipe.propose import loaded

    found = inspect_file(path, pipeline(), profile)
    show(found, "human", err=True)
    if found.plan is None:
        raise RecipeError("R400", f"{found.file} cannot run", diagnostics=found.report.findings)
    return loaded(found)


def pipeline() -> Pipeline:
    """A pipeline over the installed connectors and the process environment."""
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.load import Pipeline

    return Pipeline(Registry.installed(), os.environ)


def inspect_file(path: Path, checker: Pipeline, profile: str | None = None, *, every: bool = False) -> Inspection:
    """Read and check one file, without a profile with `every` one too; RecipeError R401 when it cannot be read."""
    from hoploop.recipe.source import read_source

    source = read_source(path)
    return checker.inspect_all(source) if every and profile is None else checker.inspect(source, profile)


def recipe_files(paths: Sequence[Path]) -> list[Path]:
    """Files as they are and the recipes within folders, sorted; UsageError for a folder without any.

    Of a folder only regular files are taken, and nothing hidden: editors and tools keep links and folders of their own.
    """
    files: list[Path] = []
    for path in paths:
        inside = list(_inside(path)) if path.is_dir() else [path]
        if not inside:
            raise click.UsageError(f"no recipe (*.yaml) in {path}")
        files += sorted(inside)
    return list(dict.fromkeys(files))


def _inside(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in SUFFIXES and not hidden and path.is_file():
            yield path


def without_parts(inspections: Sequence[Inspection], asked: Sequence[Path]) -> list[Inspection]:
    """Without files of folders that others include and that have no `recipe:` of their own."""
    parts = {name for found in inspections for name in found.files[1:]}
    return [found for found in inspections if found.named or found.file not in parts or Path(found.file) in asked]


def show(found: Inspection, form: Literal["human", "concise"], *, err: bool) -> None:
    """Print the findings of one file, if any."""
    from hoploop.recipe import render

    if not found.report.findings:
        return
    text = render.concise(found.report) if form == "concise" else render.human(found.report, found.snippets) + "\n"
    click.echo(text, err=err)
