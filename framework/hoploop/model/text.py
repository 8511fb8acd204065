"""Text from outside, as it may be shown on a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """One line with a sign for each character: none that steers the terminal, or turns the text around, is left."""
    return text if text.isprintable() else "".join(map(_sign, text))


def _sign(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "\ufffd"
