"""A click type for durations such as 30s, 250ms or 5m."""

from __future__ import annotations

import re

import click

_FORM = re.compile(r"([0-9]+)(ms|s|m|h)\Z")
_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}


class Duration(click.ParamType[int]):
    """Milliseconds from text with a unit."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = _FORM.match(str(value))
        if match is None:
            self.fail(f"{value!r} is not a duration; write it as 30s, 250ms or 5m", param, ctx)
        return int(match[1]) * _MS[match[2]]
