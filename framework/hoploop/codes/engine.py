"""Error codes E…: engine."""

from __future__ import annotations

from hoploop.codes._info import CodeInfo

CODES: dict[str, CodeInfo] = {
}
