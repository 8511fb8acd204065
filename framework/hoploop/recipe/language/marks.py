"""Shorthand for what the language says of a field: description, unit, what it refers to, how a change is applied."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Meta

from hoploop.plugin.connector import ID_PATTERN

Apply = Literal["live", "component", "engine"]
"""A running engine takes the change at once, by rebuilding the chain's components, or only by a restart."""
Risk = Literal["", "up", "down", "any"]
"""More of it raises risk, less of it does, any change may, or none does."""



def said(
    description: str,
    *,
    unit: str = "",
    ref: str = "",
    apply: Apply = "component",
    risk: Risk = "",
    planned: str | None = None,
    example: Any = None,
    **limits: Any,
) -> Meta:
    """A field's `Meta`. `planned` refuses the field with "not supported yet" and says what to write instead."""
    extra: dict[str, Any] = {"x-apply": apply}
    if unit:
        extra["x-unit"] = unit
    if ref:
        extra["x-ref"] = ref
    if risk:
        extra["x-risk"] = risk
    if planned is not None:
        extra["x-planned"] = planned
    if example is not None:
        extra["examples"] = [example]
    return Meta(description=description, extra_json_schema=extra, **limits)


def ident(description: str, example: str) -> Meta:
    """The `id` of an item."""
    extra = {"x-apply": "engine", "examples": [example]}
    return Meta(description=description, pattern=ID_PATTERN, extra_json_schema=extra)
