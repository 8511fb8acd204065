"""`hoploop list` and `hoploop version`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.cli import main
from hoploop.codes import CODES
from hoploop.plugin.registry import Registry


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: toy_registry()))
    monkeypatch.chdir(tmp_path)
    profiles = "profiles:\n  careful: {risk: {rate: 1/s}}\n  broken: {mode: sometimes}\n"
    Path("recipes").mkdir()
    Path("recipes/toy.yaml").write_text(GOOD, "utf-8")
    Path("recipes/other.yaml").write_text(GOOD.replace("recipe: toy", "recipe: other") + profiles, "utf-8")
    Path("recipes/bad.yaml").write_text("recipe: bad\nmode: 1\n", "utf-8")


def _json(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    main.run(["list", *words, "--format", "json"])
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_connectors_are_listed_with_kind_stability_and_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["list", "connectors"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("toy_pairs"))
    assert {"venue"} <= set(row.split())


def test_connectors_of_one_kind_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "connectors", "--kind", "lender")
    assert found
    assert all("lender" in row["offers"] for row in found)  # type: ignore[operator]


def test_recipes_are_listed_with_whether_they_are_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert [(row["name"], row["state"] == "valid") for row in _json(capsys, "recipes")] == [
        ("-", False), ("other", True), ("toy", True),
    ]  # fmt: skip


def test_profiles_are_listed_and_a_broken_one_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["list", "profiles", "recipes/other.yaml"]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("careful")
    assert second.split(maxsplit=1) == ["broken", "not valid"]


def test_codes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(_json(capsys, "codes")) == len(CODES)
    assert {str(row["code"])[:2] for row in _json(capsys, "codes", "r3")} == {"R3"}


def test_the_version_says_what_it_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["version", "--format", "json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"hoploop", "language", "python", "platform"}
    assert main.run(["version"]) == 0
    assert "language 1\n" in capsys.readouterr().out
