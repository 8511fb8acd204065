"""`hoploop create connector`: write the folder of a connector that keeps the contract at once."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import get_args

import click

from hoploop.cli._help import ending
from hoploop.codes._info import FINDINGS
from hoploop.errors import PluginError, RecipeError
from hoploop.local.artifacts import repo_root
from hoploop.model.chain import Family
from hoploop.plugin.connector import KINDS, Kind
from hoploop.plugin.scaffold.catalog import Scaffold, key_problem


@click.group(epilog=ending("create connector my_venue --family evm --kind venue"))
def create() -> None:
    """Write something to start from."""


@create.command(epilog=ending("create connector my_venue --family evm --kind venue --out-of-tree", FINDINGS))
@click.argument("key")
@click.option("--family", type=click.Choice(get_args(Family)), required=True, help="Whose chains it is for.")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it is.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Folder to write into.")
@click.option("--out-of-tree", is_flag=True, help="As a package of its own, with the entry point Hoploop finds it by.")
def connector(key: str, family: Family, kind: Kind, into: Path | None, out_of_tree: bool) -> int:
    """Write a connector called KEY: config, component, manifest, README and tests that pass as they stand.

    Inside a checkout of Hoploop it goes to the connectors of the family; with --out-of-tree into the current folder.
    """
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.writing import write_whole

    problem = key_problem(key)
    if problem is None and key in Registry.installed():
        problem = f"a connector called {key!r} is installed"
    if problem is None and out_of_tree and importlib.util.find_spec(key) is not None:
        problem = f"a Python package called {key!r} is installed"
    if problem is not None:
        raise PluginError("P106", problem)
    folder = into or _home(family, out_of_tree)
    if (folder / key).exists():
        raise RecipeError("R430", f"{folder / key} exists; nothing was written")
    scaffold = Scaffold(key=key, family=family, kind=kind, out_of_tree=out_of_tree)
    for name, text in scaffold.files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, text)
        click.echo(f"wrote {folder / name}")
    click.echo(_told(scaffold, folder))
    return 0


def _home(family: Family, out_of_tree: bool) -> Path:
    if out_of_tree:
        return Path()
    root = repo_root()
    if root is None:
        raise click.UsageError("this is no checkout of Hoploop: say --out-of-tree, or where with --into")
    return root / "connectors" / f"hoploop_{family}"


def _told(scaffold: Scaffold, folder: Path) -> str:
    key, at = scaffold.key, folder / scaffold.key
    lines = ["", "next:"]
    if scaffold.out_of_tree:
        lines += [f"  cd {at}", "  python -m pytest", "  pip install --no-build-isolation --no-deps -e ."]
    else:
        lines += [f"  python -m pytest {at}", "  hoploop schema > schemas/recipe.schema.json"]
    lines += [f"  hoploop list connectors        # {key} is there now", f"then make it yours: {at / 'README.md'}"]
    if scaffold.out_of_tree:
        lines[-1] = f"then make it yours: {at / key / 'README.md'}; docs/connectors/tutorial.md shows how"
    return "\n".join(lines)
