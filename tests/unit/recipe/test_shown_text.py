"""Findings about hostile text do not steer the terminal they are shown on."""

from __future__ import annotations

import pytest

from hoploop.model.text import visible
from hoploop.recipe.diagnostics import report
from hoploop.recipe.document import read_document
from hoploop.recipe.masking import Snippets
from hoploop.recipe.render import concise, human
from hoploop.recipe.source import source_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 😀", "plain é 😀"), ("a\tb\nc", "a b c"), ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("abc\u202edef", "abc\ufffddef"), ("\x00\x7f\x9b", "\ufffd\ufffd\ufffd"),
    ],
)  # fmt: skip
def test_every_character_has_one_visible_sign(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert len(shown) == len(text)


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\u202e", "\x9b2J", "\r"])
@pytest.mark.parametrize(
    "place", ['recipe: "a{}"\nrecipe: b\n', "# {}\n- a: !t b\n", '"a\\e[2J{}": 1\n"a\\e[2J{}": 2\n']
)
def test_findings_show_what_is_hostile_without_doing_it(place: str, hostile: str) -> None:
    source = source_of(place.format(hostile, hostile).encode(), f"bad{hostile}.yaml")
    _, findings = read_document(source)
    assert findings
    found = report(findings)
    for line in f"{human(found, Snippets({source.file: source.text}))}\n{concise(found)}".split("\n"):
        assert line.isprintable()
