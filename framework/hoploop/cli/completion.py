"""`hoploop completion`: what a shell needs to complete commands, options and recipes."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_HOW = {
    "bash": 'eval "$(hoploop completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(hoploop completion zsh)"    # in ~/.zshrc',
    "fish": "hoploop completion fish > ~/.config/fish/completions/hoploop.fish",
}


@click.command(epilog=f"Example: {_HOW['bash']}")
@click.argument("shell", type=click.Choice(sorted(_HOW)))
def completion(shell: str) -> int:
    """Print the completion script for SHELL."""
    from hoploop.cli.main import cli

    script = get_completion_class(shell)
    assert script is not None, "click knows every shell offered"
    click.echo(f"# {_HOW[shell]}")
    click.echo(script(cli, {}, "hoploop", "_HOPLOOP_COMPLETE").source())
    return 0
