"""`python -m hoploop` is the `hoploop` command."""

from __future__ import annotations

from hoploop.cli.main import main

main()
