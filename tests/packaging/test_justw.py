"""The bootstrap: what it does first, what it never does twice, and how it goes on after being cut off."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]

# Stands in for Python: makes an "environment" whose pip writes down what it was asked and makes a `just`.
PRETENDED_PYTHON = """
    #!{python}
    import os, pathlib, shutil, subprocess, sys, time
    REAL, REPO = {python!r}, pathlib.Path({repo!r})
    def note(word):
        with open(REPO / "calls", "a") as calls:
            calls.write(word + "\\n")
    def script(path, text):
        path.write_text(text)
        path.chmod(0o755)
    args = sys.argv[1:]
    if args[:2] == ["-m", "venv"]:
        note("venv")
        target = pathlib.Path(args[-1])
        if "--clear" in args:
            shutil.rmtree(target)
        (target / "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(__file__, target / "bin" / "python")
    elif args[:2] == ["-m", "pip"] and "-e" in args:
        note("build")
        (REPO / "framework/hoploop/hot/_native.abi3.so").touch()
    elif args[:2] == ["-m", "pip"]:
        note("packages")
        time.sleep(float(os.environ.get("SLOW", "0")))
        if os.environ.get("BREAK"):
            sys.exit("no such package")
        script(REPO / ".venv/bin/just", "#!/bin/sh\\nfor word; do printf '<%s>' \\"$word\\"; done\\n")
    else:
        os.execv(REAL, [REAL, *args])
"""


class Checkout:
    """A copy of justw in a folder of its own, with a Python that only pretends to install."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {"PATH": f"{root}/tools:/usr/bin:/bin", "HOME": str(root / "home")}
        (root / "hot/core").mkdir(parents=True)
        (root / "framework/hoploop/hot").mkdir(parents=True)
        (root / "tools").mkdir()
        (root / "home").mkdir()
        for name, text in {"requirements.lock": "a==1\n", "pyproject.toml": "", "hot/core/lib.rs": "// 1\n"}.items():
            (root / name).write_text(text)
        shutil.copy(ROOT / "justw", root / "justw")
        real = str(Path(sys.executable).resolve())
        # `env` keeps the line short and free of spaces, which a shebang cannot have.
        pretended = dedent(PRETENDED_PYTHON).lstrip().format(python=real, repo=str(root))
        self.tool("python3.11", pretended)
        self.tool("cargo", "#!/bin/sh\necho cargo 1.0\n")

    def tool(self, name: str, text: str) -> None:
        """An executable on the PATH."""
        (self.root / "tools" / name).write_text(text)
        (self.root / "tools" / name).chmod(0o755)

    def start(self, *args: str, **env: str) -> subprocess.Popen[str]:
        """justw, running."""
        return subprocess.Popen(
            [str(self.root / "justw"), *args],
            env={**self.env, **env},
            cwd="/",
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *args: str, **env: str) -> tuple[int, str, str]:
        """justw to its end: exit code, what just was given, what was said."""
        process = self.start(*args, **env)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def calls(self) -> list[str]:
        """Steps done so far."""
        path = self.root / "calls"
        return path.read_text().split() if path.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root = tmp_path / "a folder (with) spaces"
    root.mkdir()
    return Checkout(root)


def test_a_first_start_does_all_steps_in_order_and_says_so(checkout: Checkout) -> None:
    code, out, err = checkout.run("demo")
    assert (code, checkout.calls()) == (0, ["venv", "packages", "build"])
    assert out.endswith("<demo>")
    assert [word for word in ("[1/3]", "[2/3]", "[3/3]", "ready") if word not in err] == []


def test_a_second_start_does_nothing_and_is_fast(checkout: Checkout) -> None:
    checkout.run()
    started = time.monotonic()
    code, _, err = checkout.run("demo")
    assert (code, err, checkout.calls()) == (0, "", ["venv", "packages", "build"])
    assert time.monotonic() - started < 2


def test_arguments_arrive_as_they_were_typed(checkout: Checkout) -> None:
    words = ["hoploop", "a b", "$HOME", "*", "it's", 'say "x"', "", "--for"]
    _, out, _ = checkout.run(*words)
    assert out.endswith("".join(f"<{word}>" for word in words))


@pytest.mark.parametrize(
    ("changed", "again"),
    [("requirements.lock", ["packages", "build"]), ("hot/core/lib.rs", ["build"]), ("pyproject.toml", ["build"])],
)
def test_only_what_changed_is_done_again(checkout: Checkout, changed: str, again: list[str]) -> None:
    checkout.run()
    (checkout.root / changed).write_text("changed")
    checkout.run()
    assert checkout.calls() == ["venv", "packages", "build", *again]


def test_what_cargo_builds_is_not_a_source(checkout: Checkout) -> None:
    checkout.run()
    (checkout.root / "hot/target").mkdir()
    (checkout.root / "hot/target/out").write_text("x")
    checkout.run()
    assert checkout.calls() == ["venv", "packages", "build"]


def test_a_lost_native_module_is_built_again(checkout: Checkout) -> None:
    checkout.run()
    (checkout.root / "framework/hoploop/hot/_native.abi3.so").unlink()
    checkout.run()
    assert checkout.calls() == ["venv", "packages", "build", "build"]


def test_an_older_module_under_another_name_is_removed(checkout: Checkout) -> None:
    older = checkout.root / "framework/hoploop/hot/_native.cpython-311-x86_64-linux-gnu.so"
    older.touch()
    checkout.run()
    assert not older.exists()


def test_a_moved_folder_is_set_up_again(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run()
    moved = tmp_path / "moved"
    shutil.move(checkout.root, moved)
    for name in ("tools/python3.11", ".venv/bin/python"):
        path = moved / name
        path.write_text(path.read_text().replace(str(checkout.root), str(moved)))
    checkout.root, checkout.env = moved, {"PATH": f"{moved}/tools:/usr/bin:/bin", "HOME": str(moved)}
    assert checkout.run()[0] == 0
    assert checkout.calls()[3:] == ["venv", "packages", "build"]


def test_a_failed_step_shows_why_and_the_next_start_goes_on(checkout: Checkout) -> None:
    code, out, err = checkout.run(BREAK="1")
    assert code != 0
    assert "no such package" in err
    assert "fix:" in err
    assert out == ""
    assert checkout.run("demo")[:2] == (0, checkout.run("demo")[1])


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_set_up_cut_off_while_it_installs_begins_with_a_clean_environment(
    checkout: Checkout, sign: signal.Signals
) -> None:
    process = checkout.start(SLOW="30")
    while "packages" not in checkout.calls():
        time.sleep(0.05)
    if sign is signal.SIGKILL:
        os.killpg(process.pid, sign)
    else:
        process.send_signal(sign)
    process.communicate(timeout=30)
    assert process.returncode != 0
    (checkout.root / ".venv/half").touch()
    assert checkout.run()[0] == 0
    assert not (checkout.root / ".venv/half").exists()


def test_two_starts_at_once_set_up_once(checkout: Checkout) -> None:
    both = [checkout.start("demo", SLOW="1") for _ in range(2)]
    ends = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert checkout.calls() == ["venv", "packages", "build"]
    assert sum("waiting for it" in err for _, err in ends) == 1


def test_an_orphan_of_a_killed_set_up_is_waited_for(checkout: Checkout) -> None:
    first = checkout.start(SLOW="3")
    while "packages" not in checkout.calls():
        time.sleep(0.05)
    first.kill()  # justw only: the pretended pip sleeps on
    first.wait()
    code, _, err = checkout.run()
    for pipe in (first.stdout, first.stderr):
        assert pipe is not None
        pipe.close()
    assert code == 0
    assert "waiting for it" in err


def test_no_fitting_python_names_the_fix(checkout: Checkout) -> None:
    for name in ("python3.11", "python3.12", "python3.13", "python3.14", "python3", "python"):
        checkout.tool(name, "#!/bin/sh\nexit 1\n")
    code, _, err = checkout.run()
    assert code == 69
    assert "Python 3.11" in err
    assert "fix: install one" in err


def test_no_cargo_names_the_fix(checkout: Checkout) -> None:
    checkout.tool("cargo", "#!/bin/sh\nexit 1\n")
    code, _, err = checkout.run()
    assert code == 69
    assert "cargo" in err
    assert "fix:" in err
