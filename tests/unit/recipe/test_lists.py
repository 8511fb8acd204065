"""Lists of pools: what is read, what is refused, and that nothing else of the disk is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.recipe.document import read_document
from hoploop.recipe.lists import MAX_LIST_BYTES, MAX_LISTED, Listing, read_list, with_lists
from hoploop.recipe.load import Pipeline
from hoploop.recipe.nodes import data
from hoploop.recipe.propose import Loaded, Replayer, loaded
from hoploop.recipe.reading import NotARecipeFile
from hoploop.recipe.source import source_of

TEXT = "universes:\n  - {id: a, pools: [one], files: [{path: l.txt, max_age: 1h}]}\n"


def _listed(raw: bytes, age_ms: int = 0, text: str = TEXT) -> tuple[list[str], list[str]]:
    universe, codes = _universe(raw, age_ms, text)
    return universe["pools"], codes


def _universe(raw: bytes, age_ms: int, text: str) -> tuple[dict[str, Any], list[str]]:
    source = source_of(text.encode(), "r.yaml")
    root, _ = read_document(source)
    assert root is not None
    listed = with_lists(root, {"r.yaml": source}, lambda _: Listing(raw, age_ms))
    return data(listed.root)["universes"][0], [finding.code for finding in listed.findings]


def test_names_follow_those_of_the_recipe() -> None:
    assert _listed(b"# all\n\n two # second\r\nthree/x\n") == (["one", "two", "three/x"], [])


def test_a_disabled_universe_reads_nothing() -> None:
    assert _listed(b"two", text=TEXT.replace("id: a", "id: a, enabled: false")) == (["one"], [])


@pytest.mark.parametrize(("holds", "key"), [("assets", "assets"), ("excluded", "exclude"), ("pools", "pools")])
def test_what_a_file_holds_is_said_where_the_universe_says_the_same(holds: str, key: str) -> None:
    assert _universe(b"two\n", 0, TEXT.replace("max_age: 1h", f"holds: {holds}"))[0][key][-1] == "two"


def test_what_is_named_already_is_not_named_again() -> None:
    assert _listed(b"two\none\ntwo\n")[0] == ["one", "two"]


def test_a_disabled_file_is_not_read() -> None:
    assert _listed(b"\xff", text=TEXT.replace("max_age: 1h", "enabled: false")) == (["one"], [])


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Loaded]:
    """A recipe whose pools are listed in a file with the given text."""
    monkeypatch.chdir(tmp_path)
    reader = Pipeline(toy_registry(), {})

    def made(text: str) -> Loaded:
        Path("pools.txt").write_text(text, "utf-8")
        recipe = f"{GOOD}\nuniverses: [{{id: mine, chain: eth, files: [{{path: pools.txt, max_age: 1d}}]}}]\n"
        recipe = recipe.replace("    base: weth\n", "    base: weth\n    universes: [mine]\n")
        found = reader.inspect(source_of(recipe.encode(), "r.yaml"))
        Path("pools.txt").unlink()
        assert found.report.findings == ()
        return loaded(found)

    return made


def test_a_running_engine_needs_no_list(listing: Callable[[str], Loaded]) -> None:
    running = listing("left\nright\n")
    assert Replayer(toy_registry()).replay(running.document, ()).loaded.plan == running.plan


def test_a_list_with_other_pools_is_a_change(listing: Callable[[str], Loaded]) -> None:
    running, wanted = listing("left\nright/two\n"), listing("left\nright\n")
    proposal = Replayer(toy_registry()).propose(running.document, wanted.document)
    assert proposal.loaded.plan == wanted.plan
    assert [(change.path, change.raises_risk) for change in proposal.changes] == [("universes.mine.pools", True)]


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
