"""Included files are regular .yaml files, whatever way leads to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.recipe.load import Pipeline, load
from hoploop.recipe.source import read_source


def _codes(folder: Path, include: str) -> list[str]:
    top = folder / "top.yaml"
    top.write_text(f"include: [{include}]\nrecipe: top\n", "utf-8")
    return [one.code for one in Pipeline(toy_registry(), {}).inspect(read_source(top)).report.findings]


def test_a_recipe_may_be_nothing_but_an_include(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(GOOD, "utf-8")
    assert _codes(tmp_path, "base.yaml") == []
    assert load(tmp_path / "top.yaml", registry=toy_registry(), environ={}).recipe == "top"


def test_a_link_to_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("hunter2", "utf-8")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "secret.txt")
    assert _codes(tmp_path, "link.yaml") == ["R031"]


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert _codes(tmp_path, "pipe.yaml") == ["R031"]


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    assert _codes(tmp_path, "folder.yaml") == ["R031"]


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "b.yaml")
    (tmp_path / "b.yaml").symlink_to(tmp_path / "a.yaml")
    assert _codes(tmp_path, "a.yaml") == ["R031"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "base.yaml").chmod(0)
    assert _codes(tmp_path, "base.yaml") == ["R031"]
