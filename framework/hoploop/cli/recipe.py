"""Commands that work on recipes offline: plan, schema, explain."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from hoploop.cli._format import format_option
from hoploop.cli._help import CHANGES, ending
from hoploop.cli.completion import RecipePath, Topic
from hoploop.cli.loading import inspect_file, pipeline, profile_option, show
from hoploop.codes import CODES
from hoploop.codes._info import FINDINGS, INVALID, UNREACHABLE
from hoploop.errors import RecipeError

_PUBLISHED = Path("schemas/recipe.schema.json")


@click.command(
    epilog=ending("plan recipes/paper/two_chains.yaml", FINDINGS, CHANGES, UNREACHABLE, INVALID)
)
@click.argument("recipe", type=RecipePath(dir_okay=False))
@format_option
@click.option("--diff", is_flag=True, help="Compare with the engine that runs it instead.")
@click.option("--detailed-exitcode", is_flag=True, help="With --diff: end with 2 when there are changes.")
@click.option("--state-dir", "folder", type=click.Path(path_type=Path), help="State folder, if not the recipe's own.")
@profile_option
def plan(
    recipe: Path, form: str, diff: bool, detailed_exitcode: bool, folder: Path | None, profile: str | None
) -> int:
    """Print every address, pool, cycle count, limit and route RECIPE compiles to, and its fingerprint."""
    if diff:
        return _diff(recipe, form, detailed_exitcode, folder, profile)
    from hoploop.recipe.describe import as_json, describe

    found = inspect_file(recipe, pipeline(), profile)
    show(found, "human", err=True)
    if found.plan is None:
        return 1
    click.echo(as_json(found.plan).decode() if form == "json" else describe(found.plan), nl=form == "json")
    return 0


def _diff(recipe: Path, form: str, detailed_exitcode: bool, folder: Path | None, profile: str | None) -> int:
    from hoploop.cli.apply import compared, differences
    from hoploop.cli.loading import load_recipe
    from hoploop.recipe.propose import public_changes
    from hoploop.runtime.paths import StatePaths, state_dir

    loaded = load_recipe(recipe, profile)
    _, proposal = compared(loaded, StatePaths(folder or state_dir(loaded.plan.recipe)))
    if form == "json":
        click.echo(json.dumps({"changes": public_changes(proposal.changes)}, indent=2))
    else:
        click.echo(differences(proposal))
    return 2 if detailed_exitcode and proposal.changes else 0


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
    if not _PUBLISHED.is_file() or _PUBLISHED.read_bytes() != text.encode():
        raise RecipeError("R402", f"{_PUBLISHED} does not match the installed connectors")
    click.echo(f"{_PUBLISHED} is up to date")
    return 0


@click.command(epilog=ending("explain strategies.profit.min"))
@click.argument("topic", metavar="CODE|PATH", type=Topic())
@format_option
def explain(topic: str, form: str) -> int:
    """Say what an error CODE (such as R101) or the field at a PATH of a recipe means."""
    info = CODES.get(topic.upper())
    if info is not None:
        code = topic.upper()
        said = {"code": code, "title": info.title, "hint": info.hint, "exit_code": info.exit_code}
        text = f"{code}: {info.title}\n  {info.hint}\n  exit code {info.exit_code}"
        click.echo(json.dumps(said, indent=2) if form == "json" else text)
        return 0
    if re.fullmatch(r"[A-Za-z][0-9]{3}", topic):
        raise click.UsageError(f"no error has the code {topic!r}; docs/errors.md lists every one")
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.explain import NoSuchField, explained
    from hoploop.recipe.schema import compose

    try:
        text = explained(topic, compose(Registry.installed()))
    except NoSuchField as error:
        raise click.UsageError(str(error)) from None
    click.echo(json.dumps({"path": topic, "text": text}, indent=2) if form == "json" else text)
    return 0
