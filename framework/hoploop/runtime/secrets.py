"""Turns secret references into bytes at wiring time, and nowhere else."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from hoploop.errors import SignerUnavailable
from hoploop.local.keys import local_seed
from hoploop.model.urls import open_scheme

_HEX_KEY = re.compile(r"(?:0x)?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})\Z")
_REFERENCE = re.compile(r"\$\{secret:([^}]+)\}\Z")
_ENDPOINT = re.compile(r"(?:(?:https?|wss?)://|ipc:)[!-~]+\Z")
_MAX_URL = 2048
_EMBEDDED = {
    "evm_executor": "evm/executor",
    "evm_owner": "evm/owner",
    "relay_identity": "evm/relay_identity",
    "solana_executor": "solana/executor",
}


class SecretStore:
    """Backends: `env/NAME`, `file/PATH` (mode 0600), `embedded/NAME` (only when every chain is a local one).

    Values are hex (32 or 64 bytes) or a JSON array of bytes as Solana key files have it.
    """

    def __init__(self, *, embedded: bool, live: bool = False) -> None:
        self._embedded, self._live = embedded, live

    def __repr__(self) -> str:
        return "SecretStore(…)"

    def resolve(self, reference: str) -> bytes:
        """Key bytes for `backend/name`; SignerUnavailable never shows the value."""
        backend, _, name = reference.partition("/")
        if backend == "env":
            return _key_bytes(os.environ.get(name), reference)
        if backend == "file":
            return _key_bytes(_read_private(Path(name), reference), reference)
        if backend == "embedded":
            return self._embedded_key(name, reference)
        raise SignerUnavailable("G301", f"{reference}: unknown backend {backend!r}")

    def text(self, value: str) -> str:
        """`value`, or the text it refers to when it is ${secret:backend/name}: a URL that holds a key.

        SignerUnavailable never shows the value; G304 when mode live would talk in the clear (as R329 says offline of
        URLs that are not secret).
        """
        match = _REFERENCE.match(value)
        if match is None:
            return value
        reference = match[1]
        backend, _, name = reference.partition("/")
        if backend == "env":
            found = os.environ.get(name)
        elif backend == "file":
            found = _read_private(Path(name), reference)
        else:
            raise SignerUnavailable("G301", f"{reference}: a URL can be had from env/ or file/ only")
        if found is None:
            raise SignerUnavailable("G301", f"{reference}: not set")
        found = found.strip()
        if len(found) > _MAX_URL or _ENDPOINT.match(found) is None:
            raise SignerUnavailable("G301", f"{reference}: neither a URL (https, wss, …) nor ipc:PATH")
        if self._live and (scheme := open_scheme(found)):
            raise SignerUnavailable("G304", f"{reference}: {scheme}:// to another machine")
        return found

    def _embedded_key(self, name: str, reference: str) -> bytes:
        if not self._embedded:
            raise SignerUnavailable("G301", f"{reference}: embedded keys are public and only for embedded chains")
        if name not in _EMBEDDED:
            raise SignerUnavailable("G301", f"{reference}: embedded names are {', '.join(sorted(_EMBEDDED))}")
        return local_seed(_EMBEDDED[name])


def _read_private(path: Path, reference: str) -> str:
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            raise SignerUnavailable("G301", f"{reference}: others can read the file", hint="chmod 600 the key file")
        if mode and path.stat().st_size > 4096:
            raise SignerUnavailable("G301", f"{reference}: too large for a key file")
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SignerUnavailable("G301", f"{reference}: cannot be read ({type(error).__name__})") from None


def _key_bytes(text: str | None, reference: str) -> bytes:
    if text is None:
        raise SignerUnavailable("G301", f"{reference}: not set")
    text = text.strip()
    match = _HEX_KEY.match(text)
    if match:
        return bytes.fromhex(match[1])
    if text.startswith("[") and text.endswith("]"):
        numbers = text[1:-1].split(",")
        if len(numbers) in (32, 64) and all(n.strip().isdigit() and int(n) < 256 for n in numbers):
            return bytes(int(n) for n in numbers)
    raise SignerUnavailable("G301", f"{reference}: neither hex of 32 or 64 bytes nor a Solana key file")
