"""`hoploop validate`: everything that is wrong with recipes, without touching the network."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoploop.cli._findings import finding_options, policy_of, present
from hoploop.cli._help import ending
from hoploop.cli.completion import ProfileName, RecipePath
from hoploop.cli.loading import inspect_file, pipeline, recipe_files, without_parts
from hoploop.codes._info import FINDINGS

if TYPE_CHECKING:
    from hoploop.recipe.fixes import Correction, Seen


@click.command(epilog=ending("validate recipes --deny-warnings --format github", FINDINGS))
@click.argument("paths", nargs=-1, type=RecipePath(markdown=True))
@click.option("--fix", is_flag=True, help="Correct what can be corrected in the files, and say what was changed.")
@click.option("--profile", type=ProfileName(), help="Check with this profile only; else without and with every one.")
@click.option(
    "--fragments-in", "base", type=RecipePath(dir_okay=False),
    help="Recipe that fragments in Markdown pages are put into; they are left out otherwise.",
)  # fmt: skip
@finding_options
def validate(
    paths: tuple[Path, ...],
    fix: bool,
    profile: str | None,
    base: Path | None,
    form: str,
    deny_warnings: bool,
    allow: Sequence[str],
    deny: Sequence[str],
) -> int:
    """Check recipes: files, or folders that are searched for them (default: recipes/). Offline.

    In a folder, files that others include are checked with those only, unless they are recipes of their own. Of
    Markdown pages (.md) every YAML block that is a recipe is checked.
    """
    from hoploop.recipe.together import together

    policy = policy_of(deny_warnings, allow, deny)
    named = paths or (Path("recipes"),)
    pages = [path for path in named if path.suffix == ".md"]
    files = recipe_files([path for path in named if path.suffix != ".md"])
    if fix:
        _fix(files, profile)
    checker = pipeline()
    found = together(without_parts([inspect_file(path, checker, profile, every=True) for path in files], named))
    if pages:
        from hoploop.cli.pages import inspect_pages

        found += inspect_pages(pages, base)
    return present([(one.file, policy.apply(one.report), one.snippets) for one in found], form, "validate")


def _fix(files: Sequence[Path], profile: str | None) -> None:
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.load import Pipeline
    from hoploop.recipe.source import read_included
    from hoploop.recipe.writing import write_whole

    changed: dict[str, str] = {}

    def read(path: str) -> bytes:
        return changed[path].encode() if path in changed else read_included(path)

    checker = Pipeline(Registry.installed(), os.environ, read)
    for path in files:
        texts, made = _corrections(path, checker, changed, profile)
        for file, text in texts.items():
            write_whole(Path(file), text)
        for one in made:
            click.echo(f"fixed {one}", err=True)


def _corrections(
    path: Path, checker: object, changed: dict[str, str], profile: str | None
) -> tuple[Mapping[str, str], list[Correction]]:
    """The texts of the files of one recipe that can be corrected; `changed` is what included files are read from."""
    from hoploop.recipe.fixes import Seen, corrected_files
    from hoploop.recipe.load import Pipeline
    from hoploop.recipe.source import read_source, source_of

    assert isinstance(checker, Pipeline)
    on_disk, name = read_source(path), str(path)

    def inspect(texts: Mapping[str, str]) -> Seen:
        changed.clear()
        changed.update(texts)
        source = source_of(texts[name].encode(), name, name) if name in texts else on_disk
        found = checker.inspect_all(source) if profile is None else checker.inspect(source, profile)
        return Seen(found.texts, found.report.findings)

    return corrected_files(inspect)
