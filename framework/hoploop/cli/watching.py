"""`hoploop tap` and `hoploop top`: what a running engine does, as a stream for programs and as a table for people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from hoploop.cli._by import operator
from hoploop.cli._duration import Duration
from hoploop.cli._help import ending
from hoploop.cli.completion import OneOf
from hoploop.cli.control import FOLDER, RECIPE, paths_of
from hoploop.codes._info import UNREACHABLE

if TYPE_CHECKING:
    from hoploop.console.client import Frame
    from hoploop.model.status import EngineStatus

_FOR = click.option("--for", "for_ms", type=Duration(), help="Stop after this long, e.g. 30s.")


@click.command(epilog=ending("tap two_chains --only AttemptAdvanced --only GateChanged", UNREACHABLE))
@RECIPE
@FOLDER
@click.option(
    "--only", multiple=True, metavar="EVENT", type=OneOf(lambda: _event_types()),
    help="Only events of this type; may be given again.",
)  # fmt: skip
@_FOR
def tap(recipe: str, state_dir: Path | None, only: tuple[str, ...], for_ms: int | None) -> int:
    """Print what happens in a running engine, one JSON object a line, beginning with the newest events it holds."""
    known = _event_types()
    for name in only:
        if name not in known:
            raise click.UsageError(f"no event is called {name!r}; there are: {', '.join(sorted(known))}")

    def show(frame: Frame) -> None:
        for event in frame.events:
            if not only or type(event).__name__ in only:
                click.echo(msgspec.json.encode(event).decode())
        if frame.dropped:
            click.echo(f"{frame.dropped} events did not arrive in time", err=True)

    _follow(paths_of(recipe, state_dir).socket, show, for_ms)
    return 0


@click.command(epilog=ending("top two_chains --for 10s", UNREACHABLE))
@RECIPE
@FOLDER
@_FOR
def top(recipe: str, state_dir: Path | None, for_ms: int | None) -> int:
    """Show components and rates of a running engine every second, like top(1). `hoploop console` shows more."""
    last: list[EngineStatus] = []

    def show(frame: Frame) -> None:
        now = frame.status
        if last and now.uptime_ms - last[0].uptime_ms < 1_000:
            return
        click.clear()
        click.echo(table(now, last[0] if last else None))
        last[:] = [now]

    _follow(paths_of(recipe, state_dir).socket, show, for_ms)
    return 0


def table(now: EngineStatus, before: EngineStatus | None) -> str:
    """Chains with their feed, rates a second since `before` and attempts; latencies; why nothing was made of cycles."""
    passed_ms = 0 if before is None else now.uptime_ms - before.uptime_ms
    earlier = {chain.id: chain for chain in before.chains} if before is not None else {}
    lines = [
        f"{now.recipe} {now.fingerprint[:12]}  gate {now.gate.state}  up {now.uptime_ms // 1_000} s  "
        f"{now.in_flight} in flight",
        f"{'chain':<12}{'feed':<12}{'head':>12}{'upd/s':>9}{'cand/s':>9}{'landed':>9}{'revert':>8}{'refused':>9}",
    ]
    for chain in now.chains:
        then = earlier.get(chain.id)
        rates = ["-", "-"]
        if then is not None and passed_ms > 0:
            more = chain.updates - then.updates, chain.candidates - then.candidates
            rates = [str(count * 1_000 // passed_ms) for count in more]
        counts = chain.attempts
        lines.append(
            f"{chain.id:<12}{chain.feed:<12}{chain.head:>12}{rates[0]:>9}{rates[1]:>9}{counts.landed:>9}"
            f"{counts.reverted:>8}{counts.refused:>9}"
        )
    late = now.latency_us
    lines.append(
        f"update to candidate {late.update_to_candidate.p50}/{late.update_to_candidate.p99} us, to signed "
        f"{late.update_to_signed.p50}/{late.update_to_signed.p99}, signed to sent {late.signed_to_sent.p50}"
        f"/{late.signed_to_sent.p99} (p50/p99)"
    )
    for chain in now.chains:
        most_first = sorted(chain.reasons.items(), key=lambda item: (-item[1], item[0]))
        if most_first:
            lines.append(f"why not on {chain.id}: " + ", ".join(f"{reason} {count}" for reason, count in most_first))
    return "\n".join(lines)


def _follow(socket: Path, show: Callable[[Frame], None], for_ms: int | None) -> None:
    from hoploop.console.client import watch
    from hoploop.errors import ControlError

    reached = False

    async def following() -> None:
        nonlocal reached
        async for frame in watch(socket, by=operator()):
            reached = True
            show(frame)

    async def limited() -> None:
        try:
            async with asyncio.timeout(None if for_ms is None else for_ms / 1_000):
                await following()
        except TimeoutError:
            return

    try:
        asyncio.run(limited())
    except ControlError as error:
        # An engine that ends closes the stream: that is the end of it, not a failure.
        if not (reached and error.code == "G201"):
            raise


def _event_types() -> set[str]:
    from typing import get_args

    from hoploop.model.events import AnyEvent

    return {kind.__name__ for kind in get_args(AnyEvent)}
