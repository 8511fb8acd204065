"""Which warnings count: those left out by code, and those taken for errors."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hoploop.codes import CODES
from hoploop.recipe.diagnostics import Diagnostic, Report
from hoploop.recipe.words import suggest

ADVISORY = ("R38", "R39")
"""Codes of lints and of warnings; all others are errors that nothing can allow."""


class NotAWarning(ValueError):
    """A code that no warning has; the text says so."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants of warnings. `deny` and `everything` make errors of them, `allow` leaves them out."""

    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()
    everything: bool = False

    @classmethod
    def of(cls, allow: Iterable[str], deny: Iterable[str], *, deny_warnings: bool) -> Policy:
        """NotAWarning for codes that are none, or that stand on both sides."""
        allowed, denied = ({code.upper() for code in codes} for codes in (allow, deny))
        for code in sorted(allowed | denied):
            if not (code in CODES and code.startswith(ADVISORY)):
                known = [other for other in CODES if other.startswith(ADVISORY)]
                why = "is an error" if code in CODES else "is no code"
                raise NotAWarning(f"{code} {why}, not a warning; {suggest(code, known)}")
        if both := sorted(allowed & denied):
            raise NotAWarning(f"{both[0]} is both allowed and denied")
        return cls(allow=frozenset(allowed), deny=frozenset(denied), everything=deny_warnings)

    def apply(self, report: Report) -> Report:
        """The report as it counts under this policy."""
        return Report(tuple(self._weighed(one) for one in report.findings if not self._left_out(one)), report.more)

    def _left_out(self, finding: Diagnostic) -> bool:
        return finding.severity == "warning" and finding.code in self.allow

    def _weighed(self, finding: Diagnostic) -> Diagnostic:
        if finding.severity == "warning" and (self.everything or finding.code in self.deny):
            return msgspec.structs.replace(finding, severity="error")
        return finding
