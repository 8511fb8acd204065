"""HTTP to relays: bounded answers, timeouts, and a permit asked when the body is written."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload

from hoploop.errors import GateClosed, RateLimited, Unreachable
from hoploop.plugin.kinds import Permit

MAX_BODY = 1024 * 1024


class Http:
    """One connection pool for a chain's relays; opened at the first request, closed with the chain."""

    def __init__(self, *, timeout_ms: int) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], permit: Permit) -> tuple[int, bytes]:
        """(HTTP status, answer), once, no redirects. Unreachable, RateLimited, or GateClosed from `permit`."""
        payload = _Gated(body, permit)
        try:
            session = self._open()
            async with session.post(url, data=payload, headers=headers, allow_redirects=False) as response:
                if response.status == 429:
                    raise RateLimited("C122", "the relay asks to slow down")
                return response.status, await self._read(response)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, GateClosed) as error:
            if payload.refused is not None:
                raise payload.refused from None
            raise Unreachable("C123", f"no answer from the relay ({type(error).__name__})") from None

    async def close(self) -> None:
        """Close the pool; a later request opens a new one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        parts = bytearray()
        async for part in response.content.iter_chunked(65536):
            parts += part
            if len(parts) > MAX_BODY:
                response.close()
                raise Unreachable("C123", f"the relay's answer is over {MAX_BODY} bytes")
        return bytes(parts)


class _Gated(BytesPayload):
    """A body that asks for the permit when its bytes are about to be written: connecting comes before."""

    def __init__(self, body: bytes, permit: Permit) -> None:
        super().__init__(body, content_type="application/json")
        self._permit = permit
        self.refused: GateClosed | None = None

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        try:
            self._permit()
        except GateClosed as closed:
            self.refused = closed
            raise
        await super().write_with_length(writer, content_length)
