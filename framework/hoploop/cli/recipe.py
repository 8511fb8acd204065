"""Commands that work on recipes offline: plan, schema, explain."""

from __future__ import annotations

import re
from pathlib import Path

import click

from hoploop.cli._help import ending
from hoploop.cli.completion import CodeName, RecipePath
from hoploop.cli.loading import inspect_file, pipeline, profile_option, show
from hoploop.codes import CODES
from hoploop.codes._info import FINDINGS, IO_ERROR
from hoploop.errors import RecipeError

_PUBLISHED = Path("schemas/recipe.schema.json")


@click.command(epilog=ending("plan recipes/paper/two_chains.yaml", FINDINGS, IO_ERROR))
@click.argument("recipe", type=RecipePath())
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


@click.command(epilog=ending("schema > schemas/recipe.schema.json", FINDINGS))
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


@click.command(epilog=ending("explain strategies.profit.min"))
@click.argument("topic", metavar="CODE|PATH", type=CodeName())
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
