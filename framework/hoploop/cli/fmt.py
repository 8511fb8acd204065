"""`hoploop fmt`: gives recipes their layout."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import click

from hoploop.cli._format import format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import recipe_files
from hoploop.codes._info import FINDINGS


@click.command(epilog=ending("fmt recipes --check", FINDINGS))
@click.argument("paths", nargs=-1, type=RecipePath())
@click.option("--check", is_flag=True, help="Write nothing; name the files that are not laid out, and end with 1.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change, and end with 1 if anything would.")
@format_option
def fmt(paths: tuple[Path, ...], check: bool, diff: bool, form: str) -> int:
    """Lay out recipes: files, or those in folders (default: recipes/). What they say and their comments stay.

    Collections are indented by two, lists below their key, too; one empty line stands between sections and at most one
    elsewhere; quantities with a space are in double quotes. Files that are no YAML are left alone, with what is wrong.
    """
    from hoploop.recipe.formatting import formatted
    from hoploop.recipe.reading import read_bounded
    from hoploop.recipe.render import human
    from hoploop.recipe.source import MAX_BYTES, source_of
    from hoploop.recipe.writing import write_whole

    if diff and form == "json":
        raise click.UsageError("--diff prints text only")
    files = recipe_files(paths or (Path("recipes"),))
    changed: list[str] = []
    unreadable: list[str] = []
    for path in files:
        before = read_bounded(path, MAX_BYTES, "R401")
        made = formatted(source_of(before, str(path), str(path)))
        if made.text is None:
            click.echo(human(made.report, made.snippets) + "\n", err=True)
            unreadable.append(str(path))
        elif made.text.encode() != before:
            changed.append(str(path))
            if diff:
                click.echo(_difference(path, before.decode("utf-8-sig"), made.text), nl=False)
            elif not check:
                write_whole(path, made.text)
    if form == "json":
        click.echo(json.dumps({"files": len(files), "changed": changed, "unreadable": unreadable}, indent=2))
    elif not diff:
        lines = [f"{path} is not laid out" if check else f"laid out {path}" for path in changed]
        counted = f"{len(files)} file{'' if len(files) == 1 else 's'}, {len(changed)}"
        click.echo("\n".join([*lines, f"{counted} {'to lay out' if check else 'laid out'}"]))
    return 1 if unreadable or (changed and (check or diff)) else 0


def _difference(path: Path, before: str, after: str) -> str:
    """What would change, with secrets masked; line ends are not shown."""
    old, new = _shown(path, before), _shown(path, after)
    lines = list(difflib.unified_diff(old, new, str(path), f"{path} laid out", lineterm=""))
    return "\n".join(lines or [f"{path}: only line ends would change"]) + "\n"


def _shown(path: Path, text: str) -> list[str]:
    from hoploop.cli.loading import pipeline
    from hoploop.recipe.source import source_of

    # Which values are secret only the whole recipe tells.
    snippets = pipeline().inspect(source_of(text.encode(), str(path), str(path))).snippets
    lines = text.count("\n") + (not text.endswith("\n"))
    return [snippets.line(str(path), number) for number in range(1, lines + 1)]
