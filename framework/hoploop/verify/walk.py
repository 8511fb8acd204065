"""Walks a folder of vector files and reports on every one; a file that cannot be read stops nothing."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import msgspec

from hoploop.verify.kinds import Engine, Source, kind_of
from hoploop.verify.report import FileReport, Report, summed
from hoploop.verify.vectors import files, read_bytes

# What bytes from anywhere can cause while they are unpacked, parsed and looked at.
_TROUBLE = (OSError, EOFError, zlib.error, ValueError, OverflowError, RecursionError, msgspec.MsgspecError)


def verify(root: Path, engine: Engine) -> Report:
    """Check one file, or every `.json` and `.json.gz` below a folder."""
    paths = [root] if root.is_file() else list(files(root))
    return Report(engine, [check_file(path, root, engine) for path in paths])


def check_file(path: Path, root: Path, engine: Engine) -> FileReport:
    """Report on one file; `trouble` says why it could not be checked."""
    shown = path.name if path == root else path.relative_to(root).as_posix()
    kind = "unreadable"
    try:
        source = _source(path, root)
        found = kind_of(source.fields)
        if found is None:
            return FileReport(path=shown, kind="unknown", trouble="no known kind of vector file has these fields")
        kind = found.name
        return summed(shown, kind, found.checker()(source, engine))
    except _TROUBLE as error:
        return FileReport(path=shown, kind=kind, trouble=_said(error))


def _source(path: Path, root: Path) -> Source:
    data = read_bytes(path)
    document = msgspec.json.decode(data, type=dict[str, Any])
    return Source(path, root, data, frozenset(document))


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
