"""`hoploop check`: everything in a recipe that does not go with the chains, keys and routes it names."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoploop.cli._duration import Duration
from hoploop.cli._findings import finding_options, policy_of, present
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipePath
from hoploop.cli.loading import inspect_file, pipeline, profile_option
from hoploop.codes._info import FINDINGS, OK, UNREACHABLE

if TYPE_CHECKING:
    from hoploop.checkup.problems import Checkup
    from hoploop.recipe.plan import Plan


@click.command(epilog=ending("check recipes/paper/two_chains.yaml --timeout 20s", FINDINGS, UNREACHABLE))
@click.argument("recipe", type=RecipePath(dir_okay=False))
@click.option(
    "--timeout", "within_ms", type=Duration(), default="30s", show_default=True, help="Longest wait for each chain."
)
@click.option(
    "--local", "attach", type=click.Path(path_type=Path), help="Attach to chains served by `hoploop local up`."
)
@profile_option
@finding_options
def check(
    recipe: Path,
    within_ms: int,
    attach: Path | None,
    profile: str | None,
    form: str,
    deny_warnings: bool,
    allow: Sequence[str],
    deny: Sequence[str],
) -> int:
    """Compare RECIPE with the chains, keys and routes it names. Sends nothing; starts embedded chains for itself.

    Nodes answer and are of the chain, keys load and are the owner's, contracts exist, tokens, pools, fees and lenders
    are as the recipe says, lookup tables cover the largest transactions, there is money for fees and floors, routes
    answer, clocks agree. Ends with 69 when all that is wrong is that something does not answer.
    """
    from hoploop.checkup.problems import exit_code, placed
    from hoploop.recipe.diagnostics import report

    policy = policy_of(deny_warnings, allow, deny)
    found = inspect_file(recipe, pipeline(), profile)
    if found.plan is None or found.root is None:
        return present([(found.file, policy.apply(found.report), found.snippets)], form, "check")
    checkup = checked(found.plan, within_ms / 1000, attach)
    problems = map(found.snippets.scrubbed, placed(found.root, checkup.problems))
    shown = policy.apply(report([*found.report.findings, *problems]))
    if form == "human":
        for fact in checkup.facts:
            click.echo(fact)
    code = present([(found.file, shown, found.snippets)], form, "check")
    return OK if code == OK else exit_code(shown.findings)


def checked(plan: Plan, within_s: float, attach: Path | None) -> Checkup:
    """The checkup of a plan, on embedded chains of its own unless there are some to attach to."""
    import asyncio

    return asyncio.run(_checked(plan, within_s, attach))


async def _checked(plan: Plan, within_s: float, attach: Path | None) -> Checkup:
    from hoploop.checkup.run import check_up
    from hoploop.plugin.registry import Registry
    from hoploop.runtime.local_chains import LocalChains, read_served

    async with AsyncExitStack() as stack:
        if attach is not None:
            served = read_served(attach)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hoploop-"))
            served = dict(await stack.enter_async_context(LocalChains(plan, Path(folder), _tell)))
        return await check_up(plan, Registry.installed(), served, time.time_ns, within_s)


def _tell(text: str) -> None:
    click.echo(text, err=True)
