"""The client against engines that answer, refuse, hang, lie and close."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hoploop.console.client import act, read_frame, request, watch
from hoploop.errors import ControlError


async def in_thread(path: Path, do: str, **options: Any) -> dict[str, Any]:
    return await asyncio.to_thread(request, path, do, by="tester", **options)


def says(data: bytes) -> Any:
    """An engine that answers every connection with the same bytes and closes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(data)
        await writer.drain()

    return handler


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def trickles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


HOSTILE = {
    "closes": b"",
    "no_end": b'{"id":1',
    "not_json": b"\x00\xff\xfe garbage\n",
    "not_an_object": b"[1,2,3]\n",
    "deep": b"[" * 200_000 + b"\n",
    "wrong_types": b'{"id":"x","ok":3}\n',
    "result_no_object": b'{"id":1,"ok":true,"result":17}\n',
    "refusal_without_reason": b'{"id":1,"ok":false}\n',
    "unknown_code": b'{"id":1,"ok":false,"error":{"code":"Z999","message":"?"}}\n',
    "giant_line": b"x" * (5 << 20),
}


async def test_a_request_returns_the_result(engine: Any) -> None:
    fake, path = engine
    assert (await in_thread(path, "pause"))["state"] == "paused"
    assert fake.asked == [{"id": 1, "do": "pause", "by": "tester", "args": {}}]


async def test_an_act_names_its_operator_and_arguments(engine: Any) -> None:
    fake, path = engine
    await act(path, "resume", by="alice", args={"recipe": "two_chains"})
    assert fake.asked == [{"id": 1, "do": "resume", "by": "alice", "args": {"recipe": "two_chains"}}]


async def test_a_refusal_carries_the_engines_code_and_hint(engine: Any) -> None:
    fake, path = engine
    fake.refuse = {"code": "G106", "message": "no such name", "hint": "type it again"}
    with pytest.raises(ControlError) as caught:
        await in_thread(path, "resume")
    assert (caught.value.code, caught.value.hint, caught.value.exit_code) == ("G106", "type it again", 64)


def test_no_engine_is_unreachable_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ControlError) as caught:
        request(tmp_path / "none.sock", "status", by="tester")
    assert (caught.value.code, caught.value.exit_code) == ("G201", 69)
    assert "hoploop run" in caught.value.hint


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_answer_is_a_control_error(tmp_path: Path, serve: Any, data: bytes) -> None:
    async with serve(tmp_path / "s", says(data)) as path:
        with pytest.raises(ControlError):
            await in_thread(path, "status")
        with pytest.raises(ControlError):
            await act(path, "kill", by="tester", args={})
        with pytest.raises(ControlError):
            async for _ in watch(path, by="tester"):
                pass


@pytest.mark.parametrize("handler", [hangs, trickles])
async def test_silence_ends_at_the_time_limit(tmp_path: Path, serve: Any, handler: Any) -> None:
    async with serve(tmp_path / "s", handler) as path:
        with pytest.raises(ControlError, match="G202"):
            await in_thread(path, "status", timeout_s=0.2)
        with pytest.raises(ControlError, match="G202"):
            await act(path, "kill", by="tester", args={}, timeout_s=0.2)
        with pytest.raises(ControlError, match="G202"):
            async for _ in watch(path, by="tester", timeout_s=0.2):
                pass


async def test_a_stream_begins_with_the_present_state_and_goes_on(engine: Any) -> None:
    _, path = engine
    seen = []
    async for frame in watch(path, by="tester"):
        seen.append(frame)
        if len(seen) == 3:
            break
    assert seen[0].status.recipe == "two_chains"
    assert len(seen[0].events) > 0
    assert seen[2].events == ()


def test_an_event_of_a_newer_engine_counts_as_dropped(recording: Path) -> None:
    line = recording.read_bytes().splitlines()[-1]
    known = read_frame(line)
    newer = read_frame(line.replace(b'"events":[', b'"events":[{"type":"FromTheFuture","seq":1},'))
    assert newer.events == known.events
    assert newer.dropped == known.dropped + 1
