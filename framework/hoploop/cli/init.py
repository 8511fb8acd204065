"""`hoploop init`: write a recipe to start from, with what editors and dry runs need beside it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoploop.cli._help import ending
from hoploop.cli.loading import show
from hoploop.codes._info import FINDINGS
from hoploop.errors import RecipeError
from hoploop.recipe.starters.catalog import STARTERS, Starter, fitting, modes

if TYPE_CHECKING:
    from hoploop.plugin.registry import Registry

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_VALUE = re.compile(r"[A-Za-z0-9_.%/+-]+( [A-Za-z0-9_.%/+-]+)?\Z")
"""What may stand in a recipe without quotes, whatever a reader of YAML makes of it: an amount, a share, a price."""
_ASKED = ("daily_loss", "daily_fees")
SCHEMA = Path(".hoploop/recipe.schema.json")


@click.command(epilog=ending('init my_bot.yaml --template evm-paper --set "daily_loss=0.5 WETH"', FINDINGS))
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--template", type=click.Choice(list(STARTERS)), help="What to start from; asked for on a terminal.")
@click.option("--name", help="Name of the recipe (default: that of FILE, or of the template).")
@click.option("--set", "sets", multiple=True, metavar="VAR=VALUE", help="Another value for one of the recipe's vars.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def init(file: Path | None, template: str | None, name: str | None, sets: tuple[str, ...], force: bool) -> int:
    """Write a recipe to FILE (default: NAME.yaml) that is valid and runs as it stands.

    Beside it go the schema of the installed connectors, for editors, and for paper recipes a recorded market.
    """
    if template is None and not _terminal():
        raise click.UsageError(f"say what to start from: --template {'|'.join(STARTERS)}")
    starter = _asked_starter() if template is None else STARTERS[template]
    name = name or (_word(file.stem) if file else None)
    if name is None:
        default = _word(starter.name)
        name = click.prompt("Name of the recipe", default=default, err=True) if template is None else default
    file = file or Path(f"{name}.yaml")
    _check_names(name, file)
    values = _values(starter, sets)
    if template is None:
        values = _asked_values(starter, values) | values
    return _write(starter, name, file, values, force)


def _write(starter: Starter, name: str, file: Path, values: Mapping[str, str], force: bool) -> int:
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.publish import published_text
    from hoploop.recipe.writing import write_whole

    text, registry = starter.render(name, str(file), values), Registry.installed()
    if not _is_good(starter, text, file, registry):
        return 1
    contents = {file: text}
    if (market := starter.market()) is not None:
        contents[file.with_suffix(".market.json")] = market
    taken = [path for path in contents if path.exists()]
    if taken and not force:
        raise RecipeError("R430", f"{taken[0]} exists; nothing was written")
    schema = file.parent / SCHEMA
    if not file.parent.is_dir():
        raise RecipeError("R403", f"{file.parent} is no folder; nothing was written")
    schema.parent.mkdir(exist_ok=True)
    contents[schema] = published_text(registry)
    for path, kept in contents.items():
        write_whole(path, kept)
    click.echo(_told(starter, name, file, list(contents)))
    return 0


def _is_good(starter: Starter, text: str, file: Path, registry: Registry) -> bool:
    """Whether the recipe is valid, were its environment set; shows the findings otherwise."""
    from hoploop.recipe.load import Pipeline
    from hoploop.recipe.source import source_of

    found = Pipeline(registry, {**os.environ, **starter.examples}).inspect_all(source_of(text.encode(), str(file)))
    show(found, "human", err=True)
    return found.plan is not None


def _told(starter: Starter, name: str, file: Path, written: list[Path]) -> str:
    lines = [f"wrote {path}" for path in written]
    missing = [variable for variable in starter.environment() if variable not in os.environ]
    if missing:
        lines += ["", "set first (the recipe says what each is):", *(f"  {variable}" for variable in missing)]
    paper = "" if starter.mode == "paper" else " --profile paper"
    lines += ["", "next:", f"  hoploop validate {file}", f"  hoploop plan {file}{paper}"]
    if starter.mode == "paper":
        lines += [f"  hoploop test {file}", f"  hoploop dry-run {file}"]
    lines += [f"  hoploop run {file}{paper} --for 30s"]
    if starter.mode == "live":
        lines += [f"  hoploop run {file} --profile live      # comes up dry; `hoploop arm {name}` lets it send"]
    return "\n".join(lines)


def _asked_starter() -> Starter:
    chains = click.prompt("Chains", type=click.Choice(["evm", "solana", "both"]), default="evm", err=True)
    there = modes(chains)
    if len(there) == 1:
        return fitting(chains, there[0])
    mode = click.prompt(
        "Mode: paper needs nothing, live your node and keys", type=click.Choice(there), default="paper", err=True
    )
    return fitting(chains, mode)


def _asked_values(starter: Starter, given: Mapping[str, str]) -> dict[str, str]:
    """The limits, asked for one by one."""
    values = {}
    for variable in starter.variables():
        if variable.name.startswith(_ASKED) and variable.name not in given:
            question = f"{variable.name}: {variable.meaning}"
            values[variable.name] = click.prompt(question, default=variable.value, value_proc=_value, err=True)
    return values


def _values(starter: Starter, sets: tuple[str, ...]) -> dict[str, str]:
    known = [variable.name for variable in starter.variables()]
    values = {}
    for one in sets:
        variable, equals, value = one.partition("=")
        if not equals or variable not in known:
            raise click.UsageError(f"--set {one!r}: write VAR=VALUE with one of: {', '.join(known)}")
        values[variable] = _value(value)
    return values


def _value(text: str) -> str:
    if not _VALUE.match(text.strip()):
        raise click.UsageError(f"{text!r} is no amount; write one like 0.5 WETH")
    return text.strip()


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", text.lower())


def _check_names(name: str, file: Path) -> None:
    if not _NAME.match(name):
        raise click.UsageError(f"a recipe cannot be called {name!r}: lower case letters, digits and _, a letter first")
    if file.suffix not in (".yaml", ".yml"):
        raise click.UsageError(f"{file}: a recipe's file ends in .yaml")


def _terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
