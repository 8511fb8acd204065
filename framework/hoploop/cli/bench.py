"""`hoploop bench`: the suite of a source checkout, beside the peers that are installed."""

from __future__ import annotations

import subprocess
import sys

import click

from hoploop.cli._help import ending
from hoploop.codes._info import FINDINGS


@click.command(epilog=ending("bench --quick", FINDINGS))
@click.option("--quick", is_flag=True, help="The short form: minutes.")
def bench(quick: bool) -> int:
    """Measure the native module beside the limit and the peers; needs a source checkout and cargo."""
    from hoploop.local.artifacts import repo_root

    root = repo_root()
    if root is None or not (root / "bench" / "run.py").is_file():
        raise click.UsageError("this is no source checkout: the benchmarks are not part of an installation")
    command = [sys.executable, str(root / "bench" / "run.py"), *(["quick"] if quick else [])]
    return subprocess.run(command, cwd=root).returncode
