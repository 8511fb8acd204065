"""HTTP to nodes and block engines: bounded answers, timeouts, and a permit asked when the body is written."""

from __future__ import annotations

from typing import Any

import aiohttp
import msgspec
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload

from hoploop.errors import PermanentError, TransientError
from hoploop.plugin.kinds import Permit

CHUNK = 64 * 1024
# Nothing is unpacked here: a small answer could become a huge one.
HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity"}


class Reply(msgspec.Struct, frozen=True):
    """What came back: at most the wire's `max_bytes` of body."""

    status: int
    retry_after_s: int
    body: bytes


class Wire:
    """One connection pool for a chain; opened at the first request, closed with the chain.

    Never logs or quotes a URL: providers put their keys there.
    """

    def __init__(self, *, timeout_ms: int, max_bytes: int = 16 * 1024 * 1024) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000)
        self._max_bytes = max_bytes
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, permit: Permit | None = None) -> Reply:
        """POST JSON once. TransientError without a whole answer; what `permit` raised, and then no body left."""
        payload = _Gated(body, permit)
        try:
            async with self._open().post(url, data=payload, headers=HEADERS, allow_redirects=False) as response:
                retry_after_s = _seconds(response.headers.get("Retry-After", ""))
                return Reply(response.status, retry_after_s, await self._read(response))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if payload.refused is not None:
                raise payload.refused from None
            raise TransientError("C201", f"no answer from the node ({type(error).__name__})") from None

    async def close(self) -> None:
        """Close the pool; a later request opens a new one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, auto_decompress=False)
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        parts = bytearray()
        async for part in response.content.iter_chunked(CHUNK):
            parts += part
            if len(parts) > self._max_bytes:
                response.close()
                raise PermanentError("C205", f"the node's answer is over {self._max_bytes} bytes")
        return bytes(parts)


class _Gated(BytesPayload):
    """A body that asks for the permit when its bytes are about to be written, after connecting and queueing."""

    def __init__(self, body: bytes, permit: Permit | None) -> None:
        super().__init__(body, content_type="application/json")
        self._permit = permit
        self.refused: BaseException | None = None

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        if self._permit is not None:
            try:
                self._permit()
            except BaseException as refusal:
                self.refused = refusal  # the HTTP library would wrap it
                raise
        await super().write_with_length(writer, content_length)


def _seconds(text: str) -> int:
    return min(int(text), 60) if text.isascii() and text.isdigit() else 0


def plain(value: Any) -> str:
    """A node's words for messages and logs: one line of at most 300 characters."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return "".join(c if c.isprintable() else " " for c in text[:300])
