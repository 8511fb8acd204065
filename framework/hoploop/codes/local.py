"""Error codes X…: local."""

from __future__ import annotations

from hoploop.codes._info import BUG, INVALID, IO_ERROR, UNREACHABLE, CodeInfo

CODES: dict[str, CodeInfo] = {
    "X001": CodeInfo("program not found", "install it or put it on PATH", IO_ERROR),
    "X002": CodeInfo("local process ended", "see the whole log in the run folder", UNREACHABLE),
    "X003": CodeInfo("local process not ready in time", "busy machine? try again, then read its log", UNREACHABLE),
    "X101": CodeInfo("npm missing", "install Node.js with npm: packages are downloaded once", IO_ERROR),
    "X102": CodeInfo("package download failed", "reach the npm registry once; later runs need no network", UNREACHABLE),
    "X103": CodeInfo("package integrity differs", "not the pinned package: check the registry or proxy", IO_ERROR),
    "X104": CodeInfo("package archive unusable", "delete the cache folder and try again", IO_ERROR),
    "X106": CodeInfo("cache folder unusable", "check its owner and free space, or set HOPLOOP_CACHE", IO_ERROR),
    "X105": CodeInfo("no anvil for this platform", "install Foundry 1.x so that anvil is on PATH", IO_ERROR),
    "X107": CodeInfo("executor artifact missing", "build it: see contracts/evm/README.md", IO_ERROR),
    "X108": CodeInfo("file of served chains unusable", "name the file `hoploop local up --file` writes, while it runs", IO_ERROR),
    "X110": CodeInfo("IPC path in use", "a local chain serves there: stop it, or use another state folder", IO_ERROR),
    "X111": CodeInfo("local EVM chain refused a call", "artifacts and world differ: delete the cache folder", BUG),
    "X112": CodeInfo("IPC path too long", "use a shorter state folder: set HOPLOOP_STATE", IO_ERROR),
    "X113": CodeInfo("local EVM world moved", "run `python -m hoploop.local.evm --write-world`, fix the recipes", BUG),
    "X200": CodeInfo("program artifact missing", "run `python contracts/solana/build.py`", IO_ERROR),
    "X201": CodeInfo("world file unusable", "regenerate it with `python -m hoploop.local.solana --write-world`", IO_ERROR),
    "X202": CodeInfo("world folder unusable", "it needs programs/<program id>.so or accounts/*.json[.gz]", IO_ERROR),
    "X203": CodeInfo("account dump unusable", "write it with `solana account ADDRESS --output json`", IO_ERROR),
    "X204": CodeInfo("program dump unusable", "write it with `solana program dump ID programs/ID.so`", IO_ERROR),
    "X205": CodeInfo("program loaded at the wrong id", "name the file after the id the program was built for", IO_ERROR),
    "X207": CodeInfo("port not free", "choose another port, or 0 for any", IO_ERROR),
    "X301": CodeInfo("native module not built", "with Rust installed: uv pip install --no-build-isolation -e . (or just build)", INVALID),
}
