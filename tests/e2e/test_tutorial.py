"""The tutorial works word by word: its commands are run, its edits made, its outputs compared."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import pytest
from live_street import ROOT, wait_for

PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
EDIT = re.compile(r"change\n\n```yaml\n(?P<before>.*?)```\n\nto\n\n```yaml\n(?P<after>.*?)```", re.DOTALL)
BLOCK = re.compile(r"```console(?: (?P<how>\w+))?\n(?P<said>.*?)```", re.DOTALL)
FILE = "my_bot.yaml"
LONGEST_S = 600
"""What the page promises: ten minutes."""


class Step(NamedTuple):
    """One thing the reader does: `edit`, or a command in one of the ways of `BLOCK`."""

    line: int
    how: str
    command: str
    said: str


def steps() -> Iterator[Step]:
    """Everything the page asks for, from top to bottom."""
    found = sorted([*EDIT.finditer(PAGE), *BLOCK.finditer(PAGE)], key=lambda match: match.start())
    for match in found:
        line = PAGE.count("\n", 0, match.start()) + 1
        if match.re is EDIT:
            yield Step(line, "edit", match["before"], match["after"])
            continue
        first, _, rest = match["said"].partition("\n")
        command, said = (first[2:], rest) if first.startswith("$ ") else ("", match["said"])
        yield Step(line, match["how"] or "command", command, said)


def pattern(said: str) -> re.Pattern[str]:
    """`…` stands for anything within a line, on a line of its own for any lines."""
    lines = [r"(?:.*\n)*?" if line == "…\n" else re.escape(line).replace("…", ".*?") for line in said.splitlines(True)]
    return re.compile("".join(lines))


class Reader:
    """Somebody who follows the page in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = folder / "bin" / "hoploop"
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hoploop "$@"\n')
        script.chmod(0o755)
        self.work = folder / "work"
        self.work.mkdir()
        path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = os.environ | {"PATH": path, "HOPLOOP_STATE": str(folder / "s"), "TERM": "xterm-256color"}
        self.engine: subprocess.Popen[bytes] | None = None

    def follow(self, step: Step) -> None:
        """Do a step; AssertionError when the page says something else."""
        getattr(self, f"_{step.how}")(step)

    def close(self) -> None:
        """End an engine that still runs."""
        if self.engine is not None and self.engine.poll() is None:
            self.engine.send_signal(signal.SIGTERM)
            self.engine.wait(60)

    def _edit(self, step: Step) -> None:
        path = self.work / FILE
        text = path.read_text("utf-8")
        assert text.count(step.command) == 1, f"{FILE} does not say once: {step.command}"
        path.write_text(text.replace(step.command, step.said), "utf-8")

    def _command(self, step: Step) -> None:
        done = subprocess.run(
            step.command, shell=True, cwd=self.work, env=self.environment, timeout=240, check=False,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert pattern(step.said).fullmatch(done.stdout), f"docs/tutorial.md:{step.line}: {done.stdout}"

    def _background(self, step: Step) -> None:
        with open(self.folder / "engine.out", "wb") as out:
            self.engine = subprocess.Popen(
                f"exec {step.command}", shell=True, cwd=self.work, env=self.environment, stdout=out, stderr=out
            )
        wait_for(lambda: pattern(step.said).match(self._printed()) is not None, 120, "the engine's first lines")

    def _screen(self, step: Step) -> None:
        """A terminal of its own: wait until the recipe is on the screen, then press q."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.work)
            os.execvpe("/bin/sh", ["sh", "-c", f"exec {step.command}"], self.environment)
        try:
            assert "my_bot" in _shown(terminal, until="my_bot"), "the console does not show the engine"
            os.write(terminal, b"q")
            _shown(terminal, until=None)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        finally:
            os.close(terminal)

    def _ended(self, step: Step) -> None:
        assert self.engine is not None
        assert self.engine.wait(60) == 0
        text = self._printed()
        assert re.compile(r"(?:.*\n)*?" + pattern(step.said).pattern).fullmatch(text), f"line {step.line}: {text}"

    def _printed(self) -> str:
        return (self.folder / "engine.out").read_text("utf-8")


def _shown(terminal: int, until: str | None) -> str:
    """What comes to a terminal until a text does, or until it closes; at most half a minute."""
    raw, end = b"", time.monotonic() + 30
    while time.monotonic() < end and not (until is not None and until.encode() in raw):
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            more = os.read(terminal, 65_536)
        except OSError:  # how Linux says that the other side is closed
            break
        if not more:
            break
        raw += more
    return raw.decode("utf-8", "replace")


def follow(folder: Path, wanted: Iterable[Step]) -> None:
    """Do these steps in a folder."""
    reader = Reader(folder)
    try:
        for step in wanted:
            reader.follow(step)
    finally:
        reader.close()


def test_what_needs_no_chain_works_as_written(tmp_path: Path) -> None:
    follow(tmp_path, takewhile(lambda step: not step.command.startswith("hoploop run"), steps()))


@pytest.mark.e2e
@pytest.mark.chain
@pytest.mark.timeout(LONGEST_S)
def test_it_works_as_written(tmp_path: Path) -> None:
    follow(tmp_path, steps())


def test_it_has_every_act_a_newcomer_needs() -> None:
    commands = " ".join(step.command for step in steps())
    for act in ("init", "validate", "plan", "dry-run", "run", "console", "kill"):
        assert f"hoploop {act} " in commands
    assert [step.how for step in steps()].count("edit") == 3


def test_its_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert targets
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []
