"""Every YAML block of the recipe documentation is accepted as it stands."""

from __future__ import annotations

import pytest
from repository import ROOT, first_party

from hoploop.recipe.lists import Listing
from hoploop.recipe.load import Pipeline
from hoploop.recipe.pages import blocks, recipes
from hoploop.recipe.render import human
from hoploop.recipe.source import source_of

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "recipes").glob("*.md"))]
BASE = (ROOT / "recipes" / "paper" / "evm_flash.yaml").read_text("utf-8")
FOUND = [
    pytest.param(page, block.name, text, id=f"{page.name}:{block.line}")
    for page in PAGES
    for block, text in recipes(page.read_text("utf-8"), BASE)
]


@pytest.mark.parametrize(("page", "name", "text"), FOUND)
def test_a_documented_recipe_is_accepted(page, name: str, text: str) -> None:  # type: ignore[no-untyped-def]
    files = {other.name: other.text.encode() for other in blocks(page.read_text("utf-8")) if other.name}
    reader = Pipeline(first_party(), {}, files.__getitem__, lambda path: Listing(files[path], 0))
    found = reader.inspect_all(source_of(text.encode(), name or page.name))
    errors = [finding for finding in found.report.findings if finding.severity == "error"]
    assert errors == [], human(found.report, found.snippets)


@pytest.mark.parametrize("page", ["README.md", "docs/recipes/README.md", "docs/recipes/loading.md"])
def test_there_are_documented_recipes(page: str) -> None:
    assert list(recipes((ROOT / page).read_text("utf-8"), BASE))
