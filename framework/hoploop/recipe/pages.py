"""Recipes in Markdown pages: the YAML blocks that are recipes, or sections of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from hoploop.recipe.language.head import RecipeHead
from hoploop.recipe.sections import SECTIONS

_BLOCK = re.compile(r"^```(?:yaml(?: file=(\S+))?|text file=(\S+))[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"^([^\s#:][^\s:]*):", re.MULTILINE)
_SECTION = re.compile(r"^([a-z]+):.*\n(?:(?:[ #-].*)?\n)*", re.MULTILINE)
_LANGUAGE = frozenset({*SECTIONS, *RecipeHead.__struct_fields__})


class Block(NamedTuple):
    """One block; `name` is what other blocks of its page know it by, `line` that of its first line."""

    line: int
    name: str
    text: str

    @property
    def whole(self) -> bool:
        """Whether it is a recipe, not a fragment or a part of one."""
        return "recipe" in _KEY.findall(self.text)

    @property
    def fragment(self) -> bool:
        """Whether it has sections of a recipe, were it by a misspelt key."""
        return not self.whole and not self.name and any(map(_is_meant, _KEY.findall(self.text)))


def _is_meant(key: str) -> bool:
    return bool(get_close_matches(key, _LANGUAGE, 1))


def blocks(page: str) -> Sequence[Block]:
    """Every YAML block of a page, and the lists that recipes read, in order."""
    return [
        Block(page.count("\n", 0, match.start()) + 2, match[1] or match[2] or "", match[3])
        for match in _BLOCK.finditer(page)
    ]


def recipes(page: str, base: str | None) -> Iterator[tuple[Block, str]]:
    """What there is to check, each as a recipe whose lines are those of the page; fragments only with a `base`.

    A fragment takes the place of the same sections of the base, which follow it.
    """
    for block in blocks(page):
        above = "\n" * (block.line - 1)
        if block.whole:
            yield block, above + block.text
        elif base is not None and block.fragment:
            yield block, above + block.text + "\n" + _without(base, set(_KEY.findall(block.text)))


def _without(base: str, keys: set[str]) -> str:
    return _SECTION.sub(lambda match: "" if match[1] in keys else match[0], base)
