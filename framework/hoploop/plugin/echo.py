"""Takes out of an answer what it repeats of the URL that was asked: providers keep their customers' keys there."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

MASK = b"********"
_WORD = 16
"""Words of paths and queries from this length on are keys; shorter ones are names, and may stand in any answer."""
_CREDENTIAL = 8
"""Shorter user names and passwords cannot be told from words, or from a part of binary data."""


class Echo:
    """What one URL holds that an answer must not bring into a message, a log or the book. Has no repr to leak it."""

    def __init__(self, url: str) -> None:
        parts = set(_parts(url)) if "://" in url else set()
        forms = {form.encode("utf-8", "replace") for part in parts for form in (part, unquote(part))}
        self._hidden = sorted(forms, key=len, reverse=True)

    def out_of(self, answer: bytes) -> bytes:
        """The answer with each of those parts masked; as it is when it repeats none."""
        for part in self._hidden:
            if part in answer:
                answer = answer.replace(part, MASK)
        return answer


def _parts(url: str) -> Iterator[str]:
    try:
        found = urlsplit(url)
    except ValueError:
        return
    user, at, _ = found.netloc.rpartition("@")
    if at:
        # Sent as a header: nodes that repeat what they were sent repeat that.
        name, _, password = user.partition(":")
        yield base64.b64encode(unquote(f"{name}:{password}").encode("utf-8", "replace")).decode()
        yield from (word for word in (name, password) if len(word) >= _CREDENTIAL)
    values = [value for _, value in parse_qsl(found.query, keep_blank_values=True)]
    words = [*found.path.split("/"), *found.query.split("&"), *values, found.fragment]
    yield from (word for word in words if len(word) >= _WORD)
