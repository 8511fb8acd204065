"""What commands that print findings share: their options, their formats and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hoploop.cli.completion import CodeName

if TYPE_CHECKING:
    from hoploop.recipe.diagnostics import Report
    from hoploop.recipe.masking import Snippets
    from hoploop.recipe.severity import Policy

FORMATS = ("human", "concise", "json", "github", "sarif", "junit")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def finding_options(command: _Command) -> _Command:
    """--format, --deny-warnings, --allow and --deny."""
    form = click.option("--format", "form", type=click.Choice(FORMATS), default="human", show_default=True)
    denied = click.option("--deny-warnings", is_flag=True, help="Take every warning for an error.")
    allow = click.option("--allow", multiple=True, type=CodeName(), help="Leave out these warnings; repeatable.")
    deny = click.option("--deny", multiple=True, type=CodeName(), help="Take these warnings for errors; repeatable.")
    for option in (deny, allow, denied, form):
        command = option(command)
    return command


def policy_of(deny_warnings: bool, allow: Sequence[str], deny: Sequence[str]) -> Policy:
    """The policy of one command line; UsageError for codes that are no warnings."""
    from hoploop.recipe.severity import NotAWarning, Policy

    try:
        return Policy.of(allow, deny, deny_warnings=deny_warnings)
    except NotAWarning as wrong:
        raise click.UsageError(str(wrong)) from None


def present(results: Sequence[tuple[str, Report, Snippets]], form: str, command: str) -> int:
    """Print the findings of every file in one of `FORMATS`; 1 when there are errors, else 0."""
    from hoploop.recipe import render

    reports = {file: report for file, report, _ in results}
    if form == "json":
        click.echo(json.dumps({file: render.as_builtins(report) for file, report in reports.items()}, indent=2))
    elif form in ("github", "sarif", "junit"):
        _for_programs(reports, form, command)
    else:
        for _, report, snippets in results:
            if report.findings:
                text = render.concise(report) if form == "concise" else render.human(report, snippets) + "\n"
                click.echo(text)
        _summary([len(report.findings) + report.more for report in reports.values()])
    return 1 if any(report.errors for report in reports.values()) else 0


def _for_programs(reports: Mapping[str, Report], form: str, command: str) -> None:
    from hoploop.recipe import formats

    if form == "github":
        click.echo(formats.github(reports), nl=any(report.findings for report in reports.values()))
    elif form == "sarif":
        click.echo(json.dumps(formats.sarif(reports), indent=2))
    else:
        click.echo(formats.junit(reports, f"hoploop {command}"))


def _summary(counts: list[int]) -> None:
    total = sum(counts)
    recipes = f"{len(counts)} recipe{'' if len(counts) == 1 else 's'}"
    findings = "no findings" if not total else f"{total} finding{'' if total == 1 else 's'}"
    click.echo(f"{recipes}, {findings}")
