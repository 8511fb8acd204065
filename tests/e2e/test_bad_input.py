"""Bad input ends with a code, a hint and the right exit code, never with a traceback, and loses nothing."""

from __future__ import annotations

import os
import socket
import socketserver
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_street import PAPER, EngineProcess, chains, command, variant, wait_for

from hoploop.runtime.local_chains import Served, write_served

pytestmark = [pytest.mark.e2e]

SOLANA = PAPER / "solana_flash.yaml"


def hoploop(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **environment}
    )


def assert_refused(done: subprocess.CompletedProcess[str], code: str, exit_code: int) -> None:
    """It named the code, gave a hint, and showed no traceback."""
    said = done.stdout + done.stderr
    assert code in said, said
    assert "hint:" in said or "help:" in said, said
    assert "Traceback" not in said
    assert done.returncode == exit_code, said


@pytest.mark.parametrize(
    ("replaced", "code"),
    [
        (("recipe: solana_flash", "recipe: [solana_flash"), "R0"),
        (("connector: hoploop_amm", "connector: hoploop_ammm"), "R1"),
        (("lenders: [lend]", "lenders: [lemd]"), "R2"),
    ],
    ids=["does not parse", "unknown connector", "missing id"],
)
def test_a_bad_recipe_does_not_run(replaced: tuple[str, str], code: str, tmp_path: Path) -> None:
    recipe = variant(SOLANA, tmp_path / "recipe.yaml", replaced)
    done = hoploop("run", recipe, HOPLOOP_STATE=str(tmp_path))
    assert_refused(done, code, 78)
    assert f"{recipe}:" in done.stderr


def test_a_recipe_that_is_not_there_is_an_io_error(tmp_path: Path) -> None:
    assert_refused(hoploop("run", tmp_path / "absent.yaml"), "R401", 74)


def test_no_engine_is_told_apart_from_a_refusal(tmp_path: Path) -> None:
    assert_refused(hoploop("kill", "solana_flash", HOPLOOP_STATE=str(tmp_path)), "G201", 69)


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path: Path, served: Path) -> None:
    folder = tmp_path / "s"
    first = EngineProcess(SOLANA, folder, served, "--for", "1s")
    assert first.wait() == 0, first.output()
    with sqlite3.connect(folder / "ledger.db") as book:
        book.execute("PRAGMA user_version=99")
    book.close()
    before = (folder / "ledger.db").read_bytes()
    done = hoploop("run", SOLANA, "--state-dir", folder, "--local", served)
    assert_refused(done, "L101", 74)
    assert (folder / "ledger.db").read_bytes() == before


def test_a_second_engine_is_refused(tmp_path: Path, served: Path) -> None:
    engine = EngineProcess(SOLANA, tmp_path / "s", served)
    wait_for(lambda: engine.gate() == "armed", 60, "the first engine")
    done = hoploop("run", SOLANA, "--state-dir", tmp_path / "s", "--local", served)
    assert_refused(done, "G203", 78)
    assert engine.gate() == "armed"
    engine.ask("kill")
    assert engine.wait() == 0


def test_a_chain_with_another_identity_is_refused(tmp_path: Path, served: Path) -> None:
    other = ("424DY4ue3WFdudt7DDdge6Q8ncwmetaGyJ7m59AuyRpG", "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d")
    recipe = variant(SOLANA, tmp_path / "recipe.yaml", other)
    assert_refused(hoploop("run", recipe, "--state-dir", tmp_path / "s", "--local", served), "G401", 78)


def test_a_missing_anvil_names_the_fix(tmp_path: Path) -> None:
    nowhere = {"PATH": str(tmp_path), "HOPLOOP_CACHE": str(tmp_path / "cache"), "HOPLOOP_STATE": str(tmp_path)}
    done = hoploop("run", PAPER / "evm_flash.yaml", "--for", "1s", **nowhere)
    said = done.stdout + done.stderr
    assert "[X10" in said, said
    assert "hint:" in said
    assert done.returncode not in (0, 70)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngarbage", b"", None])
def test_a_node_that_answers_nonsense_hangs_or_closes_is_named(answer: bytes | None, tmp_path: Path) -> None:
    with _bad_node(answer) as url:
        write_served(tmp_path / "chains.json", {"sol": Served(endpoint=url, extras={"ws": url, "jito": url})})
        done = hoploop("run", SOLANA, "--state-dir", tmp_path / "s", "--local", tmp_path / "chains.json")
    assert_refused(done, "[C2", 69)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with chains(SOLANA, tmp_path_factory.mktemp("chains")) as file:
        yield file


@contextmanager
def _bad_node(answer: bytes | None) -> Iterator[str]:
    """A server that answers everything the same way; None never answers."""
    done = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection: socket.socket = self.request
            connection.recv(1 << 16)
            if answer is None:
                done.wait(60)
            else:
                connection.sendall(answer)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            done.set()
            server.shutdown()
            thread.join(10)
