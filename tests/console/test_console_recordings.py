"""Recordings of the console's stream: what is written is what is read, and damage is told."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from hoploop.console.source import Engine, Recording
from hoploop.errors import ControlError


async def test_a_recorded_stream_replays_the_same_frames(engine: Any, tmp_path: Path) -> None:
    _, path = engine
    target, live = tmp_path / "recording", []
    file = io.BytesIO()
    async for frame in Engine(path, by="tester", record=file).frames():
        live.append(frame)
        if len(live) == 3:
            break
    target.write_bytes(file.getvalue())
    assert [frame async for frame in Recording(target, pace=False).frames()] == live


async def test_a_recording_keeps_its_pace(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("hoploop.console.source.asyncio.sleep", sleep)
    assert len([frame async for frame in Recording(recording).frames()]) == 23
    assert sum(slept) == pytest.approx(15.574)


async def test_a_recording_cut_off_in_its_last_line_replays_the_rest(recording: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(recording.read_bytes()[:-40])
    assert len([frame async for frame in Recording(cut, pace=False).frames()]) == 22


@pytest.mark.parametrize("content", [b"", b"hello\n", b'{"hoploop_console_recording":1}\n{"a":1}\n{"b":2}\n'])
def test_a_damaged_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(ControlError, match="G208"):
        Recording(tmp_path / "bad")


def test_a_missing_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="G208"):
        Recording(tmp_path / "none")


async def test_a_recording_cannot_be_killed(recording: Path) -> None:
    with pytest.raises(ControlError, match="recording"):
        await Recording(recording).act("kill", {})
