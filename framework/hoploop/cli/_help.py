"""How the help of every command ends: an example and the exit codes."""

from __future__ import annotations

from hoploop.codes._info import BUG, FINDINGS, INVALID, IO_ERROR, OK, UNREACHABLE, USAGE

CHANGES = 2
_MEANS = {
    OK: "ok", FINDINGS: "findings", CHANGES: "the plan has changes", USAGE: "usage",
    UNREACHABLE: "engine not reachable", BUG: "bug", IO_ERROR: "I/O", INVALID: "recipe invalid",
}  # fmt: skip
_ALWAYS = (OK, USAGE, BUG, IO_ERROR)
"""What is printed may not arrive: even `hoploop version` can end with 74."""


def ending(example: str, *codes: int) -> str:
    """Epilog of a command: `example` without the leading `hoploop`, and what it ends with besides `_ALWAYS`."""
    said = ", ".join(f"{code} {_MEANS[code]}" for code in sorted({*_ALWAYS, *codes}))
    # Click leaves the lines below \b as they are: a wrapped example could not be pasted.
    return f"Exit codes: {said}.\n\n\b\nExample: hoploop {example}"
