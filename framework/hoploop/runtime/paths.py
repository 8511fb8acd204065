"""Where an engine keeps its state: one private folder a recipe."""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

from hoploop.errors import ControlError

# sockaddr_un holds 108 bytes on Linux, 104 on macOS, with a closing NUL.
_LONGEST_SOCKET_PATH = 103
_MOST = 4 << 20
_NAME = re.compile(r"^recipe:\s*[\"']?([a-z][a-z0-9_]{0,47})\b", re.MULTILINE)


class StatePaths:
    """Names inside one recipe's state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "control.sock"
        self.lock = folder / "lock"
        self.ledger = folder / "ledger.db"
        self.gate = folder / "gate.json"
        self.kill_file = folder / "KILL"
        self.log = folder / "engine.log"
        self.local = folder / "local"
        self.world = folder / "world.json"

    def make(self) -> None:
        """Create the folder with mode 0700; ControlError when it cannot be used."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise ControlError("G206", f"{self.folder}: {error.strerror}") from error
        if len(os.fsencode(self.socket)) > _LONGEST_SOCKET_PATH:
            raise ControlError("G204", f"{self.socket} has over {_LONGEST_SOCKET_PATH} bytes")


def state_root() -> Path:
    """`$HOPLOOP_STATE`, else the user's state folder; ControlError when there is neither."""
    chosen = os.environ.get("HOPLOOP_STATE")
    try:
        return Path(chosen) if chosen else platformdirs.user_state_path("hoploop")
    except RuntimeError:
        raise ControlError("G206", "no home folder: say with HOPLOOP_STATE where engines keep their state") from None


def state_dir(recipe: str) -> Path:
    """The state folder of a recipe by its name."""
    return state_root() / recipe


def name_of(recipe: str) -> str:
    """A recipe's name from its name or its file.

    The file is read by eye, not by the loader: a kill must work on a recipe that is broken by now.
    """
    if not recipe.endswith((".yaml", ".yml")):
        return recipe
    try:
        with open(recipe, "rb") as file:
            match = _NAME.search(file.read(_MOST).decode("utf-8", "replace"))
    except OSError as error:
        raise ControlError("G206", f"{recipe}: {error.strerror}") from error
    if match is None:
        raise ControlError("G206", f"{recipe} names no recipe")
    return match[1]
