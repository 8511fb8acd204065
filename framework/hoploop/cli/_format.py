"""How commands that print one thing take `--format`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def format_option(command: _Command) -> _Command:
    """--format human|json, as the parameter `form`."""
    form = click.Choice(["human", "json"])
    return click.option("--format", "form", type=form, default="human", show_default=True)(command)


def short_format_option(command: _Command) -> _Command:
    """The same with --json for short: for commands that are typed, and watched by scripts, while an engine runs."""
    short = click.option("--json", "form", flag_value="json", help="Short for --format json.")
    return format_option(short(command))
