"""Kill, pause, resume, arm and the line that says how it went, against a pretended engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hoploop.console.app import Console
from hoploop.console.source import Engine


def alert_of(app: Console) -> str:
    return str(app.screen_stack[0].query_one("#alert").render())


def screen_text(app: Console) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await pilot.pause(0.02)


@asynccontextmanager
async def attached(path: Path, **options: Any) -> AsyncIterator[tuple[Console, Pilot[None]]]:
    app = Console(Engine(path, by="tester"), repaint_s=0.05, **options)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.board.status is not None)
        yield app, pilot


@pytest.mark.parametrize("key", ["f9", "ctrl+k"])
async def test_kill_says_sent_until_the_engine_acknowledges(engine: Any, key: str) -> None:
    fake, path = engine
    fake.answers.clear()
    async with attached(path) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: len(fake.asked) == 1)
        assert "kill sent" in alert_of(app)
        assert "KILLED" not in alert_of(app)
        fake.answers.set()
        await until(pilot, lambda: "KILLED (ack" in alert_of(app))
        await until(pilot, lambda: "TRIPPED" in alert_of(app))
    assert fake.asked == [{"id": 1, "do": "kill", "by": "tester", "args": {}}]


@pytest.mark.parametrize("before", ["slash", "f7", "f1", "ctrl+p"], ids=["filter", "dialog", "help", "palette"])
async def test_kill_works_wherever_the_operator_is(engine: Any, before: str) -> None:
    fake, path = engine
    async with attached(path) as (_, pilot):
        await pilot.press(before)
        await pilot.press("f9")
        await until(pilot, lambda: [asked["do"] for asked in fake.asked] == ["kill"])


async def test_a_second_kill_is_sent_too(engine: Any) -> None:
    fake, path = engine
    async with attached(path) as (_, pilot):
        await pilot.press("f9", "f9")
        await until(pilot, lambda: [asked["do"] for asked in fake.asked] == ["kill", "kill"])


async def test_a_refused_act_shows_reason_and_hint(engine: Any) -> None:
    fake, path = engine
    fake.refuse = {"code": "G104", "message": "cannot pause", "hint": "look at the gate"}
    async with attached(path) as (app, pilot):
        await pilot.press("f8")
        await until(pilot, lambda: "pause FAILED: cannot pause - look at the gate" in alert_of(app))


async def test_resume_asks_for_the_recipe_and_sends_what_was_typed(engine: Any) -> None:
    fake, path = engine
    async with attached(path) as (app, pilot):
        await pilot.press("f8")
        await until(pilot, lambda: "PAUSED" in alert_of(app))
        await pilot.press("f7", *"two", "underscore", *"chains", "enter")
        await until(pilot, lambda: "RESUMED" in alert_of(app))
    assert fake.asked[-1]["args"] == {"recipe": "two_chains"}


async def test_a_dry_engine_is_armed_with_the_same_key(engine: Any) -> None:
    fake, path = engine
    fake.gate = "dry"
    async with attached(path) as (_, pilot):
        await pilot.press("f7", "x", "enter")
        await until(pilot, lambda: len(fake.asked) == 1)
    assert (fake.asked[0]["do"], fake.asked[0]["args"]) == ("arm", {"recipe": "x"})


async def test_escape_gives_a_confirmation_up(engine: Any) -> None:
    fake, path = engine
    async with attached(path) as (app, pilot):
        await pilot.press("f7", "x", "escape")
        await pilot.pause(0.1)
        assert len(app.screen_stack) == 1
    assert fake.asked == []


@pytest.mark.parametrize("key", ["f9", "ctrl+k", "f8", "f7"])
async def test_a_read_only_console_sends_nothing(engine: Any, key: str) -> None:
    fake, path = engine
    async with attached(path, read_only=True) as (app, pilot):
        await pilot.press(key)
        await pilot.pause(0.1)
        assert "read-only" in alert_of(app)
        assert len(app.screen_stack) == 1
    assert fake.asked == []


async def test_filter_keeps_rows_with_all_words(engine: Any) -> None:
    _, path = engine
    async with attached(path) as (app, pilot):
        await pilot.press("slash", *"eth cake", "enter")
        await until(pilot, lambda: "uni2" not in screen_text(app))
        assert "cake2" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "uni2" in screen_text(app))
        assert app.query_one("#filter", Input).value == ""


async def test_letters_in_the_filter_are_text_and_not_commands(engine: Any) -> None:
    _, path = engine
    async with attached(path) as (app, pilot):
        await pilot.press("slash", "q", "space", "l")
        assert app.query_one("#filter", Input).value == "q l"
        assert app.is_running
        assert not app.frozen


async def test_a_frozen_picture_stands_still_while_the_head_goes_on(engine: Any) -> None:
    fake, path = engine
    async with attached(path) as (app, pilot):
        await until(pilot, lambda: "uni2" in screen_text(app))
        await pilot.press("space")
        chains = fake.frame.status.chains
        fake.frame = fake.frame._replace(status=_without_venues(fake.frame.status))
        assert chains[0].venues
        await until(pilot, lambda: not app.board.status or not app.board.status.chains[0].venues)
        fake.gate = "paused"
        await until(pilot, lambda: "PAUSED" in screen_text(app))
        assert "FROZEN" in screen_text(app)
        assert "uni2" in screen_text(app)
        await pilot.press("space")
        await until(pilot, lambda: "uni2" not in screen_text(app))


def _without_venues(status: Any) -> Any:
    chains = tuple(msgspec.structs.replace(chain, venues=()) for chain in status.chains)
    return msgspec.structs.replace(status, chains=chains)


async def test_a_column_sorts_up_then_down_then_not(engine: Any) -> None:
    _, path = engine
    async with attached(path) as (app, pilot):
        await pilot.press("5")
        await until(pilot, lambda: "sorted by updates ↑" in alert_of(app))
        await pilot.press("5")
        await until(pilot, lambda: "sorted by updates ↓" in alert_of(app))
        await pilot.press("5")
        await until(pilot, lambda: "sorted" not in alert_of(app))


async def test_silence_shows_stale_after_two_seconds(engine: Any) -> None:
    fake, path = engine
    now = [100.0]
    async with attached(path, clock=lambda: now[0]) as (app, pilot):
        fake.silent.set()
        await pilot.pause(0.1)
        assert "STALE" not in alert_of(app)
        now[0] += 7
        await until(pilot, lambda: "STALE: no data for 7 s" in alert_of(app))


async def test_q_leaves_the_engine_alone(engine: Any) -> None:
    fake, path = engine
    async with attached(path) as (app, pilot):
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running
    assert fake.asked == []


async def test_an_engine_that_goes_away_is_told_and_found_again(engine: Any, tmp_path: Path, serve: Any) -> None:
    fake, _ = engine
    path = tmp_path / "other.sock"
    async with serve(path, fake.serve):
        app = Console(Engine(path, by="tester"), repaint_s=0.05)
        session = app.run_test(size=(80, 24))
        pilot = await session.__aenter__()
        await until(pilot, lambda: app.board.status is not None)
    await until(pilot, lambda: "NO ENGINE" in alert_of(app))
    path.unlink(missing_ok=True)
    async with serve(path, fake.serve):
        await until(pilot, lambda: "NO ENGINE" not in alert_of(app))
        await session.__aexit__(None, None, None)


async def test_a_hostile_engine_cannot_end_the_console(tmp_path: Path, serve: Any) -> None:
    answers = [b"garbage\n", b"", b"x" * (5 << 20), b'{"id":1,"ok":true,"result":{"status":{}}}\n']
    served: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        served.append(answers[len(served) % len(answers)])
        writer.write(served[-1])
        await writer.drain()

    async with serve(tmp_path / "s", handler) as path:
        app = Console(Engine(path, by="tester"), repaint_s=0.05)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: len(served) >= 4)
            assert "NO ENGINE" in alert_of(app)
            assert app.is_running


async def test_text_from_a_chain_cannot_steer_the_terminal(engine: Any) -> None:
    fake, path = engine
    status = fake.frame.status
    evil = "evil\x1b[2J\n\x07name"
    chain = msgspec.structs.replace(status.chains[0], id=evil, reasons={evil: 1})
    fake.frame = fake.frame._replace(status=msgspec.structs.replace(status, recipe=evil, chains=(chain,)))
    async with attached(path) as (app, pilot):
        await pilot.press("w")
        await until(pilot, lambda: "evil" in screen_text(app).splitlines()[-1] or screen_text(app).count("evil") >= 2)
        assert screen_text(app).replace("\n", "").isprintable()
