"""The one line that says what is wrong, what was just done, or that all is well."""

from __future__ import annotations

from typing import NamedTuple

from hoploop.console.board import clean
from hoploop.model.status import GateStatus

STALE_S = 2.0
ENDED = "end of the recording"


class Alert(NamedTuple):
    """`tone` is "", warn or bad; the words alone say everything."""

    tone: str
    text: str


def alert(*, said: str, gate: GateStatus | None, link: str, silent_s: float, frozen: bool, notes: list[str]) -> Alert:
    """What to show. `said` answers the last act, `link` is why no frames come, `silent_s` since the last frame."""
    urgent = [said]
    if gate is not None and gate.state == "tripped":
        urgent.append(f"gate TRIPPED: {gate.reason} (by {gate.by})")
    urgent.append(link)
    if silent_s > STALE_S and link != ENDED:
        urgent.append(f"STALE: no data for {silent_s:.0f} s")
    found = [part for part in urgent if part]
    if found:
        return Alert("" if found == [ENDED] else "bad", _line(found))
    if frozen:
        return Alert("warn", _line(["FROZEN (space goes on)", *notes]))
    return Alert("", _line(notes))


def _line(parts: list[str]) -> str:
    return clean(" · ".join(part for part in parts if part))
