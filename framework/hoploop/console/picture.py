"""A picture of the console from a recording, without a terminal."""

from __future__ import annotations

import asyncio
import re

from hoploop.console.app import Console
from hoploop.console.source import Recording

_FONT_FACES = re.compile(r"@font-face \{[^}]*\}\s*")


def picture(recording: Recording, *, pane: str = "a", size: tuple[int, int] = (120, 30)) -> str:
    """SVG of the recording's last frame with one pane open; the same recording gives the same picture."""
    return asyncio.run(_picture(recording, pane, size))


async def _picture(recording: Recording, pane: str, size: tuple[int, int]) -> str:
    app = Console(recording, clock=lambda: 0.0, repaint_s=0)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        app.action_pane(pane)
        await pilot.pause()
        app.repaint()
        await pilot.pause()
        # A picture in a document must not fetch fonts from elsewhere; every viewer has a monospaced one.
        return _FONT_FACES.sub("", app.export_screenshot(title="hoploop console"))
