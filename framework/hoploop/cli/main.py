"""The `hoploop` command: finds a sub-command by name and imports only that one."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from typing import Any

import click

from hoploop.cli.exits import ExitCodes, reader_may_leave

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("hoploop.cli.init:init", "Write a recipe to start from."),
    "create": ("hoploop.cli.create:create", "Write a connector to start from."),
    "validate": ("hoploop.cli.validate:validate", "Check recipes without touching the network."),
    "check": ("hoploop.cli.check:check", "Compare a recipe with its chains, keys and routes."),
    "show": ("hoploop.cli.show:show_", "Print a recipe as it is after loading, and where each value is from."),
    "plan": ("hoploop.cli.recipe:plan", "Print what a recipe will make exist."),
    "graph": ("hoploop.cli.graph:graph", "Draw the market of a recipe."),
    "dry-run": ("hoploop.cli.dry_run:dry_run", "Run a recipe on a recorded market, up to the signed bytes."),
    "lint": ("hoploop.cli.lint:lint", "Say what is allowed in recipes, but seldom meant."),
    "fmt": ("hoploop.cli.fmt:fmt", "Lay recipes out; what they say stays."),
    "test": ("hoploop.cli.testing:test", "Play the tests of recipes on recorded markets."),
    "migrate": ("hoploop.cli.migrate:migrate", "Bring recipes to the newest language."),
    "lock": ("hoploop.cli.lock:lock", "Write down what a recipe is made of, or compare with it."),
    "schema": ("hoploop.cli.recipe:schema", "Print the JSON Schema of the recipe language."),
    "explain": ("hoploop.cli.recipe:explain", "Say what an error code means and what to do."),
    "list": ("hoploop.cli.list:list_", "List connectors, recipes, profiles or codes."),
    "run": ("hoploop.cli.run:run", "Run a recipe."),
    "demo": ("hoploop.cli.demo:demo", "Run the demonstration on two local chains."),
    "apply": ("hoploop.cli.apply:apply", "Change a running engine to what its recipe says now."),
    "status": ("hoploop.cli.control:status", "Show what a running engine does."),
    "arm": ("hoploop.cli.control:arm", "Let bytes leave."),
    "pause": ("hoploop.cli.control:pause", "Take no new opportunities."),
    "resume": ("hoploop.cli.control:resume", "Take opportunities again."),
    "kill": ("hoploop.cli.control:kill", "Stop bytes leaving, at once and for good."),
    "console": ("hoploop.cli.console:console", "Watch a running engine."),
    "tap": ("hoploop.cli.watching:tap", "Stream what happens in a running engine."),
    "top": ("hoploop.cli.watching:top", "Show components and rates of a running engine."),
    "ledger": ("hoploop.cli.ledger:ledger", "Read the book of a recipe."),
    "bench": ("hoploop.cli.bench:bench", "Measure the native module beside its peers."),
    "verify": ("hoploop.cli.verify:verify", "Compare quotes with what real programs paid."),
    "lsp": ("hoploop.cli.lsp:lsp", "Serve editors: findings, completion, hover, corrections."),
    "completion": ("hoploop.cli.completion:completion", "Complete commands in a shell."),
    "version": ("hoploop.cli.version:version", "Print versions."),
    "local": ("hoploop.cli.local:local", "Embedded chains on their own."),
}
"""Command -> (module:attribute, one line of help). The module is imported when the command is used."""


class LazyGroup(click.Group):
    """A group whose commands are named in a table and imported on use."""

    def __init__(self, table: Mapping[str, tuple[str, str]], **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._table:
            return None
        module, _, attribute = self._table[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        with reader_may_leave():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with reader_may_leave():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Help from the table, so that asking for it imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._table.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from hoploop import __version__

        click.echo(f"hoploop {__version__}")
        ctx.exit()


cli = LazyGroup(
    COMMANDS,
    name="hoploop",
    epilog="Example: hoploop validate recipes",
    help="Declarative, exact and stoppable DEX-arbitrage bots from one YAML recipe.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
        )
    ],
)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code instead of an exception."""
    with ExitCodes() as exits:
        exits.code = cli.main(args=list(arguments), prog_name="hoploop", standalone_mode=False) or 0
    return exits.code


def main() -> None:
    """Entry point of the `hoploop` script."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show is escaped; a stream that was closed is None.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
