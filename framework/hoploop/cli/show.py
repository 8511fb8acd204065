"""`hoploop show`: the recipe as it is after loading, and where each value is from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hoploop.cli._format import format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import PartPath, RecipePath
from hoploop.cli.loading import inspect_file, pipeline, profile_option, show
from hoploop.codes._info import FINDINGS


@click.command(name="show", epilog=ending("show recipes/paper/two_chains.yaml strategies --origin", FINDINGS))
@click.argument("recipe", type=RecipePath(dir_okay=False))
@click.argument("path", required=False, default="", type=PartPath())
@click.option("--origin", is_flag=True, help="Say where each value is from; list defaults of the language, too.")
@format_option
@profile_option
def show_(recipe: Path, path: str, origin: bool, form: str, profile: str | None) -> int:
    """Print RECIPE with includes, profile, templates, defaults and variables put in; only the part at PATH if given.

    Secrets are masked, and what comes from the environment stands as ${env:NAME}. Ends with 1 when there are errors.
    """
    from hoploop.recipe.emit import yaml_text
    from hoploop.recipe.origin import as_builtins, follow, leaves, public
    from hoploop.recipe.spans import dotted

    checker = pipeline()
    found = inspect_file(recipe, checker, profile)
    show(found, "human", err=True)
    if found.root is None or found.root.kind != "map":
        return 1
    part = follow(public(found.root, checker.schemas, found.file, defaults=origin), path)
    if part is None:
        raise click.UsageError(f"{recipe} has nothing at {path!r}")
    if form == "human":
        click.echo(yaml_text(part, origins=origin), nl=False)
    else:
        whole: dict[str, object] = {"recipe": part.plain()}
        if origin:
            whole["origins"] = {dotted(where): as_builtins(one.origin) for where, one in leaves(part)}
        click.echo(json.dumps(whole, indent=2, ensure_ascii=False))
    return 1 if found.plan is None else 0
