"""Recipes are found in Markdown pages, at the lines of the page."""

from __future__ import annotations

from hoploop.recipe.pages import blocks, recipes

PAGE = """# Title

```yaml file=part.yaml
vars: {a: 1}
```

```yaml
recipe: one
```

```yaml
risk:
  rate: 1/s
```

```yaml
something: else
```

```json
{"recipe": 1}
```

```text file=pools.txt
one/two
```
"""
BASE = """recipe: base
risk:
  rate: 9/s
# of the routes
routes:
- {id: a}
"""


def test_blocks_know_their_lines_and_names() -> None:
    assert [block.line for block in blocks(PAGE)] == [4, 8, 12, 17, 25]
    assert [block.name for block in blocks(PAGE)] == ["part.yaml", "", "", "", "pools.txt"]


def test_without_a_base_fragments_are_left_out() -> None:
    assert [block.line for block, _ in recipes(PAGE, None)] == [8]


def test_a_recipe_keeps_the_lines_of_its_page() -> None:
    ((_, text),) = recipes(PAGE, None)
    assert text.splitlines()[7] == PAGE.splitlines()[7] == "recipe: one"


def test_a_fragment_with_a_misspelt_section_is_not_passed_over() -> None:
    page = "```yaml\nstrategy: []\n```\n\n```yaml\non: push\njobs: {}\n```\n"
    assert [block.line for block, _ in recipes(page, BASE)] == [2]


def test_a_fragment_takes_the_place_of_its_sections() -> None:
    (_, (_, text)) = recipes(PAGE, BASE)
    assert text.splitlines()[11] == "risk:"
    assert "1/s" in text
    assert "9/s" not in text
    assert "recipe: base" in text
    assert "- {id: a}" in text
