"""What `hoploop run` was asked beyond the recipe."""

from __future__ import annotations

from pathlib import Path

import msgspec


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Defaults run until told, on embedded chains of their own."""

    for_ms: int | None = None
    """Stop by itself after this long; None runs until told."""
    attach: Path | None = None
    """File of a running `hoploop local up` instead of starting embedded chains."""
    clear_trip: str = ""
    """Operator who clears the trip and the kill file an earlier run left."""
