"""Commands that work on recipes offline: validate, plan, schema, explain, list."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from hoploop.cli.loading import inspect_file, pipeline, profile_option, show
from hoploop.codes import CODES
from hoploop.errors import RecipeError

if TYPE_CHECKING:
    from hoploop.recipe.load import Inspection

_PUBLISHED = Path("schemas/recipe.schema.json")
Format = Literal["human", "concise", "json"]


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["human", "concise", "json"]), default="human", show_default=True)
@click.option("--deny-warnings", is_flag=True, help="End with 1 when there are warnings, too.")
@click.option("--profile", help="Check with this profile only; else without one and with every one.")
def validate(paths: tuple[Path, ...], form: Format, deny_warnings: bool, profile: str | None) -> int:
    """Check recipes: files, or folders that are searched for them (default: recipes/). Offline.

    In a folder, files that others include are checked with those only, unless they are recipes of their own.
    """
    from hoploop.recipe import render

    files = _recipes(paths or (Path("recipes"),))
    checker = pipeline()
    inspections = _whole([inspect_file(path, checker, profile, every=True) for path in files], set(paths))
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
@profile_option
def plan(recipe: Path, form: str, profile: str | None) -> int:
    """Print every address, pool, cycle count, limit and route RECIPE compiles to, and its fingerprint."""
    from hoploop.recipe.describe import as_json, describe

    found = inspect_file(recipe, pipeline(), profile)
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
    from hoploop.recipe.publish import published_text

    text = published_text(Registry.installed())
    if not check:
        click.echo(text, nl=False)
        return 0
    if not _PUBLISHED.is_file() or _PUBLISHED.read_text("utf-8") != text:
        raise RecipeError("R402", f"{_PUBLISHED} does not match the installed connectors")
    click.echo(f"{_PUBLISHED} is up to date")
    return 0


@click.command(epilog="Example: hoploop explain strategies.profit.min")
@click.argument("topic", metavar="CODE|PATH")
def explain(topic: str) -> int:
    """Say what an error CODE (such as R101) or the field at a PATH of a recipe means."""
    info = CODES.get(topic.upper())
    if info is not None:
        click.echo(f"{topic.upper()}: {info.title}\n  {info.hint}\n  exit code {info.exit_code}")
        return 0
    if re.fullmatch(r"[A-Za-z][0-9]{3}", topic):
        raise click.UsageError(f"no error has the code {topic!r}; docs/errors.md lists every one")
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.explain import NoSuchField, explained
    from hoploop.recipe.schema import compose

    try:
        click.echo(explained(topic, compose(Registry.installed())))
    except NoSuchField as error:
        raise click.UsageError(str(error)) from None
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


def _whole(inspections: list[Inspection], asked: set[Path]) -> list[Inspection]:
    """Without the parts: files of a folder that others include and that have no `recipe:` of their own."""
    parts = {name for found in inspections for name in found.files[1:]}
    return [found for found in inspections if found.named or found.file not in parts or Path(found.file) in asked]


def _summary(counts: list[int]) -> None:
    total = sum(counts)
    recipes = f"{len(counts)} recipe{'' if len(counts) == 1 else 's'}"
    findings = "no findings" if not total else f"{total} finding{'' if total == 1 else 's'}"
    click.echo(f"{recipes}, {findings}")
