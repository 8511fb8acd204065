"""`hoploop list`: what is installed, and what recipes and codes there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from hoploop.cli._format import format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import inspect_file, pipeline, recipe_files, show
from hoploop.codes._info import FINDINGS

Row = Mapping[str, Any]


@click.group(name="list", epilog=ending("list connectors --kind venue"))
def list_() -> None:
    """List connectors, recipes, profiles or codes."""


@list_.command(epilog=ending("list connectors --kind venue --format json"))
@click.option("--kind", type=click.Choice(["chain", "venue", "lender", "route"]), help="Only those that offer this.")
@format_option
def connectors(kind: str | None, form: str) -> int:
    """Every installed connector: key, family, what it offers, how stable it is, and one line on it."""
    from hoploop.plugin.registry import Registry

    rows = [
        {
            "key": found.key,
            "family": found.family,
            "offers": [offer.kind for offer in found.offers],
            "stability": found.stability.value,
            "title": found.title,
        }
        for found in Registry.installed()
        if kind is None or any(offer.kind == kind for offer in found.offers)
    ]
    return _print(rows, form)


@list_.command(epilog=ending("list recipes recipes/paper"))
@click.argument("paths", nargs=-1, type=RecipePath())
@format_option
def recipes(paths: tuple[Path, ...], form: str) -> int:
    """Every recipe in the given files and folders (default: recipes/): name, mode, profiles, whether it is valid."""
    checker = pipeline()
    rows = []
    for path in recipe_files(paths or (Path("recipes"),)):
        found = inspect_file(path, checker)
        # Parts go with the recipes that include them.
        if found.named or found.root is None or path in paths:
            plan = found.plan
            errors = found.report.errors + found.report.more
            state = "valid" if plan is not None else f"{errors} error{'s'[: errors != 1]}"
            name, mode = ("-", "-") if plan is None else (plan.recipe, plan.mode)
            rows.append({"name": name, "mode": mode, "state": state, "profiles": found.profiles, "file": found.file})
    return _print(rows, form)


@list_.command(epilog=ending("list profiles recipes/paper/two_chains.yaml", FINDINGS))
@click.argument("recipe", type=RecipePath(dir_okay=False))
@format_option
def profiles(recipe: Path, form: str) -> int:
    """The profiles of RECIPE, each with the fingerprint of its plan. Ends with 1 when one of them is not valid."""
    checker = pipeline()
    found = inspect_file(recipe, checker)
    if not found.profiles and found.plan is None:
        show(found, "human", err=True)
        return 1
    plans = {name: inspect_file(recipe, checker, name).plan for name in found.profiles}
    rows = [
        {"name": name, "plan": "not valid" if plan is None else plan.fingerprint[:12]} for name, plan in plans.items()
    ]
    _print(rows, form)
    return 1 if None in plans.values() else 0


@list_.command(epilog=ending("list codes R1"))
@click.argument("start", default="")
@format_option
def codes(start: str, form: str) -> int:
    """Every error code, or those that begin with START: code, exit code, title."""
    from hoploop.codes import CODES

    found = [
        {"code": code, "exit_code": info.exit_code, "title": info.title}
        for code, info in sorted(CODES.items()) if code.startswith(start.upper())
    ]  # fmt: skip
    return _print(found, form)


def _print(rows: Sequence[Row], form: str) -> int:
    """Columns as wide as they need to be, the last one free; or JSON."""
    if form == "json":
        click.echo(json.dumps(rows, indent=2))
        return 0
    texts = [[_text(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        click.echo("  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _text(value: object) -> str:
    return ",".join(map(str, value)) or "-" if isinstance(value, (list, tuple)) else str(value)
