"""The console: a process of its own that shows one engine and reaches its gate; closing it changes nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.widgets import Footer, Input, Static, TabbedContent, TabPane

from hoploop.console.alert import ENDED, alert
from hoploop.console.board import Board
from hoploop.console.header import head_lines
from hoploop.console.rows import PANES, Pane, matching
from hoploop.console.screens import Confirm, Help
from hoploop.console.source import Engine, Source
from hoploop.console.table import LineTable
from hoploop.errors import HoploopError

_REPAINT_S = 0.25
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0
_DONE = {"kill": "KILLED", "pause": "PAUSED", "resume": "RESUMED", "arm": "ARMED"}

_KEYS: list[BindingType] = [
    Binding("f9,ctrl+k", "act('kill')", "KILL", key_display="F9", priority=True),
    Binding("f8", "act('pause')", "Pause", key_display="F8", priority=True),
    Binding("f7", "confirm", "Resume", key_display="F7", priority=True),
    Binding("slash", "filter", "Filter", key_display="/"),
    Binding("space", "freeze", "Freeze"),
    Binding("question_mark,f1", "help", "Help", key_display="?"),
    Binding("q", "quit", "Quit"),
    Binding("s", "picture", "Picture", show=False),
    Binding("escape", "clear_filter", "Clear", show=False),
    *(Binding(pane.key, f"pane('{pane.key}')", pane.title, show=False) for pane in PANES),
    *(Binding(str(n), f"sort({n - 1})", f"Sort {n}", show=False) for n in range(1, 10)),
]


class Console(App[None]):
    """Follows a `Source`. `clock` is a monotonic one; `repaint_s` 0 leaves painting to the caller (tests, pictures)."""

    CSS_PATH = "app.tcss"
    TITLE = "hoploop"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = _KEYS

    def __init__(
        self,
        source: Source,
        *,
        read_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
        repaint_s: float = _REPAINT_S,
    ) -> None:
        super().__init__()
        self.board = Board()
        self.frozen = False
        self._source = source
        self._read_only = read_only
        self._clock = clock
        self._repaint_s = repaint_s
        self._heard_at: float | None = None
        self._link = "connecting"
        self._said = ""
        self._words = ""

    def compose(self) -> ComposeResult:
        """Head, alert line, one tab a pane, filter, keys."""
        yield Static(id="head", markup=False)
        yield Static(id="alert", markup=False)
        with TabbedContent(id="tabs"):
            for pane in PANES:
                with TabPane(f"{pane.title} [{pane.key}]".replace("[", "\\["), id=f"pane-{pane.key}"):
                    yield LineTable(pane.columns, empty=pane.empty, id=f"table-{pane.key}")
        yield Input(placeholder="filter", id="filter", compact=True)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Attach and start to paint."""
        self.run_worker(self._follow(), group="link", exclusive=True)
        if self._repaint_s:
            self.set_interval(self._repaint_s, self.repaint)
        self.query_one("#table-v").focus()
        self.repaint()

    def on_resize(self) -> None:
        """Fit the head to the new width."""
        self.repaint()

    def repaint(self) -> None:
        """Draw what is known: head and alert always, the open table unless frozen."""
        with suppress(NoMatches):  # a timer or an answer may come after the widgets are gone
            pane = self._open()
            table = self.query_one(f"#table-{pane.key}", LineTable)
            self.query_one("#head", Static).update(head_lines(self.board, self.size.width))
            self._paint_alert(table.ordered)
            if not self.frozen:
                table.show(matching(pane.rows(self.board), self._words))

    def _paint_alert(self, order: str) -> None:
        notes = [
            f"sorted by {order}" if order else "",
            f"filter: {self._words}" if self._words else "",
            "read-only" if self._read_only else "",
            f"{self.board.dropped} events were too many for this console" if self.board.dropped else "",
        ]
        status = self.board.status
        tone, text = alert(
            said=self._said,
            gate=status.gate if status is not None else None,
            link=self._link,
            silent_s=0.0 if self._heard_at is None else self._clock() - self._heard_at,
            frozen=self.frozen,
            notes=notes if any(notes) else [f"attached to {self._source.name}"],
        )
        line = self.query_one("#alert", Static)
        line.set_class(tone == "warn", "warn")
        line.set_class(tone == "bad", "bad")
        line.update(text)

    def _open(self) -> Pane:
        active = self.query_one(TabbedContent).active
        return next((pane for pane in PANES if f"pane-{pane.key}" == active), PANES[0])

    async def _follow(self) -> None:
        """Take frames for ever; a broken connection is shown and tried again with growing waits."""
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                async for frame in self._source.frames():
                    self.board.take(frame)
                    self._heard_at, self._link, wait_s = self._clock(), "", _FIRST_WAIT_S
            except HoploopError as error:
                self._link = f"NO ENGINE: {error.message}"
            if self._source.ends:
                self._link = ENDED
                return
            await asyncio.sleep(wait_s)
            wait_s = min(_LONGEST_WAIT_S, wait_s * 2)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A read-only console has no acts."""
        return not (self._read_only and action in ("act", "confirm"))

    def action_act(self, do: str) -> None:
        """Kill or pause, at once and from anywhere."""
        self._send(do, {})

    def action_confirm(self) -> None:
        """Arm a dry gate or resume a paused one, after the recipe's name was typed."""
        status = self.board.status
        do = "arm" if status is not None and status.gate.state == "dry" else "resume"
        if isinstance(self.screen, Confirm):
            return

        def typed(name: str | None) -> None:
            if name is not None:
                self._send(do, {"recipe": name})

        self.push_screen(Confirm("Let this engine send transactions." if do == "arm" else "Resume trading."), typed)

    def _send(self, do: str, args: dict[str, Any]) -> None:
        self._said = f"{do} sent"
        self.repaint()
        self.run_worker(self._acknowledge(do, args), group="acts")

    async def _acknowledge(self, do: str, args: dict[str, Any]) -> None:
        started = self._clock()
        try:
            await self._source.act(do, args)
            self._said = f"{_DONE[do]} (ack {(self._clock() - started) * 1000:.0f} ms)"
            if do != "kill":
                self.set_timer(5, self._unsay)
        except HoploopError as error:
            self._said = f"{do} FAILED: {error.message} - {error.hint}"
        self.repaint()

    def _unsay(self) -> None:
        self._said = ""

    def action_pane(self, key: str) -> None:
        """Open a pane."""
        self.query_one(TabbedContent).active = f"pane-{key}"
        self.query_one(f"#table-{key}").focus()
        self.repaint()

    def on_tabbed_content_tab_activated(self) -> None:
        """Also when clicked."""
        self.repaint()

    def action_sort(self, column: int) -> None:
        """Sort the open table."""
        self.query_one(f"#table-{self._open().key}", LineTable).sort_by(column)
        self.repaint()

    def action_freeze(self) -> None:
        """Hold the table still, or go on."""
        self.frozen = not self.frozen
        self.repaint()

    def action_filter(self) -> None:
        """Open the filter line."""
        line = self.query_one("#filter", Input)
        line.add_class("open")
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        if event.input.id == "filter":
            self._words = event.value
            self.repaint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter, go back to the table."""
        event.input.remove_class("open")
        self.query_one(f"#table-{self._open().key}").focus()

    def action_clear_filter(self) -> None:
        """Show all rows again."""
        line = self.query_one("#filter", Input)
        line.value = ""
        line.remove_class("open")
        self.query_one(f"#table-{self._open().key}").focus()

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(Help())

    def action_picture(self) -> None:
        """Save what is on the screen."""
        self.notify(f"saved {self.save_screenshot(path='.')}", markup=False)


def run_console(
    socket: Path, *, by: str, read_only: bool = False, record: BinaryIO | None = None
) -> None:
    """Show the engine behind `socket` until the operator quits."""
    Console(Engine(socket, by=by, record=record), read_only=read_only).run()
