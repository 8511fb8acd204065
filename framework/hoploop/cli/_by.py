"""Who acts: the name that goes into the audit log unless another is given."""

from __future__ import annotations

import getpass
import os

import click


def operator() -> str:
    """The user's name, or `uid N` for one without a name, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


by_option = click.option("--by", default=operator, show_default="you", help="Operator named in the audit log.")
"""For commands that act on a running engine."""
