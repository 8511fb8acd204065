"""What the console shows at three sizes, from the recorded stream."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from hoploop.console.app import Console
from hoploop.console.picture import picture
from hoploop.console.rows import PANES
from hoploop.console.source import Recording


def screen_text(app: Console) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def replayed(recording: Path, size: tuple[int, int], *keys: str) -> str:
    app = Console(Recording(recording, pace=False), clock=lambda: 0.0, repaint_s=0)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        app.repaint()
        await pilot.pause()
        return screen_text(app)


@pytest.mark.parametrize("key", [pane.key for pane in PANES])
async def test_every_pane_on_the_smallest_screen(recording: Path, snapshot: SnapshotAssertion, key: str) -> None:
    assert await replayed(recording, (80, 24), key) == snapshot


@pytest.mark.parametrize("size", [(120, 40), (200, 60)], ids=["120x40", "200x60"])
async def test_attempts_on_wider_screens(recording: Path, snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    assert await replayed(recording, size, "a") == snapshot


async def test_help_fits_the_smallest_screen(recording: Path, snapshot: SnapshotAssertion) -> None:
    assert await replayed(recording, (80, 24), "question_mark") == snapshot


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_mode_gate_heads_and_profit_are_always_in_the_head(recording: Path, size: tuple[int, int]) -> None:
    head = "\n".join((await replayed(recording, size, "l")).splitlines()[:3])
    for word in (
        "PAPER",
        "two_chains",
        "770715ce7f5a",
        "ARMED",
        "in flight",
        "head 50",
        "head 435888093",
        "WETH",
        "SOL",
    ):
        assert word in head


async def test_without_colour_the_words_are_the_same(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = await replayed(recording, (120, 40), "a")
    monkeypatch.setenv("NO_COLOR", "1")
    assert await replayed(recording, (120, 40), "a") == coloured


def test_a_picture_is_the_same_every_time(recording: Path) -> None:
    first = picture(Recording(recording, pace=False))
    assert first.startswith("<svg")
    assert "two_chains" in first
    assert "url(http" not in first
    assert picture(Recording(recording, pace=False)) == first
