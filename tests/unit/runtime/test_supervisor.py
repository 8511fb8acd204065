"""Stopping ends what could send, and follows what is in flight."""

from __future__ import annotations

import asyncio

import pytest

from hoploop.errors import TransientError
from hoploop.runtime.supervisor import Supervisor


class Recorder:
    """Collects what happened."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def failed(self, name: str, error: BaseException) -> None:
        self.events.append(f"failed {name}: {type(error).__name__}")


async def forever(recorder: Recorder, name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        recorder.events.append(f"{name} ended")


async def brief(recorder: Recorder, name: str, seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        recorder.events.append(f"{name} cancelled")
        raise
    recorder.events.append(f"{name} settled")


async def run(recorder: Recorder, *, drain_s: float, in_flight_s: float, stops: int = 1) -> None:
    supervisor = Supervisor(recorder.failed, drain_s=drain_s)

    async def services() -> None:
        supervisor.serve(forever(recorder, "service"), "service")

    async def workers() -> None:
        supervisor.work(forever(recorder, "feed"), "feed")
        supervisor.spawn(brief(recorder, "attempt", in_flight_s), "attempt")
        for n in range(stops):
            asyncio.get_running_loop().call_later(0.02 * (n + 1), supervisor.stop)

    await supervisor.run(services, workers)


async def test_the_feed_ends_first_then_the_attempt_settles_then_the_service_ends() -> None:
    recorder = Recorder()
    await run(recorder, drain_s=5, in_flight_s=0.1)
    assert recorder.events == ["feed ended", "attempt settled", "service ended"]


async def test_the_deadline_cuts_what_is_still_in_flight() -> None:
    recorder = Recorder()
    await run(recorder, drain_s=0.05, in_flight_s=60)
    assert recorder.events[0] == "feed ended"
    assert set(recorder.events[1:]) == {"attempt cancelled", "service ended"}


async def test_a_second_stop_does_not_wait() -> None:
    recorder = Recorder()
    await asyncio.wait_for(run(recorder, drain_s=60, in_flight_s=60, stops=2), 5)
    assert "attempt cancelled" in recorder.events


async def test_a_crash_is_reported_and_leaves_the_others_running() -> None:
    recorder = Recorder()
    supervisor = Supervisor(recorder.failed, drain_s=1)

    async def crash() -> None:
        raise ZeroDivisionError

    async def services() -> None:
        supervisor.serve(forever(recorder, "service"), "service")

    async def workers() -> None:
        supervisor.work(crash(), "bad feed")
        asyncio.get_running_loop().call_later(0.05, supervisor.stop)

    await supervisor.run(services, workers)
    assert recorder.events == ["failed bad feed: ZeroDivisionError", "service ended"]


async def test_spawning_outside_a_run_is_refused() -> None:
    supervisor = Supervisor(Recorder().failed, drain_s=1)
    with pytest.raises(RuntimeError):
        supervisor.spawn(asyncio.sleep(0), "early")


@pytest.mark.parametrize("part", ["services", "workers"])
async def test_what_cannot_start_says_why_itself(part: str) -> None:
    async def works() -> None:
        await asyncio.sleep(0)

    async def fails() -> None:
        raise TransientError("C101", "no answer")

    supervisor = Supervisor(Recorder().failed, drain_s=1)
    with pytest.raises(TransientError):
        await supervisor.run(*((fails, works) if part == "services" else (works, fails)))
