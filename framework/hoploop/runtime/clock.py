"""The real clock; tests and replay inject another."""

from __future__ import annotations

import time


class SystemClock:
    """Monotonic and wall time in nanoseconds."""

    mono_ns = staticmethod(time.monotonic_ns)
    wall_ns = staticmethod(time.time_ns)
