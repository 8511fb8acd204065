"""Writes the pages that are made from the code: `python -m hoploop.cli.document docs`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from pathlib import Path

import click

from hoploop.cli.main import cli
from hoploop.codes import CODES
from hoploop.codes.document import errors_page
from hoploop.plugin.registry import Registry
from hoploop.recipe.peers import Judge
from hoploop.recipe.reference import connector_page, language_page
from hoploop.recipe.schema import compose

_HEAD = """\
# Commands

Written by `just docs` from the commands themselves; `hoploop COMMAND --help` prints the same.

Exit codes are the same everywhere: 0 ok, 1 findings, 2 the plan has changes (only where asked for), 64 usage, 69 engine
not reachable, 70 a bug, 74 a file or the network (also when nobody reads what is printed), 78 the recipe is invalid,
130 interrupted. `hoploop completion SHELL` prints what a shell needs to complete commands, options, recipes and codes.
"""


def pages(registry: Registry, folder: Path) -> Mapping[str, str]:
    """Path below `folder`, which holds the documentation -> the whole page; the same for the same code.

    peers.md is written by hand but for its last column. BadRow says what it names that does not exist.
    """
    names = [context.command_path.removeprefix("hoploop ") for _, context in _found(cli)]
    judge = Judge(compose(registry), names, {connector.key for connector in registry})
    made = {
        "errors.md": errors_page(CODES),
        "commands.md": commands_page(cli),
        "recipes/reference.md": language_page(registry),
        "recipes/peers.md": judge.page((folder / "recipes/peers.md").read_text("utf-8")),
    }
    return made | {f"connectors/reference/{one.key}.md": connector_page(one, registry) for one in registry}


def commands_page(group: click.Group) -> str:
    """Every command below `group`: usage, arguments, options, exit codes and an example."""
    lines = _HEAD.splitlines()
    lines += ["", "| command | what it does |", "|---|---|"]
    found = _found(group)
    for command, context in found:
        name = context.command_path
        lines.append(f"| [`{name}`](#{name.replace(' ', '-')}) | {_cell(command.get_short_help_str(200))} |")
    for command, context in found:
        lines += ["", *_command(command, context)]
    return "\n".join(lines) + "\n"


def _found(group: click.Group) -> list[tuple[click.Command, click.Context]]:
    return list(_commands(group, click.Context(group, info_name="hoploop")))


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, max_content_width=10_000, terminal_width=10_000)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
        else:
            yield command, inner


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield from (f"## {context.command_path}", "", "```", command.get_usage(context).removeprefix("Usage: "), "```", "")
    yield cleandoc(command.help or "")
    options = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    if options:
        yield from ("", "| option | what it does |", "|---|---|")
        yield from (f"| `{_cell(names)}` | {_cell(text)} |" for names, text in filter(None, options))
    for line in (command.epilog or "").replace("\b\n", "").split("\n\n"):
        if line.startswith("Example: "):
            yield from ("", f"Example: `{line.removeprefix('Example: ')}`")
        elif line:
            yield from ("", line)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def write(folder: Path, registry: Registry) -> None:
    """Write every page below `folder`; pages of connectors that are gone are removed."""
    made = pages(registry, folder)
    (folder / "connectors/reference").mkdir(parents=True, exist_ok=True)
    for old in (folder / "connectors/reference").glob("*.md"):
        if f"connectors/reference/{old.name}" not in made:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Registry.installed())
