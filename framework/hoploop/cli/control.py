"""Commands that act on a running engine: status, kill, pause, resume, arm."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click
import msgspec

from hoploop.cli._by import by_option, operator
from hoploop.cli._format import short_format_option
from hoploop.cli._help import ending
from hoploop.cli.completion import RecipeName
from hoploop.codes._info import FINDINGS, UNREACHABLE
from hoploop.console.client import request
from hoploop.model.money import format_units
from hoploop.model.status import ChainStatus, EngineStatus
from hoploop.runtime.paths import StatePaths, name_of, state_dir


def paths_of(recipe: str, folder: Path | None) -> StatePaths:
    """The state folder of a recipe, by its name or its file."""
    return StatePaths(folder or state_dir(name_of(recipe)))


RECIPE = click.argument("recipe", default="two_chains", type=RecipeName())
FOLDER = click.option("--state-dir", type=click.Path(path_type=Path), help="State folder, if not the recipe's own.")


def _act(do: str, recipe: str, folder: Path | None, by: str, form: str, args: dict[str, Any]) -> None:
    started = time.monotonic()
    result = request(paths_of(recipe, folder).socket, do, by=by, args=args)
    took_ms = round((time.monotonic() - started) * 1000)
    if form == "json":
        click.echo(msgspec.json.encode({"act": do, "ack_ms": took_ms, **result}).decode())
    else:
        click.echo(f"{do}: gate is {result['state']} ({result['reason']}), ack {took_ms} ms")


@click.command(epilog=ending("kill two_chains", FINDINGS, UNREACHABLE))
@RECIPE
@FOLDER
@by_option
@short_format_option
def kill(recipe: str, state_dir: Path | None, by: str, form: str) -> None:
    """Stop bytes from leaving at once, settle what is in flight, end. A second kill does not wait."""
    _act("kill", recipe, state_dir, by, form, {})


@click.command(epilog=ending("pause two_chains", FINDINGS, UNREACHABLE))
@RECIPE
@FOLDER
@by_option
@short_format_option
def pause(recipe: str, state_dir: Path | None, by: str, form: str) -> None:
    """Refuse new opportunities until `resume`; what is in flight is settled."""
    _act("pause", recipe, state_dir, by, form, {})


@click.command(epilog=ending("resume two_chains --confirm two_chains", FINDINGS, UNREACHABLE))
@RECIPE
@click.option("--confirm", prompt="Type the recipe's name to resume", help="The recipe's name.")
@FOLDER
@by_option
@short_format_option
def resume(recipe: str, confirm: str, state_dir: Path | None, by: str, form: str) -> None:
    """Let a paused engine send again."""
    _act("resume", recipe, state_dir, by, form, {"recipe": confirm})


@click.command(epilog=ending("arm two_chains --confirm two_chains", FINDINGS, UNREACHABLE))
@RECIPE
@click.option("--confirm", prompt="Type the recipe's name to arm", help="The recipe's name.")
@FOLDER
@by_option
@short_format_option
def arm(recipe: str, confirm: str, state_dir: Path | None, by: str, form: str) -> None:
    """Let a dry engine send. Only recipes in mode paper or live can be armed."""
    _act("arm", recipe, state_dir, by, form, {"recipe": confirm})


@click.command(epilog=ending("status two_chains --json", FINDINGS, UNREACHABLE))
@RECIPE
@FOLDER
@short_format_option
@click.option("--watch", is_flag=True, help="Print again every second until interrupted.")
def status(recipe: str, state_dir: Path | None, form: str, watch: bool) -> None:
    """Say what a running engine is doing."""
    paths = paths_of(recipe, state_dir)
    while True:
        result = request(paths.socket, "status", by=operator(), args={})
        plain = msgspec.json.encode(result).decode()
        click.echo(plain if form == "json" else describe(msgspec.convert(result, EngineStatus)))
        if not watch:
            return
        sys.stdout.flush()
        time.sleep(1)


def describe(status: EngineStatus) -> str:
    """A few lines for a person."""
    gate = status.gate
    lines = [
        f"{status.recipe} {status.fingerprint[:12]}  {status.mode.upper()}",
        f"gate {gate.state.upper()} ({gate.reason}, by {gate.by})",
        f"up {status.uptime_ms // 1000} s, {status.in_flight} in flight, pid {status.pid}",
        *(line for chain in status.chains for line in _describe_chain(chain, status)),
        *(f"limit {limit.name}: {limit.used} of {limit.limit}" for limit in status.limits),
    ]
    return "\n".join(lines)


def _describe_chain(chain: ChainStatus, status: EngineStatus) -> list[str]:
    a = chain.attempts
    profit = ", ".join(_amount(text, asset, status) for asset, text in chain.profit.realized.items()) or "none"
    return [
        f"{chain.id}: feed {chain.feed}, head {chain.head}, {chain.updates} updates, {chain.candidates} candidates",
        f"  landed {a.landed}, reverted {a.reverted}, lost {a.lost}, refused {a.refused}, unknown {a.unknown}",
        f"  realized profit after all costs: {profit}",
    ]


def _amount(text: str, asset: str, status: EngineStatus) -> str:
    unit = status.assets.get(asset)
    return f"{text} {asset} base units" if unit is None else f"{format_units(int(text), unit.decimals)} {unit.symbol}"
