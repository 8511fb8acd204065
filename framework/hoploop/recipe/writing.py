"""Writes text files whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hoploop.errors import RecipeError


def write_whole(path: Path, text: str) -> None:
    """Put `text` in the place of a file, through links, with its permissions; RecipeError R403 when that fails."""
    target = Path(os.path.realpath(path))
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        else:
            os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise RecipeError("R403", f"{path}: {error.strerror or type(error).__name__}") from None


def _umask() -> int:
    """The process's mask; there is no way to ask for it but to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
