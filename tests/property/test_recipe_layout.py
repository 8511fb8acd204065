"""Laying out a recipe changes neither what it says nor its comments, and a second time nothing at all.

`HOPLOOP_FUZZ` sets the number of damaged recipes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from random import Random

import pytest
from recipe_mutator import RECIPES, Mutator, corpus
from repository import RECIPES as SHIPPED
from ruamel.yaml import YAML
from ruamel.yaml import tokens as tk

from hoploop.recipe.document import read_document
from hoploop.recipe.layout import laid_out
from hoploop.recipe.nodes import data
from hoploop.recipe.source import Source, source_of

CASES = int(os.environ.get("HOPLOOP_FUZZ", "300"))
BATCH = 150
FILES = [*corpus().values(), *(path.read_bytes() for path in SHIPPED)]
CRAMPED = b"""# top
a:   &x
     # inner
     k:   [1,2 ,{b : c}]   # side

     t:   |+
        text
          more

     # end of a
b:
- x
-   - y
    -    z
# before c
c:  >-
   folded
   text
d: [
  a,   # one
  b
  ]
e: {"a":1, 'b' : 2 WETH, c:  }
f:
   plain text
     over lines
g: "double
    over \\
     lines"
h: *x
i:
    -   id: a
        pools:
        -   {name: p, most: '2 WETH'}
        #-   {name: q}
    -   id: b

        #comment
  # mid
# low
"""
# ruff format would put every word on a line of its own.
_SIGNS = [b"#x", b"# y", b"#", b"##z", b""]
_AFTER = [b" ", b"   ", b"  # side", b" #s", b"\r", b"\t", b"     # far"]
_COLONS = [b":  ", b" : ", b":\n        ", b": &q%d ", b":    # c\n          "]
_COMMAS = [b",", b" , ", b",\n          ", b", # c\n      ", b",\n"]
_DASHES = [b"-   ", b"-\n          ", b"- # c\n              "]
_TEXTS = [b"|", b">", b"|-", b">+", b"|+", b"|2"]


def _crooked(random: Random, text: bytes) -> bytes:
    """The recipe with another layout; often it says something else, too, or nothing."""
    lines = text.split(b"\n")
    for _ in range(random.choice((1, 2, 4, 8))):
        at, act = random.randrange(len(lines)), random.randrange(9)
        line = lines[at]
        if act == 0:
            lines.insert(at, b" " * random.choice((0, 1, 2, 3, 4, 6, 9)) + random.choice(_SIGNS))
        elif act == 1:
            lines[at] = line + random.choice(_AFTER)
        elif act == 2:
            colon = random.choice(_COLONS)
            lines[at] = line.replace(b": ", colon % random.randrange(99) if b"%" in colon else colon, 1)
        elif act == 3:
            lines[at] = line.replace(b", ", random.choice(_COMMAS), 1)
        elif act == 4:
            lines[at] = line.replace(b"- ", random.choice(_DASHES), 1)
        elif act == 5:
            until = min(len(lines), at + random.randrange(12))
            lines[at:until] = [b" " * random.choice((1, 2, 3)) + one for one in lines[at:until]]
        elif act == 6:
            lines[at] = line.replace(b"{", random.choice((b"{ ", b"{\n         ")), 1).replace(b"]", b" ]", 1)
        elif act == 7:
            indent = b" " * (len(line) - len(line.lstrip()))
            head = indent + b"key%d: " % random.randrange(999) + random.choice(_TEXTS)
            lines[at : at + 1] = [
                head,
                indent + b"   text  ",
                random.choice((b"", indent + b"    ")),
                indent + b"     more",
            ]
        else:
            lines[at] = b" " * random.randrange(4) + line
    return b"\n".join(lines)[: None if random.random() < 0.9 else -1]


def _comments(text: str) -> list[str]:
    """Every comment of a text, without signs and blanks."""
    text = text.replace("\r\n", "\n")
    found, at = [], 0
    for token in YAML(typ="safe", pure=True).scan(text):
        start, end = token.start_mark.index, token.end_mark.index
        if end > start or isinstance(token, tk.StreamEndToken):
            gap = text[at:start]
            found += [one.lstrip("#").strip() for one in re.findall("#[^\n]*", gap)]
            at = end
    return found


def _hold(source: Source) -> str | None:
    """Check one file; its layout, or None when it is no YAML."""
    before, problems = read_document(source)
    if before is None:
        return None
    made = laid_out(source.text, source.file)
    after, same = read_document(source_of(made.encode(), source.file))
    assert after is not None
    assert data(after) == data(before)
    assert [one.code for one in same] == [one.code for one in problems]
    assert _comments(made) == _comments(source.text)
    assert laid_out(made, source.file) == made
    return made


def _whole(texts: list[bytes]) -> Iterator[Source]:
    yield from (source_of(text, "r.yaml") for text in texts)


def test_every_recipe_of_the_corpora_can_be_laid_out() -> None:
    assert sum(_hold(source) is not None for source in _whole(FILES)) > 100


@pytest.mark.parametrize("batch", range(-(-CASES // BATCH)))
def test_crooked_and_damaged_recipes_can_be_laid_out(batch: int) -> None:
    random, texts = Random(batch), [*FILES, *[CRAMPED] * 20]
    mutator = Mutator(batch, texts)
    readable = 0
    for _ in range(BATCH):
        text = mutator.recipe() if random.random() < 0.3 else random.choice(texts)
        readable += _hold(source_of(_crooked(random, text)[:20_000], "r.yaml")) is not None
    assert readable > BATCH // 10


def test_a_cramped_recipe_is_laid_out_like_this() -> None:
    assert _hold(source_of(CRAMPED, "r.yaml")) == (RECIPES / "layout" / "cramped.yaml").read_text("utf-8")
