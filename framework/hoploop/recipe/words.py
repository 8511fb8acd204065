"""The word somebody meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: object, options: Iterable[object]) -> str | None:
    """The option most like `word`, if any is."""
    close = difflib.get_close_matches(str(word), [str(option) for option in options], 1)
    return close[0] if close else None


def suggest(word: object, options: Iterable[object]) -> str:
    """Label text: the nearest option, or what there is."""
    known = [str(option) for option in options]
    close = nearest(word, known)
    if close is not None:
        return f"did you mean '{close}'?"
    if not known:
        return "there is none"
    return "one of: " + ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
