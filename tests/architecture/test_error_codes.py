"""The catalogue of codes and the code agree."""

from __future__ import annotations

import ast
import re

from sources import ROOT, modules

from hoploop.codes import CODES
from hoploop.codes.document import errors_page

_CODE = re.compile(r"[A-Z][0-9]{3}\Z")


def _used() -> dict[str, list[str]]:
    used: dict[str, list[str]] = {}
    for module in modules():
        if module.name.startswith("hoploop.codes"):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.match(node.value):
                used.setdefault(node.value, []).append(f"{module.shown}:{node.lineno}")
    return used


def test_every_code_in_use_is_listed() -> None:
    assert {code: places for code, places in _used().items() if code not in CODES} == {}


def test_every_listed_code_is_in_use() -> None:
    assert sorted(set(CODES) - set(_used())) == []


def test_every_code_has_a_title_and_a_hint_in_small_words() -> None:
    for code, info in CODES.items():
        assert info.title.strip(), code
        assert info.hint.strip(), code
        assert not info.title.endswith("."), code


def test_exit_codes_are_the_documented_ones() -> None:
    assert {info.exit_code for info in CODES.values()} <= {1, 64, 69, 70, 74, 78}


def test_the_published_list_is_up_to_date() -> None:
    assert (ROOT / "docs" / "errors.md").read_text("utf-8") == errors_page(CODES)
