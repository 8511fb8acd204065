"""Lists of pools: what is read, what is refused, and that nothing else of the disk is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hoploop.recipe.document import read_document
from hoploop.recipe.lists import MAX_LIST_BYTES, MAX_LISTED, Listing, read_list, with_lists
from hoploop.recipe.nodes import data
from hoploop.recipe.reading import NotARecipeFile
from hoploop.recipe.source import source_of

TEXT = "universes:\n  - {id: a, pools: [one], files: [{path: l.txt, max_age: 1h}]}\n"


def _listed(raw: bytes, age_ms: int = 0, text: str = TEXT) -> tuple[list[str], list[str]]:
    source = source_of(text.encode(), "r.yaml")
    root, _ = read_document(source)
    assert root is not None
    listed = with_lists(root, {"r.yaml": source}, lambda _: Listing(raw, age_ms))
    return data(listed.root)["universes"][0].get("pools"), [finding.code for finding in listed.findings]


def test_names_follow_those_of_the_recipe() -> None:
    assert _listed(b"# all\n\n two # second\r\nthree/x\n") == (["one", "two", "three/x"], [])


def test_a_disabled_universe_reads_nothing() -> None:
    assert _listed(b"two", text=TEXT.replace("id: a", "id: a, enabled: false")) == (["one"], [])


@pytest.mark.parametrize("raw", [b"\xff", b"x" * (MAX_LIST_BYTES + 1), b"x\n" * (MAX_LISTED + 1)])
def test_what_is_no_list_is_refused(raw: bytes) -> None:
    assert _listed(raw) == (["one"], ["R335"])


def test_an_old_list_is_refused_and_one_just_young_enough_is_not() -> None:
    assert _listed(b"two", 3_600_000)[1] == []
    assert _listed(b"two", 3_600_001)[1] == ["R336"]


def test_a_link_to_another_kind_of_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("[1, 2]")
    (tmp_path / "list.txt").symlink_to(tmp_path / "key.json")
    with pytest.raises(NotARecipeFile):
        read_list(str(tmp_path / "list.txt"))


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "list.txt")
    with pytest.raises(NotARecipeFile):
        read_list(str(tmp_path / "list.txt"))


def test_the_age_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("one\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    listing = read_list(str(path))
    assert listing.raw == b"one\n"
    assert listing.age_ms > 86_400_000
