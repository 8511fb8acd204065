"""Error codes X…: local."""

from __future__ import annotations

from hoploop.codes._info import BUG, IO_ERROR, UNREACHABLE, CodeInfo

CODES: dict[str, CodeInfo] = {
    "X001": CodeInfo("program not found", "install it or put it on PATH", IO_ERROR),
    "X002": CodeInfo("local process ended", "see the whole log in the run folder", UNREACHABLE),
    "X003": CodeInfo("local process not ready in time", "busy machine? try again, then read its log", UNREACHABLE),
    "X101": CodeInfo("npm missing", "install Node.js with npm: packages are downloaded once", IO_ERROR),
    "X102": CodeInfo("package download failed", "reach the npm registry once; later runs need no network", UNREACHABLE),
    "X103": CodeInfo("package integrity differs", "not the pinned package: check the registry or proxy", IO_ERROR),
    "X104": CodeInfo("package archive unusable", "delete the cache folder and try again", IO_ERROR),
    "X105": CodeInfo("no anvil for this platform", "install Foundry 1.x so that anvil is on PATH", IO_ERROR),
    "X110": CodeInfo("IPC path in use", "a local chain serves there: stop it, or use another state folder", IO_ERROR),
    "X111": CodeInfo("local EVM chain refused a call", "artifacts and world differ: delete the cache folder", BUG),
}
