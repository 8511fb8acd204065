"""The console's two dialogs: the help and the typed confirmation."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

HELP = """\
[b]Stop[/b]
  F9, Ctrl+K    kill: bytes stop at once; again: end without waiting
  F8            pause: no new trades, what is in flight is settled
  F7            resume or arm (asks for the recipe's name)
[b]Look[/b]
  v o a w f m t l   venues, opportunities, attempts, why not,
                    funds, limits, latency, log
  /             filter rows (Escape clears)
  1–9           sort by that column; again: reverse; again: off
  Space         freeze the picture; numbers in the head go on
  s             save a picture (SVG) in the present folder
[b]Leave[/b]
  q             close the console; the engine goes on
Without a screen: hoploop kill, pause, resume, status [--json].
Escape closes this help."""


class Help(ModalScreen[None]):
    """All keys on one page."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """One box."""
        yield Static(HELP, id="help", classes="box")


class Confirm(ModalScreen[str | None]):
    """Asks for the recipe's name; answers with what was typed, None when given up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def compose(self) -> ComposeResult:
        """A question and a line to type into."""
        with Vertical(classes="box"):
            yield Static(f"{self._what} Type the recipe's name and press Enter; Escape cancels.", markup=False)
            yield Input(id="name", compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter answers."""
        event.stop()
        self.dismiss(event.value.strip())
