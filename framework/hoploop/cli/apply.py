"""`hoploop apply` and `hoploop plan --diff`: a changed recipe beside, and into, the engine that runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from hoploop.cli._by import by_option, operator
from hoploop.cli._format import short_format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import load_recipe, profile_option
from hoploop.codes._info import FINDINGS, INVALID, UNREACHABLE
from hoploop.console.client import request
from hoploop.runtime.paths import StatePaths, state_dir

if TYPE_CHECKING:
    from hoploop.recipe.propose import Loaded, Proposal

_PATIENCE_S = 150.0
"""An engine may have to wait for attempts under way."""


@click.command(epilog=ending("apply recipes/paper/evm_flash.yaml --accept-risk", FINDINGS, UNREACHABLE, INVALID))
@click.argument("recipe", type=RecipePath(dir_okay=False))
@click.option("--accept-risk", is_flag=True, help="Take changes that raise risk too (marked ▲).")
@click.option("--state-dir", "folder", type=click.Path(path_type=Path), help="State folder, if not the recipe's own.")
@by_option
@short_format_option
@profile_option
def apply(
    recipe: Path, accept_risk: bool, folder: Path | None, by: str, form: str, profile: str | None
) -> int:
    """Change the engine that runs RECIPE to what the file says now; it goes on as before when that is not possible."""
    loaded = load_recipe(recipe, profile)
    paths = StatePaths(folder or state_dir(loaded.plan.recipe))
    running, proposal = compared(loaded, paths)
    if form != "json":
        click.echo(differences(proposal))
    args: dict[str, Any] = {
        "changes": msgspec.to_builtins(proposal.changes),
        "generation": running["generation"],
        "fingerprint": proposal.loaded.plan.fingerprint,
        "accept_risk": accept_risk,
    }
    result = request(paths.socket, "apply", by=by, args=args, timeout_s=_PATIENCE_S)
    if form == "json":
        click.echo(msgspec.json.encode(result).decode())
    else:
        click.echo(f"applied: generation {result['generation']}, plan {str(result['fingerprint'])[:12]}")
    return 0


def compared(loaded: Loaded, paths: StatePaths) -> tuple[dict[str, Any], Proposal]:
    """What the engine runs, and how to get from there to this recipe. ControlError G201 when no engine runs."""
    from hoploop.plugin.registry import Registry
    from hoploop.recipe.propose import Replayer

    running = request(paths.socket, "recipe", by=operator())
    return running, Replayer(Registry.installed()).propose(running["document"], loaded.document)


def differences(proposal: Proposal) -> str:
    """One line a change, and what they mean together."""
    from hoploop.recipe.diff import hardest
    from hoploop.recipe.propose import public_change

    changes = proposal.changes
    if not changes:
        return "no changes"
    risky = sum(change.raises_risk for change in changes)
    how = {"live": "taken at once", "component": "needs new components", "engine": "needs a restart"}
    hard = hardest(changes)
    assert hard is not None
    count = f"{len(changes)} change{'s'[: len(changes) != 1]}, {how[hard]}"
    lines = [str(public_change(change)) for change in changes]
    return "\n".join([*lines, f"{count}; {risky} raise{'s'[: risky == 1]} risk" if risky else count])
