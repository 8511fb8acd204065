"""What `hoploop verify` finds: a verdict a case, a report a file, sums a venue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum

import msgspec

SHOWN = 5
"""Differences kept of a file; the rest is counted only."""


class Verdict(Enum):
    """How one case compares."""

    EXACT = "exact"
    OFF = "off"
    REFUSED = "refused"
    """Program and quote both refuse."""
    UNSUPPORTED = "unsupported"
    EXCUSED = "excused"
    """The program failed for a reason outside a quote."""


BAD = (Verdict.OFF, Verdict.UNSUPPORTED)


class Result(msgspec.Struct, frozen=True):
    """One case: what was asked, what was observed, what was answered; amounts or reasons as text."""

    verdict: Verdict
    asked: str
    expected: str
    got: str


class Checked(msgspec.Struct, frozen=True):
    """What a checker says of a file. `note` tells why there are no results, or nothing."""

    venue: str
    results: Iterable[Result]
    note: str = ""


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `trouble` is why it could not be checked at all."""

    path: str
    kind: str
    venue: str = ""
    counts: dict[str, int] = {}
    differences: list[Result] = []
    note: str = ""
    trouble: str = ""

    @property
    def bad(self) -> bool:
        """Whether this file keeps `verify` from ending with 0."""
        return bool(self.trouble) or any(self.counts.get(verdict.value) for verdict in BAD)


class Report(msgspec.Struct, frozen=True):
    """Everything below one folder, files in order of their paths."""

    engine: str
    files: list[FileReport]

    @property
    def ok(self) -> bool:
        """Nothing is off, unsupported or unreadable."""
        return not any(file.bad for file in self.files)

    def venues(self) -> Iterator[tuple[str, int, Counter[str]]]:
        """(venue, files, counts) of every venue, in order of their names."""
        for venue in sorted({file.venue for file in self.files if file.venue}):
            mine = [file for file in self.files if file.venue == venue]
            sums: Counter[str] = Counter()
            for file in mine:
                sums.update(file.counts)
            yield venue, len(mine), sums


def summed(path: str, kind: str, checked: Checked) -> FileReport:
    """Counts the results of a file and keeps its first differences."""
    counts: Counter[str] = Counter()
    differences: list[Result] = []
    for result in checked.results:
        counts[result.verdict.value] += 1
        if result.verdict in BAD and len(differences) < SHOWN:
            differences.append(result)
    return FileReport(
        path=path, kind=kind, venue=checked.venue, counts=dict(counts), differences=differences, note=checked.note
    )
