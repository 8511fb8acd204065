"""Every YAML block of the recipe documentation is accepted as it stands."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from repository import ROOT, pipeline

from hoploop.recipe.render import human
from hoploop.recipe.source import source_of

_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^([a-z]+):.*\n(?:(?:[ #].*)?\n)*", re.MULTILINE)


class Block(NamedTuple):
    """A block and where it stands."""

    file: str
    line: int
    text: str


def _blocks() -> list[Block]:
    found = []
    for path in sorted((ROOT / "docs" / "recipes").glob("*.md")):
        text = path.read_text("utf-8")
        found += [Block(path.name, text.count("\n", 0, match.start()) + 1, match[1]) for match in _BLOCK.finditer(text)]
    return found


def _whole(block: str) -> str:
    """A fragment takes the place of the same sections in a recipe that is known to be good."""
    if block.startswith("recipe:"):
        return block
    base = (ROOT / "recipes" / "paper" / "evm_flash.yaml").read_text("utf-8")
    for section in _SECTION.finditer(block):
        whole = next(match for match in _SECTION.finditer(base) if match[1] == section[1])
        base = base.replace(whole[0], section[0] + "\n")
    return base


@pytest.mark.parametrize("block", _blocks(), ids=lambda block: f"{block.file}:{block.line}")
def test_a_documented_recipe_is_accepted(block: Block) -> None:
    found = pipeline().inspect(source_of(_whole(block.text).encode(), block.file))
    errors = [finding for finding in found.report.findings if finding.severity == "error"]
    assert errors == [], human(found.report, found.snippets)


def test_there_are_documented_recipes() -> None:
    assert len(_blocks()) >= 3
