"""`hoploop verify`: vector files against the quotes of the native module or of its Python twins."""

from __future__ import annotations

from pathlib import Path

import click

from hoploop.cli._format import format_option
from hoploop.cli._help import ending
from hoploop.codes._info import FINDINGS


@click.command(epilog=ending("verify tests/golden/meteora_damm_v1 --format json", FINDINGS))
@click.argument("path", metavar="DIR", type=click.Path(exists=True, path_type=Path))
@click.option("--reference", is_flag=True, help="Ask the Python twins instead of the native module.")
@format_option
def verify(path: Path, reference: bool, form: str) -> int:
    """Compare quotes with what real programs paid: every .json and .json.gz file below DIR, or one file.

    Ends with 1 when a case is off or unsupported, or a file cannot be checked. Formats: docs/verify.md.
    """
    from hoploop.verify.render import as_json, as_text
    from hoploop.verify.walk import verify as check

    report = check(path, "reference" if reference else "native")
    if not report.files:
        raise click.UsageError(f"no vector file (.json, .json.gz) lies below {path}")
    click.echo(as_json(report).decode() if form == "json" else as_text(report))
    return 0 if report.ok else 1
