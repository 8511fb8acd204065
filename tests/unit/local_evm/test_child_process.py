"""Child processes: readiness, death and the end of the whole group."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from hoploop.errors import LocalError
from hoploop.local.process import ChildProcess, child_env


async def _python(tmp_path: Path, code: str) -> ChildProcess:
    argv = [sys.executable, "-c", code, str(tmp_path)]
    return await ChildProcess.start("child", argv, log=tmp_path / "child.log", env=child_env(tmp_path))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z" if sys.platform == "linux" else True


async def test_ready_returns_what_the_child_wrote(tmp_path: Path) -> None:
    code = "import sys,os,time;p=sys.argv[1];open(p+'/t','w').write('7');os.rename(p+'/t',p+'/ready');time.sleep(60)"
    child = await _python(tmp_path, code)
    try:
        assert await child.ready(tmp_path / "ready", timeout_s=20) == b"7"
        assert child.alive
    finally:
        await child.stop()
    assert not child.alive


async def test_a_death_before_ready_carries_its_last_words(tmp_path: Path) -> None:
    child = await _python(tmp_path, "import sys; sys.exit('no such thing')")
    with pytest.raises(LocalError, match="no such thing") as caught:
        await child.ready(tmp_path / "ready", timeout_s=20)
    assert caught.value.code == "X002"


async def test_a_silent_child_is_late(tmp_path: Path) -> None:
    child = await _python(tmp_path, "import time; time.sleep(60)")
    try:
        with pytest.raises(LocalError) as caught:
            await child.ready(tmp_path / "ready", timeout_s=0.05)
        assert caught.value.code == "X003"
    finally:
        await child.stop()


async def test_an_unknown_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="no-such-program") as caught:
        await ChildProcess.start("x", ["no-such-program"], log=tmp_path / "log", env=child_env(tmp_path))
    assert caught.value.code == "X001"


async def test_stop_twice_ends_a_stubborn_child_and_its_grandchild(tmp_path: Path) -> None:
    code = (
        "import os,signal,subprocess,sys,time;signal.signal(signal.SIGTERM,signal.SIG_IGN);p=sys.argv[1];"
        "g=subprocess.Popen(['sleep','60']);open(p+'/t','w').write(str(g.pid));os.rename(p+'/t',p+'/ready');time.sleep(60)"
    )
    child = await _python(tmp_path, code)
    grandchild = int(await child.ready(tmp_path / "ready", timeout_s=20))
    await child.stop(grace_s=0.1)
    await child.stop()
    for _ in range(100):
        if not _alive(grandchild):
            break
        await asyncio.sleep(0.01)
    assert not child.alive
    assert not _alive(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal")
async def test_a_killed_parent_takes_the_child_along(tmp_path: Path) -> None:
    code = (
        "import asyncio,sys,os;from pathlib import Path;from hoploop.local.process import ChildProcess,child_env\n"
        "async def main():\n"
        " p=Path(sys.argv[1]);c=await ChildProcess.start('s',['sleep','60'],log=p/'l',env=child_env(p))\n"
        " (p/'t').write_text(str(c.pid));os.rename(p/'t',p/'ready');await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    parent = await _python(tmp_path, code)
    child = int(await parent.ready(tmp_path / "ready", timeout_s=20))
    os.kill(parent.pid, 9)
    await parent.wait()
    for _ in range(200):
        if not _alive(child):
            break
        await asyncio.sleep(0.01)
    assert not _alive(child)


def test_the_environment_of_a_child_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPLOOP_SECRET_KEY", "0x1")
    assert "HOPLOOP_SECRET_KEY" not in child_env(tmp_path)
    assert child_env(tmp_path)["HOME"] == str(tmp_path)
