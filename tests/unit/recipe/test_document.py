"""The tree knows exactly where everything is written."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from hoploop.recipe.document import MAX_DEPTH, read_document
from hoploop.recipe.nodes import Node, data, locate
from hoploop.recipe.source import MAX_BYTES, source_of

TEXT = """\
a: 1
list:
  - "two"
  - {x: 3,
     y: 4}
base: &b
  p: 5
use:
  <<: *b
  q: &anchored 6
again: *anchored
"""


def _tree(text: str) -> Node:
    root, findings = read_document(source_of(text.encode(), "f.yaml"))
    assert findings == []
    assert root is not None
    return root


def _codes(text: bytes) -> list[str]:
    return [finding.code for finding in read_document(source_of(text, "f.yaml"))[1]]


def _place(*path: str | int) -> tuple[int, int, int, int]:
    return tuple(locate(_tree(TEXT), path).span)[1:]  # type: ignore[return-value]


def test_a_scalar_spans_its_text() -> None:
    assert _place("a") == (1, 4, 1, 5)


def test_a_quoted_scalar_spans_its_quotes() -> None:
    assert _place("list", 0) == (3, 5, 3, 10)


def test_a_flow_mapping_ends_at_its_bracket() -> None:
    assert _place("list", 1) == (4, 5, 5, 11)


def test_a_block_list_ends_where_its_last_item_ends() -> None:
    assert _place("list") == (3, 3, 5, 11)


def test_an_anchor_is_not_part_of_the_value() -> None:
    assert _place("use", "q") == (10, 16, 10, 17)


def test_a_key_has_a_place_of_its_own() -> None:
    key = locate(_tree(TEXT), ("use", "q")).key
    assert key is not None
    assert tuple(key)[1:] == (10, 3, 10, 4)


def test_a_merged_key_knows_where_it_was_merged_in() -> None:
    place = locate(_tree(TEXT), ("use", "p"))
    assert tuple(place.span)[1:] == (7, 6, 7, 7)
    assert [(one.message, one.span.line, one.span.col) for one in place.related] == [("merged in here", 9, 7)]


def test_an_alias_knows_where_it_is_used() -> None:
    place = locate(_tree(TEXT), ("again",))
    assert tuple(place.span)[1:] == (10, 16, 10, 17)
    assert [(one.message, one.span.line, one.span.col) for one in place.related] == [("alias used here", 11, 8)]


def test_own_keys_win_over_merged_ones() -> None:
    assert data(_tree("a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n"))["b"] == {"x": 2}


def test_every_duplicate_key_is_reported_and_the_first_one_kept() -> None:
    root, findings = read_document(source_of(b"a: 1\na: 2\nb: 3\na: 4\n", "f"))
    assert [(finding.code, finding.span.line) for finding in findings] == [("R010", 2), ("R010", 4)]
    assert root is not None
    assert data(root) == {"a": 1, "b": 3}


def test_a_byte_order_mark_is_harmless() -> None:
    assert _codes(b"\xef\xbb\xbfa: 1\n") == []


def test_a_file_over_the_limit_is_not_parsed() -> None:
    started = time.monotonic()
    assert _codes(b"a" * (MAX_BYTES + 1)) == ["R002"]
    assert time.monotonic() - started < 1


def test_an_alias_bomb_is_refused_before_it_expands() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert _codes("\n".join(lines).encode()) == ["R004"]


def test_a_bomb_of_merges_is_refused() -> None:
    lines = ["m0: &m0 {k: [x, x, x, x, x, x, x, x, x, x]}"]
    lines += [f"m{n}: &m{n} {{{', '.join(f'k{i}: *m{n - 1}' for i in range(10))}}}" for n in range(1, 9)]
    assert _codes("\n".join(lines).encode()) == ["R004"]


def test_nesting_is_bounded() -> None:
    assert _codes(b"a: " + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) == ["R003"]
    assert _codes(b"a: " + b"[" * (MAX_DEPTH - 2) + b"]" * (MAX_DEPTH - 2)) == []


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(raw: bytes) -> None:
    root, findings = read_document(source_of(raw, "f"))
    assert root is not None or findings


@given(st.text(alphabet="ab:-[]{}&*<>|!%#'\"\n \t0.,?~", max_size=80))
def test_no_text_of_yaml_signs_makes_the_reader_fail(text: str) -> None:
    root, findings = read_document(source_of(text.encode(), "f"))
    assert root is not None or findings
