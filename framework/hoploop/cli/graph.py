"""`hoploop graph`: the market of a recipe as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import inspect_file, pipeline, profile_option, show
from hoploop.codes._info import FINDINGS


@click.command(epilog=ending("graph recipes/paper/evm_flash.yaml --format dot > market.dot", FINDINGS))
@click.argument("recipe", type=RecipePath(dir_okay=False))
@click.option(
    "--format", "form", type=click.Choice(["text", "mermaid", "dot"]), default="text", show_default=True,
    help="mermaid for Markdown, dot for Graphviz.",
)  # fmt: skip
@profile_option
def graph(recipe: Path, form: str, profile: str | None) -> int:
    """Draw RECIPE's assets and pools and count what its strategies search."""
    from hoploop.recipe.network import drawn

    found = inspect_file(recipe, pipeline(), profile)
    show(found, "human", err=True)
    if found.plan is None:
        return 1
    click.echo(drawn(found.plan, form), nl=False)  # type: ignore[arg-type]
    return 0
