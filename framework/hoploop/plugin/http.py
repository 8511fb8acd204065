"""HTTP for connectors: bounded answers, no redirects, no unpacking, and a permit asked as the body is written."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
import msgspec
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload

from hoploop.plugin.echo import Echo
from hoploop.plugin.kinds import Permit

_CHUNK = 64 * 1024
_LONGEST_WAIT_S = 60


class NoAnswer(Exception):
    """No whole answer came: whether the request arrived is unknown. Says what happened, never the URL."""


class AnswerTooLong(Exception):
    """The answer has more bytes than allowed."""


class Reply(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    retry_after_s: int
    """What the server asks for in seconds, at most a minute; 0 when it does not say."""
    body: bytes


class GatedHttp:
    """One connection pool; opened at the first request, closed with its owner.

    Never logs or quotes a URL, and masks what an answer repeats of it: providers put their keys there.
    """

    def __init__(self, *, timeout_ms: int, max_bytes: int) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000)
        self._max_bytes = max_bytes
        self._session: aiohttp.ClientSession | None = None
        self._echoes: dict[str, Echo] = {}
        """By URL; an owner asks one or a few."""

    async def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, permit: Permit | None = None
    ) -> Reply:
        """POST JSON once. NoAnswer, AnswerTooLong, or what `permit` raised, and then no byte of the body left."""
        payload = _Gated(body, permit)
        if url not in self._echoes:
            self._echoes[url] = Echo(url)
        # Nothing is unpacked here: a small answer could become a huge one.
        asked = {"Content-Type": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        try:
            async with self._open().post(url, data=payload, headers=asked, allow_redirects=False) as response:
                retry_after_s = _seconds(response.headers.get("Retry-After", ""))
                return Reply(response.status, retry_after_s, self._echoes[url].out_of(await self._read(response)))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if payload.refused is not None:
                raise payload.refused from None
            raise NoAnswer(type(error).__name__) from None

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
        async for part in response.content.iter_chunked(_CHUNK):
            parts += part
            if len(parts) > self._max_bytes:
                response.close()
                raise AnswerTooLong(f"over {self._max_bytes} bytes")
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
    return min(int(text), _LONGEST_WAIT_S) if text.isascii() and text.isdigit() else 0
