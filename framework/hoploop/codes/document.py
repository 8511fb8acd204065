"""Writes docs/errors.md from the catalogue: `python -m hoploop.codes.document > docs/errors.md`."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from hoploop.codes import CODES, CodeInfo

_AREAS = {
    "R": "Recipe",
    "P": "Connectors as plugins",
    "C": "Chains, venues, lenders and routes",
    "E": "Engine",
    "G": "Gate, runtime and commands",
    "L": "Ledger",
    "X": "Embedded chains",
}


def errors_page(codes: Mapping[str, CodeInfo]) -> str:
    """The whole page; the same for the same catalogue."""
    lines = [
        "# Error codes",
        "",
        "Generated from `hoploop.codes`; `hoploop explain CODE` prints one entry.",
        "Exit is what a command ends with when it stops on the code:",
        "1 findings, 64 usage, 69 engine not reachable, 70 bug, 74 I/O, 78 recipe invalid at run.",
    ]
    for letter, area in _AREAS.items():
        rows = [(code, info) for code, info in sorted(codes.items()) if code.startswith(letter)]
        if rows:
            lines += ["", f"## {letter}: {area}", "", "| code | what it means | what to do | exit |", "|---|---|---|---|"]
            lines += [f"| {code} | {_cell(info.title)} | {_cell(info.hint)} | {info.exit_code} |" for code, info in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(errors_page(CODES))
