"""`hoploop completion`, and what shells complete: commands, options, recipe files, codes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from hoploop.cli._help import ending

_HOW = {
    "bash": 'eval "$(hoploop completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(hoploop completion zsh)"    # in ~/.zshrc',
    "fish": "hoploop completion fish > ~/.config/fish/completions/hoploop.fish",
}
SUFFIXES = (".yaml", ".yml")
_MOST = 500


class RecipePath(click.Path):
    """A path that completes to recipe files and the folders that may hold some."""

    def __init__(self, *, dir_okay: bool = True, markdown: bool = False) -> None:
        super().__init__(path_type=Path, dir_okay=dir_okay)
        self._suffixes = (*SUFFIXES, ".md") if markdown else SUFFIXES

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """An empty path would be the folder we are in."""
        if value == "":
            self.fail("the path is empty", param, ctx)
        return super().convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Names in the folder typed so far."""
        folder, _, start = incomplete.rpartition("/")
        try:
            entries = sorted(os.scandir(f"{folder}/" if "/" in incomplete else "."), key=lambda entry: entry.name)
        except OSError:
            return []
        found = []
        for entry in entries:
            hidden = entry.name.startswith(".") and not start.startswith(".")
            if entry.name.startswith(start) and not hidden and (entry.is_dir() or entry.name.endswith(self._suffixes)):
                name = f"{folder}/{entry.name}" if "/" in incomplete else entry.name
                found.append(CompletionItem(f"{name}/" if entry.is_dir() else name))
        return found[:_MOST]


class CodeName(click.ParamType[str]):
    """A code such as R101."""

    name = "code"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Codes that begin like this, with their titles."""
        from hoploop.codes import CODES

        start = incomplete.upper()
        return [CompletionItem(code, help=info.title) for code, info in CODES.items() if code.startswith(start)]


class ProfileName(click.ParamType[str]):
    """A profile of the recipe that was named before it."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Profiles of the recipe and of what it includes; none while there is no recipe that can be read."""
        from hoploop.errors import RecipeError
        from hoploop.recipe.assemble import gather
        from hoploop.recipe.source import read_included, read_source

        # While the option has no value yet, arguments before it are not parsed.
        words = [str(word) for word in (ctx.params.get("recipe"), *ctx.args) if str(word).endswith(SUFFIXES)]
        try:
            known = gather(read_source(Path(words[0])), read_included).profiles if words else {}
        except RecipeError:
            return []
        return [CompletionItem(name) for name in known if name.startswith(incomplete)]


@click.command(epilog=ending(f"completion bash   # then: {_HOW['bash']}"))
@click.argument("shell", type=click.Choice(sorted(_HOW)))
def completion(shell: str) -> int:
    """Print the completion script for SHELL."""
    from hoploop.cli.main import cli

    script = get_completion_class(shell)
    assert script is not None, "click knows every shell offered"
    click.echo(f"# {_HOW[shell]}")
    click.echo(script(cli, {}, "hoploop", "_HOPLOOP_COMPLETE").source())
    return 0
