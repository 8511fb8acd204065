"""The catalogue of error codes: one file an area, merged here, printed to docs/errors.md."""

from __future__ import annotations

from hoploop.codes import chain, engine, ledger, local, plugin, recipe, runtime
from hoploop.codes._info import CodeInfo

__all__ = ["CODES", "CodeInfo"]


def _merge() -> dict[str, CodeInfo]:
    merged: dict[str, CodeInfo] = {}
    for area in (recipe, plugin, chain, engine, runtime, ledger, local):
        for code, info in area.CODES.items():
            if code in merged:
                raise AssertionError(f"error code {code} is listed twice")
            merged[code] = info
    return merged


CODES: dict[str, CodeInfo] = _merge()
