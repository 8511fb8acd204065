"""HTTP to relays in this family's errors."""

from __future__ import annotations

from collections.abc import Mapping

from hoploop.errors import RateLimited, Unreachable
from hoploop.plugin.http import AnswerTooLong, GatedHttp, NoAnswer
from hoploop.plugin.kinds import Permit

MAX_BODY = 1024 * 1024


class Http:
    """One connection pool for a chain's relays."""

    def __init__(self, *, timeout_ms: int) -> None:
        self._http = GatedHttp(timeout_ms=timeout_ms, max_bytes=MAX_BODY)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], permit: Permit) -> tuple[int, bytes]:
        """(HTTP status, answer), once. Unreachable, RateLimited, or GateClosed from `permit`."""
        try:
            reply = await self._http.post(url, body, headers=headers, permit=permit)
        except NoAnswer as error:
            raise Unreachable("C123", f"no answer from the relay ({error})") from None
        except AnswerTooLong as error:
            raise Unreachable("C123", f"the relay's answer is {error}") from None
        if reply.status == 429:
            raise RateLimited("C122", "the relay asks to slow down")
        return reply.status, reply.body

    async def close(self) -> None:
        """Close the pool; a later request opens a new one."""
        await self._http.close()
