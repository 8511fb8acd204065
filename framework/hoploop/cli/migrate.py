"""`hoploop migrate`: brings recipes to the language this Hoploop reads."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hoploop.cli._format import format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import recipe_files
from hoploop.codes._info import FINDINGS


@click.command(epilog=ending("migrate recipes --check", FINDINGS))
@click.argument("paths", nargs=-1, type=RecipePath())
@click.option(
    "--check", is_flag=True, help="Write nothing; name the files that are of an older language, and end with 1."
)
@format_option
def migrate(paths: tuple[Path, ...], check: bool, form: str) -> int:
    """Bring recipes and their parts to the newest language: files, or those in folders (default: recipes/).

    Comments and layout stay. A file of a newer language than this Hoploop reads is a finding.
    """
    from hoploop.recipe.diagnostics import report
    from hoploop.recipe.language.head import LANGUAGE
    from hoploop.recipe.masking import Snippets
    from hoploop.recipe.migrate import migrated
    from hoploop.recipe.render import human
    from hoploop.recipe.source import read_source
    from hoploop.recipe.writing import write_whole

    files = recipe_files(paths or (Path("recipes"),))
    failed: list[str] = []
    changed: dict[str, int | None] = {}
    for path in files:
        source = read_source(path)
        made = migrated(source)
        if made.findings:
            snippets = Snippets({source.file: source.text})
            click.echo(human(report(map(snippets.scrubbed, made.findings)), snippets) + "\n", err=True)
            failed.append(str(path))
        elif made.before != made.after:
            changed[str(path)] = made.before
            if not check:
                write_whole(path, made.text)
    if form == "json":
        click.echo(json.dumps({"files": len(files), "newest": LANGUAGE, "from": changed, "failed": failed}, indent=2))
    else:
        for name, number in changed.items():
            before = f"language {number}" if number else "no language"
            said = f"{name} says {before}; newest: {LANGUAGE}"
            click.echo(said if check else f"{name}: {before} → language {LANGUAGE}")
        counted = f"{len(files)} file{'' if len(files) == 1 else 's'}"
        click.echo(f"{counted}, {len(changed)} {'to migrate' if check else 'migrated'}")
    return 1 if failed or (check and changed) else 0
