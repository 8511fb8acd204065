"""A report as text for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from hoploop.verify.report import FileReport, Report, Verdict

_VERDICTS = tuple(verdict.value for verdict in Verdict)


def as_json(report: Report) -> bytes:
    """`{ok, engine, venues: {name: {files, counts…}}, files: […]}`."""
    venues = {
        venue: {"files": files, **{verdict: counts.get(verdict, 0) for verdict in _VERDICTS}}
        for venue, files, counts in report.venues()
    }
    return msgspec.json.format(
        msgspec.json.encode({"ok": report.ok, "engine": report.engine, "venues": venues, "files": report.files}),
        indent=2,
    )


def as_text(report: Report) -> str:
    """A table a venue with a row a file and its first differences, then the sums, then what was left out."""
    lines: list[str] = []
    for venue, _, _ in report.venues():
        mine = [file for file in report.files if file.venue == venue]
        width = max(len(file.path) for file in mine)
        lines += ["", _row(venue, width, _VERDICTS)]
        for file in mine:
            lines += [_row(file.path, width, _numbers(file.counts)), *_details(file)]
    lines += _sums(report)
    lines += _rest(report)
    lines += ["", _last(report)]
    return "\n".join(lines).lstrip("\n")


def _row(name: str, width: int, cells: Sequence[str]) -> str:
    return f"{name:<{width}}  " + "  ".join(f"{cell:>11}" for cell in cells)


def _numbers(counts: Mapping[str, int]) -> list[str]:
    return [str(counts.get(verdict, 0)) for verdict in _VERDICTS]


def _details(file: FileReport) -> Iterator[str]:
    if file.note:
        yield f"    {file.note}"
    if file.trouble:
        yield f"    {file.trouble}"
    for one in file.differences:
        yield f"    {one.verdict.value}: {one.asked}: expected {one.expected}, got {one.got}"
    hidden = sum(file.counts.get(name, 0) for name in ("off", "unsupported")) - len(file.differences)
    if hidden > 0:
        yield f"    … and {hidden} more"


def _sums(report: Report) -> list[str]:
    venues = list(report.venues())
    if not venues:
        return []
    width = max(len("venue"), len("all"), *(len(venue) for venue, _, _ in venues))
    total: Counter[str] = Counter()
    lines = ["", _row("venue", width, ("files", *_VERDICTS))]
    for venue, files, counts in venues:
        total.update(counts)
        lines.append(_row(venue, width, (str(files), *_numbers(counts))))
    lines.append(_row("all", width, (str(sum(files for _, files, _ in venues)), *_numbers(total))))
    return lines


def _rest(report: Report) -> list[str]:
    """Files that belong to no venue: skipped, unknown, unreadable."""
    rest = [file for file in report.files if not file.venue]
    return ["", *(f"{file.path}: {file.kind}: {file.trouble or file.note}" for file in rest)] if rest else []


def _last(report: Report) -> str:
    if report.ok:
        return f"ok: everything is as observed ({report.engine})"
    bad = sum(file.bad for file in report.files)
    return f"failed: {bad} of {len(report.files)} files ({report.engine})"
