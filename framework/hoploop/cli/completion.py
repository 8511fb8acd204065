"""`hoploop completion`, and what shells complete: commands, options, recipes, their ids, fields, codes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
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


class Topic(CodeName):
    """A code, or the path of a field such as strategies.profit.min."""

    name = "topic"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Codes, and keys below what is typed so far."""
        from hoploop.plugin.registry import Registry
        from hoploop.recipe.explain import below
        from hoploop.recipe.schema import compose

        above, dot, start = incomplete.rpartition(".")
        keys = below(above, compose(Registry.installed()))
        found = [CompletionItem(f"{above}{dot}{key}") for key in keys if key.startswith(start)]
        return found if dot else found + super().shell_complete(ctx, param, incomplete)


class PartPath(click.ParamType[str]):
    """The path of a part of the recipe that was named before it, such as venues.uni2.fee."""

    name = "path"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Keys, ids and names below what is typed so far."""
        from hoploop.cli.loading import inspect_file, pipeline
        from hoploop.errors import RecipeError
        from hoploop.recipe.origin import follow, names, public

        above, dot, start = incomplete.rpartition(".")
        try:
            checker = pipeline()
            found = inspect_file(ctx.params["recipe"], checker)
        except (KeyError, RecipeError):
            return []
        if found.root is None:
            return []
        part = follow(public(found.root, checker.schemas, found.file, defaults=True), above)
        inside = () if part is None else names(part)
        return [CompletionItem(f"{above}{dot}{name}") for name in inside if name.startswith(start)]


class RecipeName(click.ParamType[str]):
    """A recipe by its name or its file."""

    name = "recipe"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Recipes that have been run by this user, and recipe files."""
        from hoploop.errors import ControlError
        from hoploop.runtime.paths import state_root

        try:
            run = sorted(entry.name for entry in os.scandir(state_root()) if entry.is_dir())
        except (OSError, ControlError):
            run = []
        files = RecipePath().shell_complete(ctx, param, incomplete)
        return [CompletionItem(name) for name in run if name.startswith(incomplete)] + files


class OneOf(click.ParamType[str]):
    """One of some words that are looked up only when they are asked for."""

    name = "word"

    def __init__(self, find: Callable[[], Iterable[str]]) -> None:
        self._find = find

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Those that begin like this."""
        return [CompletionItem(word) for word in sorted(self._find()) if word.startswith(incomplete)]


class ProfileName(click.ParamType[str]):
    """A profile of the recipe that was named before it."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Profiles of the recipe and of what it includes; none while there is no recipe that can be read."""
        from hoploop.errors import RecipeError
        from hoploop.recipe.assemble import gather
        from hoploop.recipe.source import read_included, read_source

        # While the option has no value yet, arguments before it are not parsed.
        named = (ctx.params.get("recipe"), *ctx.params.get("paths", ()), *ctx.args)
        words = [str(word) for word in named if str(word).endswith(SUFFIXES)]
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
