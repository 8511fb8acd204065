"""`hoploop version`: what this is, and what it reads."""

from __future__ import annotations

import json
import platform

import click

from hoploop.cli._format import format_option
from hoploop.cli._help import ending


@click.command(epilog=ending("version --format json"))
@format_option
def version(form: str) -> int:
    """Print the versions of Hoploop, of the recipe language and of Python, and the platform."""
    from hoploop import __version__
    from hoploop.recipe.language.head import LANGUAGE

    found = {
        "hoploop": __version__,
        "language": LANGUAGE,
        "python": platform.python_version(),
        "platform": f"{platform.system().lower()}-{platform.machine()}",
    }
    click.echo(json.dumps(found, indent=2) if form == "json" else "\n".join(f"{k} {v}" for k, v in found.items()))
    return 0
