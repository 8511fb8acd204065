"""Runs real engines against real local chains in processes of their own, and looks at both sides."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from hoploop.console.client import request
from hoploop.errors import ControlError
from hoploop.ledger.reader import Reader
from hoploop.local.evm import world_addresses
from hoploop.model.attempts import Attempt
from hoploop.model.events import Event
from hoploop.runtime.local_chains import Served, read_served
from hoploop.runtime.paths import StatePaths

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "recipes" / "paper"
_SOLANA_OWNER = "HCgDchdHiLzV1AXFRsobiwYkpZYE4H2ZMpgrMp7e82Mz"
_WRAPPED_SOL = {"mint": "So11111111111111111111111111111111111111112"}
_Event = TypeVar("_Event", bound=Event)


def variant(source: Path, target: Path, *replaced: tuple[str, str]) -> Path:
    """A copy of a recipe with some texts replaced; every text must occur."""
    text = source.read_text("utf-8")
    for old, new in replaced:
        assert old in text, f"{source.name} does not say {old!r}"
        text = text.replace(old, new)
    target.write_text(text, "utf-8")
    return target


def command(*arguments: object) -> list[str]:
    """A `hoploop` command line of this environment."""
    return [sys.executable, "-m", "hoploop", *map(str, arguments)]


@contextmanager
def chains(recipe: Path, folder: Path) -> Iterator[Path]:
    """The embedded chains of a recipe, kept up whatever happens to engines; yields the file they are served in."""
    served = folder / "chains.json"
    with open(folder / "chains.log", "wb") as log:
        process = subprocess.Popen(command("local", "up", recipe, "--file", served), stdout=log, stderr=log)
        try:
            wait_for(lambda: served.exists() or process.poll() is not None, 240, "the chains")
            assert served.exists(), (folder / "chains.log").read_text("utf-8", "replace")
            yield served
        finally:
            process.terminate()
            process.wait(30)


class EngineProcess:
    """One `hoploop run`, or a script that runs an engine with something of it replaced."""

    def __init__(self, recipe: Path, folder: Path, served: Path, *extra: object, script: Path | None = None) -> None:
        self.paths = StatePaths(folder)
        head = command("run") if script is None else [sys.executable, str(script)]
        arguments = [*head, recipe, "--state-dir", folder, "--local", served, *extra]
        folder.mkdir(parents=True, exist_ok=True)
        self._out = open(folder / "out.txt", "ab")  # noqa: SIM115 - closed in `wait`
        self.process = subprocess.Popen([*map(str, arguments)], stdout=self._out, stderr=subprocess.STDOUT)

    def wait(self, timeout_s: int = 90) -> int:
        """Exit code."""
        try:
            return self.process.wait(timeout_s)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self._out.close()

    def output(self) -> str:
        """Everything it printed."""
        return (self.paths.folder / "out.txt").read_text("utf-8", "replace")

    def ask(self, do: str, **args: str) -> dict[str, Any]:
        """One request over the control socket."""
        return request(self.paths.socket, do, by="test", args=dict(args))

    def ask_raw(self, do: str, **args: Any) -> dict[str, Any]:
        """The same with arguments of any shape, and patience."""
        return request(self.paths.socket, do, by="test", args=args, timeout_s=120)

    def status(self) -> dict[str, Any] | None:
        """The status document; None while the engine does not answer."""
        try:
            return self.ask("status")
        except ControlError:
            return None

    def landed(self) -> int:
        """Attempts landed so far; -1 while the engine does not answer."""
        status = self.status()
        return -1 if status is None else sum(chain["attempts"]["landed"] for chain in status["chains"])

    def gate(self) -> str:
        """The gate's state; empty while the engine does not answer."""
        status = self.status()
        return "" if status is None else str(status["gate"]["state"])

    def attempts(self) -> tuple[Attempt, ...]:
        """From the ledger, newest first."""
        with Reader(self.paths.ledger) as book:
            return book.attempts(limit=100_000)

    def events(self, kind: type[_Event] = Event) -> list[_Event]:
        """From the ledger, oldest first."""
        with Reader(self.paths.ledger) as book:
            return [event for event in book.events() if isinstance(event, kind)]


def wait_for(condition: Any, timeout_s: int, what: str) -> None:
    """Poll until true; AssertionError naming what did not come."""
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {timeout_s} s"
        time.sleep(0.05)


def serving(file: Path, chain: str) -> Served:
    """Where a chain is served."""
    return read_served(file)[chain]


def solana_funds(served: Path) -> int:
    """Executor's wrapped SOL in lamports."""
    url = serving(served, "sol").endpoint
    found = rpc(url, "getTokenAccountsByOwner", _SOLANA_OWNER, _WRAPPED_SOL, {"encoding": "base64"})["value"]
    return sum(int(rpc(url, "getTokenAccountBalance", one["pubkey"])["value"]["amount"]) for one in found)


def evm_funds(served: Path) -> int:
    """Executor contract's WETH in wei."""
    world = world_addresses()
    balance_of = "0x70a08231" + world["executor"].removeprefix("0x").lower().rjust(64, "0")
    call = {"to": world["weth"], "data": balance_of}
    return int(rpc(serving(served, "eth").endpoint, "eth_call", call, "latest"), 16)


def rpc(endpoint: str, method: str, *params: object) -> Any:
    """One JSON-RPC call over HTTP or `ipc:PATH`."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    if endpoint.startswith("ipc:"):
        return json.loads(_over_socket(endpoint.removeprefix("ipc:"), body))["result"]
    asked = urllib.request.Request(endpoint, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.loads(answer.read())["result"]


def _over_socket(path: str, body: bytes) -> bytes:
    """Send one request, read one object: it ends where its braces close."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(10)
        link.connect(path)
        link.sendall(body)
        answer = b""
        while not answer or answer.count(b"{") > answer.count(b"}"):
            part = link.recv(1 << 16)
            assert part, "the node closed the connection"
            answer += part
    return answer
