"""Whatever is typed: the language service answers soon, without a fault and without a secret of the environment."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from random import Random

import pytest
from editor_kit import HERE, TOP, Desk
from lsprotocol import types as lsp
from recipe_mutator import RECIPES, Mutator, corpus

from hoploop.editor.navigate import Navigator
from hoploop.editor.problems import actions, layout, shown
from hoploop.editor.text import Text

CASES = int(os.environ.get("HOPLOOP_FUZZ", "400")) // 4
SECRET = "hunter2-very-secret"
SECONDS = 5
"""What all answers of one case may take; generous where other tests run beside it."""
LETTERS = CASES // 4
FOLDER = str(RECIPES / "bad")
SECRETS = sorted((RECIPES / "bad").glob("secret_*.yaml"))


def _answers(desk: Desk, path: str, text: Text, offset: int) -> list[object]:
    """Everything an editor may ask at one place."""
    project, place = desk.project, text.position(offset)
    navigator = Navigator(project.world(path), "file://{}".format, "utf-16")
    asked = lsp.Range(place, text.position(len(text.text)))
    return [
        desk.offered(text, offset, path),
        desk.hovered(text, offset, path),
        navigator.definitions(path, place),
        navigator.references(path, place, declared=True),
        navigator.renamable(path, place),
        navigator.rename(path, place, "other_name"),
        navigator.symbols(path),
        actions(project.findings(path), text, asked, path, path, ()),
    ]


def _told(desk: Desk, path: str) -> list[lsp.Diagnostic]:
    """What the editor is told without asking."""
    found = []
    for file in desk.project.check(path):
        text = Text(desk.project.text(file) or "")
        for finding in desk.project.findings(file):
            found.append(shown(finding, text, lambda one: Text(desk.project.text(one) or ""), "file://{}".format))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_damaged_text_is_answered(seed: int) -> None:
    desk, random = Desk(), Random(seed)
    mutator = Mutator(seed, list(corpus().values()))
    path = f"{FOLDER}/typed.yaml"
    for _ in range(CASES // 4):
        text = Text(mutator.recipe()[: 1 << 18].decode("utf-8", "replace"))
        started = time.process_time()
        desk.project.put(path, text.text)
        out = [_told(desk, path), *_answers(desk, path, text, random.randint(0, len(text.text)))]
        after = desk.project.laid_out(path)
        out += [] if after is None else layout(text, after)
        assert SECRET not in repr(out)
        assert time.process_time() - started < SECONDS, text.text[:200]


@pytest.mark.parametrize("seed", range(2))
def test_a_recipe_typed_letter_by_letter_is_answered_at_every_letter(seed: int) -> None:
    desk, random = Desk(), Random(seed)
    whole = random.choice([text for name, text in sorted(corpus().items()) if name.startswith("good/")]).decode()
    start = random.randrange(len(whole))
    for end in range(start, min(start + LETTERS, len(whole))):
        for rest in ("", whole[start + LETTERS :]):
            desk.project.put(TOP, whole[:end] + rest)
            _answers(desk, TOP, Text(whole[:end] + rest), end)


@pytest.mark.parametrize("path", SECRETS, ids=lambda path: path.stem)
def test_a_secret_written_where_it_must_not_be_is_never_told(path: Path) -> None:
    desk, text = Desk(), Text(path.read_text("utf-8"))
    desk.project.put(str(path), text.text)
    out: list[object] = [_told(desk, str(path))]
    for match in re.finditer(r"hunter2|(?:ab){9}", text.text):
        line = text.start(text.place(match.start())[0] - 1)
        for offset in (line + 4, match.start() - 2, match.start() + 3, match.end()):
            out += _answers(desk, str(path), text, offset)
    assert "hunter2" not in repr(out)
    assert "abab" not in repr(out)


def test_the_mark_is_not_part_of_any_recipe() -> None:
    assert not any(HERE.encode() in text for text in corpus().values())
