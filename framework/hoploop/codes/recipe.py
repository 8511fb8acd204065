"""Error codes R…: recipe."""

from __future__ import annotations

from hoploop.codes._info import CodeInfo

CODES: dict[str, CodeInfo] = {
}
