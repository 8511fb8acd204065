"""Error codes E…: engine."""

from __future__ import annotations

from hoploop.codes._info import BUG, INVALID, UNREACHABLE, CodeInfo

CODES: dict[str, CodeInfo] = {
    "E101": CodeInfo(
        "a strategy's base asset does not wrap the chain's native coin",
        "use the asset with wraps_native: true",
        INVALID,
    ),
    "E102": CodeInfo(
        "the state of a pool does not decode", "is the connector the right one for this pool, and the endpoint sound?"
    ),
    "E201": CodeInfo(
        "a route's tip is higher than planned", "the route's terms changed; restart to plan with the new ones"
    ),
    "E301": CodeInfo(
        "a route sent bytes without asking the gate", "the route's connector is broken: do not use it", BUG
    ),
    "E401": CodeInfo(
        "an attempt of an earlier run cannot be looked up",
        "the gate stays closed until the chain's endpoint answers",
        UNREACHABLE,
    ),
    "E402": CodeInfo(
        "an attempt of an earlier run belongs to a chain the recipe no longer has",
        "put the chain back until the attempt is settled, or use another --state-dir",
        INVALID,
    ),
}
