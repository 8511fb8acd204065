"""HTTP to nodes and block engines in this family's errors."""

from __future__ import annotations

from typing import Any

import msgspec

from hoploop.errors import PermanentError, TransientError
from hoploop.model.text import visible
from hoploop.plugin.http import AnswerTooLong, GatedHttp, NoAnswer, Reply
from hoploop.plugin.kinds import Permit

__all__ = ["Reply", "Wire", "plain"]


class Wire:
    """One connection pool for a chain."""

    def __init__(self, *, timeout_ms: int, max_bytes: int = 16 * 1024 * 1024) -> None:
        self._http = GatedHttp(timeout_ms=timeout_ms, max_bytes=max_bytes)

    async def post(self, url: str, body: bytes, permit: Permit | None = None) -> Reply:
        """POST JSON once. TransientError without a whole answer; what `permit` raised, and then no body left."""
        try:
            return await self._http.post(url, body, permit=permit)
        except NoAnswer as error:
            raise TransientError("C201", f"no answer from the node ({error})") from None
        except AnswerTooLong as error:
            raise PermanentError("C205", f"the node's answer is {error}") from None

    async def close(self) -> None:
        """Close the pool; a later request opens a new one."""
        await self._http.close()


def plain(value: Any) -> str:
    """A node's words for messages and logs: one line of at most 300 characters."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return visible(text[:300])
