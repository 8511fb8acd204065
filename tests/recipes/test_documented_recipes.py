"""Every YAML block of the recipe documentation is accepted as it stands."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from repository import ROOT, first_party

from hoploop.recipe.load import Pipeline
from hoploop.recipe.render import human
from hoploop.recipe.source import source_of

_BLOCK = re.compile(r"^```yaml(?: file=(\S+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""A block with a file name can be included by the others of its page."""
_SECTION = re.compile(r"^([a-z]+):.*\n(?:(?:[ #].*)?\n)*", re.MULTILINE)


class Block(NamedTuple):
    """A block and where it stands."""

    page: str
    line: int
    name: str
    text: str


def _blocks() -> list[Block]:
    found = []
    for path in sorted((ROOT / "docs" / "recipes").glob("*.md")):
        text = path.read_text("utf-8")
        found += [
            Block(path.name, text.count("\n", 0, match.start()) + 1, match[1] or "", match[2])
            for match in _BLOCK.finditer(text)
        ]
    return found


def _recipes() -> list[Block]:
    """Blocks that are recipes or sections of one, not parts that others include."""
    return [block for block in _blocks() if not block.name or "recipe:" in block.text]


def _whole(block: str) -> str:
    """A fragment takes the place of the same sections in a recipe that is known to be good."""
    if re.search("^recipe:", block, re.MULTILINE):
        return block
    base = (ROOT / "recipes" / "paper" / "evm_flash.yaml").read_text("utf-8")
    for section in _SECTION.finditer(block):
        whole = next(match for match in _SECTION.finditer(base) if match[1] == section[1])
        base = base.replace(whole[0], section[0] + "\n")
    return base


@pytest.mark.parametrize("block", _recipes(), ids=lambda block: f"{block.page}:{block.line}")
def test_a_documented_recipe_is_accepted(block: Block) -> None:
    files = {other.name: other.text.encode() for other in _blocks() if other.page == block.page and other.name}
    reader = Pipeline(first_party(), {}, files.__getitem__)
    found = reader.inspect_all(source_of(_whole(block.text).encode(), block.name or block.page))
    errors = [finding for finding in found.report.findings if finding.severity == "error"]
    assert errors == [], human(found.report, found.snippets)


def test_there_are_documented_recipes() -> None:
    assert len(_recipes()) >= 3
