"""`python -m hoploop` is the `hoploop` command."""

from hoploop.cli.main import main

main()
