"""Places in a text are the same however an editor counts characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lsprotocol import types as lsp

from hoploop.editor.text import Text
from hoploop.recipe.document import read_document
from hoploop.recipe.source import source_of
from hoploop.recipe.spans import Span

TEXTS = some.text(some.sampled_from("ab: \n\r😀é\u2028\x85\ufeff"), max_size=40)


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 9), ("utf-16", 7), ("utf-32", 6)])
def test_a_smiley_is_as_wide_as_the_encoding_says(encoding: str, character: int) -> None:
    text = Text("a: 😀 b\n", encoding)
    assert text.position(text.text.index("b") + 1) == lsp.Position(0, character)


@given(TEXTS, some.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_an_offset_comes_back_as_it_went(whole: str, encoding: str) -> None:
    text = Text(whole, encoding)
    for offset in range(whole.startswith("\ufeff"), len(whole) + 1):
        if whole[offset - 1 : offset + 1] != "\r\n":
            assert text.offset(*text.place(offset)) == text.at(text.position(offset)) == offset


@given(TEXTS, some.integers(0, 9), some.integers(0, 99))
def test_a_place_outside_of_the_text_is_moved_into_it(whole: str, line: int, character: int) -> None:
    text = Text(whole)
    assert 0 <= text.at(lsp.Position(line, character)) <= len(whole)
    assert 0 <= text.offset(line, character) <= len(whole)


@pytest.mark.parametrize("lead", ["", "\ufeff", "# é\r\n", "# 😀\r\n"])
def test_spans_of_the_reader_cover_the_words_they_are_of(lead: str) -> None:
    whole = f"{lead}name: word\n"
    root, _ = read_document(source_of(whole.encode(), "f"))
    assert root is not None
    span, text = root.entries["name"].node.span, Text(whole)
    assert isinstance(span, Span)
    assert whole[text.offset(span.line, span.col) : text.offset(span.end_line, span.end_col)] == "word"
