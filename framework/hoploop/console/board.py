"""What the console knows: the newest status and a bounded tail of events, ready to be shown."""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, datetime

from hoploop.console.client import Frame
from hoploop.model.attempts import Attempt
from hoploop.model.events import (
    AnyEvent,
    AttemptAdvanced,
    BlocksTakenBack,
    ComponentChanged,
    GapFound,
    GateChanged,
    OperatorActed,
    OpportunityFound,
    OpportunityRefused,
    Resynced,
    RunEnded,
    RunStarted,
)
from hoploop.model.money import format_units
from hoploop.model.states import AttemptState
from hoploop.model.status import EngineStatus

_KEEP = 500
_KEEP_LOG = 2_000


class Board:
    """Takes frames, answers with the newest first. Memory is bounded whatever the engine sends."""

    def __init__(self) -> None:
        self.status: EngineStatus | None = None
        self.opportunities: deque[OpportunityFound | OpportunityRefused] = deque(maxlen=_KEEP)
        self.attempts: dict[int, tuple[int, Attempt]] = {}
        self.log: deque[tuple[int, str, str]] = deque(maxlen=_KEEP_LOG)
        self.refusals: Counter[str] = Counter()
        self.dropped = 0

    def take(self, frame: Frame) -> None:
        """Apply one frame."""
        self.status = frame.status
        self.dropped = max(self.dropped, frame.dropped)
        for event in frame.events:
            self._event(event)

    def _event(self, event: AnyEvent) -> None:
        if isinstance(event, OpportunityFound | OpportunityRefused):
            self.opportunities.appendleft(event)
        elif isinstance(event, AttemptAdvanced):
            self._attempt(event)
        told = _tell(event)
        if told is not None:
            tone, text = told
            self.log.appendleft((event.at_ns, tone, text))

    def _attempt(self, event: AttemptAdvanced) -> None:
        attempt = event.attempt
        if attempt.state is AttemptState.REFUSED:
            return
        self.attempts.pop(attempt.id, None)  # to the end: the newest move is shown first
        self.attempts[attempt.id] = (event.at_ns, attempt)
        if len(self.attempts) > _KEEP:
            del self.attempts[next(iter(self.attempts))]

    def money(self, amount: int | str, asset: str) -> str:
        """An amount for a person: in the asset's unit when the engine tells it, else in base units."""
        unit = self.status.assets.get(asset) if self.status is not None else None
        if unit is None:
            return f"{int(amount)} {asset} (base units)"
        return f"{shorten(format_units(int(amount), unit.decimals))} {unit.symbol}"


def clean(text: str) -> str:
    """Printable text on one line: what an engine passes on from a chain must not steer the terminal."""
    return text if text.isprintable() else " ".join("".join(c if c.isprintable() else " " for c in text).split())


def shorten(plain: str, places: int = 6) -> str:
    """A plain decimal cut to `places` significant decimals, marked with … when something was cut."""
    whole, dot, fraction = plain.partition(".")
    zeros = len(fraction) - len(fraction.lstrip("0")) if whole.lstrip("-") == "0" else 0
    keep = zeros + places
    return plain if len(fraction) <= keep else f"{whole}{dot}{fraction[:keep]}…"


def clock_text(at_ns: int) -> str:
    """HH:MM:SS.mmm in UTC."""
    try:
        return datetime.fromtimestamp(at_ns / 1e9, UTC).strftime("%H:%M:%S.%f")[:-3]
    except (OverflowError, ValueError, OSError):
        return "??:??:??"


def age_text(ms: int | None) -> str:
    """An age for a person."""
    if ms is None:
        return "never"
    if ms < 1_000:
        return f"{ms} ms"
    return f"{ms / 1000:.1f} s" if ms < 60_000 else f"{ms // 60_000} min"


def _tell(event: AnyEvent) -> tuple[str, str] | None:
    """One log line with its tone; None for what only counts."""
    match event:
        case GateChanged():
            return (
                "bad" if event.state == "tripped" else "warn"
            ), f"gate {event.state}: {event.reason} (by {event.by})"
        case OperatorActed():
            return "warn", f"operator {event.by}: {event.act} {event.detail}".rstrip()
        case ComponentChanged():
            return ("" if event.state in ("ok", "starting") else "warn"), _joined(
                event.component, event.state, event.detail
            )
        case GapFound():
            return "warn", f"{event.chain}: gap at {event.number} ({event.why}); pools are stale until read again"
        case BlocksTakenBack():
            return "warn", (
                f"{event.chain}: blocks after {event.number} taken back ({event.why}); "
                f"{event.restored} pools put back, {event.stale} stale"
            )
        case Resynced():
            return "", f"{event.chain}: {event.pools} pools read again at {event.number}"
        case RunStarted():
            return "", f"run started: {event.recipe} {event.fingerprint[:12]} in mode {event.mode}"
        case RunEnded():
            return "warn", f"run ended: {event.reason}"
        case AttemptAdvanced(attempt=Attempt(state=state)) if state in _TOLD:
            return _TOLD[state], _attempt_text(event.attempt)
        case _:
            return None


_TOLD = {AttemptState.LANDED: "good", AttemptState.REVERTED: "bad", AttemptState.LOST: "", AttemptState.UNKNOWN: "bad"}


def _attempt_text(attempt: Attempt) -> str:
    return _joined(f"{attempt.chain} attempt {attempt.id}", attempt.state.value, attempt.reason or attempt.difference)


def _joined(what: str, state: str, detail: str) -> str:
    return f"{what}: {state} ({detail})" if detail else f"{what}: {state}"
