"""Make the peers' environments under `.hoploop/bench` from pinned versions: `python bench/peers/setup.py [name ...]`.

What cannot be had is noted with its reason, and skipped by the driver. Nothing of theirs is committed or shipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from environments import ALL, PEERS, Peer

WAIT = 900
SETTINGS = """[database]
path = "{folder}/degenbot.db"

[rpc]
"""


class Unavailable(Exception):
    """Why a peer cannot be had here."""


def main() -> int:
    wanted = set(sys.argv[1:])
    done: set[Path] = set()
    for peer in ALL:
        if (wanted and peer.name not in wanted) or peer.folder in done:
            continue
        done.add(peer.folder)
        peer.folder.mkdir(parents=True, exist_ok=True)
        peer.why_not.unlink(missing_ok=True)
        try:
            MAKERS[peer.kind](peer)
        except Unavailable as error:
            peer.why_not.write_text(f"{error}\n", "utf-8")
            print(f"{peer.home}: skipped, {error}")
        else:
            print(f"{peer.home}: ready")
    return 0


def _python(peer: Peer) -> None:
    here = peer.folder / ".venv"
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    _run([uv, "venv", "--quiet", "--clear", "--python", _interpreter(peer.python), str(here)])
    pinned = PEERS / f"{peer.home}.txt"
    _run([uv, "pip", "install", "--quiet", "--no-deps", "--python", str(here / "bin/python"), "-r", str(pinned)])
    settings = here / "home/.config/degenbot"
    settings.mkdir(parents=True)
    if peer.name == "degenbot_0_5":
        # With settings at hand its import makes no database, which would find itself locked.
        (settings / "config.toml").write_text(SETTINGS.format(folder=settings), "utf-8")


def _interpreter(version: str) -> str:
    """A Python of this version; a name on the path may be a shim for one that is not there."""
    named = shutil.which(f"python{version}")
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for found in ([named] if named else []) + [str(path) for path in installed]:
        if subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return found
    raise Unavailable(f"no Python {version}")


def _rust(peer: Peer) -> None:
    manifest = PEERS / peer.source / "Cargo.toml"
    command = ["cargo", "build", "--quiet", "--release", "--locked", "--manifest-path", str(manifest)]
    _run([*command, "--target-dir", str(peer.folder / "target")])


def _npm(peer: Peer) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PEERS / "npm" / name, peer.folder / name)
    _run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", str(peer.folder)])


def _run(command: list[str]) -> None:
    name = Path(command[0]).name
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, env=os.environ, check=False)
    except FileNotFoundError:
        raise Unavailable(f"no {name} here") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{name} took more than {WAIT} s") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise Unavailable(f"{name} ended with {done.returncode}: {said[-1].strip()[:200]}")


MAKERS = {"python": _python, "rust": _rust, "npm": _npm}

if __name__ == "__main__":
    raise SystemExit(main())
