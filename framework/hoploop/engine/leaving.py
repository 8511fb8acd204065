"""Whether a transaction left: what simulation and submission answer with."""

from __future__ import annotations

import msgspec

from hoploop.model.reasons import Reason


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes left, or may have left. `at_ns` is the moment the gate let them pass (monotonic)."""

    route: str
    at_ns: int
    detail: str = ""


class Unsent(msgspec.Struct, frozen=True):
    """No bytes that could land have left."""

    reason: Reason
    detail: str = ""
