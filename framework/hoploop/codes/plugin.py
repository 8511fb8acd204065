"""Error codes P…: plugin."""

from __future__ import annotations

from hoploop.codes._info import INVALID, CodeInfo

CODES: dict[str, CodeInfo] = {
    "P101": CodeInfo("no connector has this key", "hoploop list connectors prints every connector there is", INVALID),
    "P102": CodeInfo("two connectors claim one key", "uninstall one of the two distributions named", INVALID),
    "P103": CodeInfo("a connector cannot be loaded", "fix or uninstall it; a broken connector is never skipped", INVALID),
    "P104": CodeInfo("a connector's manifest is invalid", "see docs/connectors; hoploop.plugin.testing checks it", INVALID),
    "P105": CodeInfo("a connector does not offer this kind", "use it in the section its README names", INVALID),
    "P106": CodeInfo("a connector cannot be called that", "another lower_snake_case name; the key is the word in recipes"),
}
