"""Commands that work on recipes offline: validate, plan, schema, explain, list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import click

from hoploop.cli.loading import inspect_file, pipeline, show
from hoploop.codes import CODES
from hoploop.errors import RecipeError

_PUBLISHED = Path("schemas/recipe.schema.json")
Format = Literal["human", "concise", "json"]


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["human", "concise", "json"]), default="human", show_default=True)
@click.option("--deny-warnings", is_flag=True, help="End with 1 when there are warnings, too.")
def validate(paths: tuple[Path, ...], form: Format, deny_warnings: bool) -> int:
    """Check recipes: files, or folders that are searched for them (default: recipes/). Offline."""
    from hoploop.recipe import render

    files = _recipes(paths or (Path("recipes"),))
    checker = pipeline()
    inspections = [inspect_file(path, checker) for path in files]
    if form == "json":
        click.echo(json.dumps({found.file: render.as_builtins(found.report) for found in inspections}, indent=2))
    else:
        for found in inspections:
            show(found, form, err=False)
        _summary([len(found.report.findings) + found.report.more for found in inspections])
    failed = any(found.plan is None or (deny_warnings and found.report.findings) for found in inspections)
    return 1 if failed else 0


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human", show_default=True)
def plan(recipe: Path, form: str) -> int:
    """Print every address, pool, cycle count, limit and route RECIPE compiles to, and its fingerprint."""
    from hoploop.recipe.describe import as_json, describe

    found = inspect_file(recipe, pipeline())
    show(found, "human", err=True)
    if found.plan is None:
        return 1
    click.echo(as_json(found.plan).decode() if form == "json" else describe(found.plan), nl=form == "json")
    return 0


@click.command()
@click.option("--check", is_flag=True, help=f"Only say whether {_PUBLISHED} is up to date.")
def schema(check: bool) -> int:
    """Print the JSON Schema of the recipe language with the installed connectors."""
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.schema import published_text

    text = published_text(Registry.installed())
    if not check:
        click.echo(text, nl=False)
        return 0
    if not _PUBLISHED.is_file() or _PUBLISHED.read_text("utf-8") != text:
        raise RecipeError("R402", f"{_PUBLISHED} does not match the installed connectors")
    click.echo(f"{_PUBLISHED} is up to date")
    return 0


@click.command()
@click.argument("code")
def explain(code: str) -> int:
    """Say what the error CODE (such as R101) means, what to do, and how commands end on it."""
    info = CODES.get(code.upper())
    if info is None:
        raise click.UsageError(f"no error has the code {code!r}; docs/errors.md lists every one")
    click.echo(f"{code.upper()}: {info.title}\n  {info.hint}\n  exit code {info.exit_code}")
    return 0


@click.group(name="list")
def list_() -> None:
    """List what is installed."""


@list_.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def connectors(as_json: bool) -> int:
    """Every connector: key, family, what it offers, how stable it is."""
    from hoploop.plugin.registry import Registry

    rows: list[dict[str, Any]] = [
        {
            "key": found.key,
            "family": found.family,
            "offers": [offer.kind for offer in found.offers],
            "stability": found.stability.value,
            "title": found.title,
        }
        for found in Registry.installed()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        offers = ",".join(row["offers"])
        click.echo(f"{row['key']:<20} {row['family']:<8} {offers:<8} {row['stability']:<7} {row['title']}")
    return 0


def _recipes(paths: tuple[Path, ...]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        inside = [*path.rglob("*.yaml"), *path.rglob("*.yml")] if path.is_dir() else [path]
        if not inside:
            raise click.UsageError(f"no recipe (*.yaml) in {path}")
        files += sorted(inside)
    return files


def _summary(counts: list[int]) -> None:
    total = sum(counts)
    recipes = f"{len(counts)} recipe{'' if len(counts) == 1 else 's'}"
    findings = "no findings" if not total else f"{total} finding{'' if total == 1 else 's'}"
    click.echo(f"{recipes}, {findings}")
