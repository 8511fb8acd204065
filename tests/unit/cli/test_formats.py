"""What commands say for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.cli import main
from hoploop.plugin.registry import Registry


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: toy_registry()))
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(GOOD, "utf-8")


def _json(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> object:
    assert main.run([*words, "--format", "json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_code_and_a_field_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    said = _json(capsys, 0, "explain", "r101")
    assert isinstance(said, dict)
    assert (said["code"], said["title"], said["exit_code"]) == ("R101", "unknown key", 1)
    said = _json(capsys, 0, "explain", "strategies.cooldown")
    assert isinstance(said, dict)
    assert "duration" in said["text"]


def test_a_stale_lock_says_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _json(capsys, 0, "lock", "a.yaml") == {"wrote": "a.lock.json"}
    assert _json(capsys, 0, "lock", "a.yaml", "--check") == {"lock": "a.lock.json", "changed": []}
    Path("a.yaml").write_text(GOOD.replace("50 WETH", "5 WETH"), "utf-8")
    changed = ["file a.yaml: changed", "plan (none): changed"]
    assert _json(capsys, 1, "lock", "a.yaml", "--check") == {"lock": "a.lock.json", "changed": changed}


def test_files_that_are_laid_out_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_text("recipe:   x\n", "utf-8")
    Path("b.yaml").write_text("a: [", "utf-8")
    expected = {"files": 2, "changed": ["a.yaml"], "unreadable": ["b.yaml"]}
    assert _json(capsys, 1, "fmt", ".", "--check") == expected
    assert Path("a.yaml").read_text("utf-8") == "recipe:   x\n"
    assert _json(capsys, 1, "fmt", ".") == expected
    assert Path("a.yaml").read_text("utf-8") == "recipe: x\n"
    assert main.run(["fmt", ".", "--diff", "--format", "json"]) == 64


def test_files_that_are_migrated_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    expected = {"files": 1, "newest": 1, "from": {"a.yaml": 0}, "failed": []}
    assert _json(capsys, 1, "migrate", "a.yaml", "--check") == expected
    assert _json(capsys, 0, "migrate", "a.yaml") == expected
    assert _json(capsys, 0, "migrate", "a.yaml") == {**expected, "from": {}}
