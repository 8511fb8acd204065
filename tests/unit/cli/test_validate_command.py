"""`hoploop validate`: formats, policies, corrections, pages."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.cli import main
from hoploop.plugin.registry import Registry

UNUSED = ("lenders: [bank]", "lenders: []")
WRONG = ("base: weth", "base: wet   # the base")


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: toy_registry()))
    monkeypatch.chdir(tmp_path)


def _recipe(*changes: tuple[str, str], name: str = "toy.yaml") -> str:
    text = GOOD
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    Path(name).write_text(text, "utf-8")
    return name


def test_github_gets_annotations_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["validate", _recipe(WRONG), "--format", "github"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::error file=toy.yaml,line=47,")


def test_github_gets_nothing_when_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["validate", _recipe(), "--format", "github"]) == 0
    assert capsys.readouterr().out == ""


def test_sarif_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["validate", _recipe(WRONG), "--format", "sarif"]) == 1
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"][0]["ruleId"] == "R201"


def test_junit_is_one_xml_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["validate", _recipe(WRONG), "--format", "junit"]) == 1
    assert ElementTree.fromstring(capsys.readouterr().out).get("failures") == "1"


def test_a_denied_warning_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["validate", _recipe(UNUSED), "--deny", "r390"]) == 1
    assert "error[R390]" in capsys.readouterr().out


def test_an_allowed_warning_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["validate", _recipe(UNUSED), "--deny-warnings", "--allow", "R390"]) == 0
    assert "R390" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "options", [["--allow", "R101"], ["--deny", "R999"], ["--allow", "R390", "--deny", "R390"]], ids=" ".join
)
def test_only_warnings_can_be_allowed_or_denied(options: list[str]) -> None:
    assert main.run(["validate", _recipe(), *options]) == 64


def test_fix_corrects_the_file_and_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    name = _recipe(WRONG, ("mode: paper", "mode: paper # kept"))
    Path(name).chmod(0o640)
    assert main.run(["validate", name, "--fix"]) == 0
    said = capsys.readouterr()
    assert "fixed toy.yaml:47:11: wet → weth" in said.err
    assert said.out == "1 recipe, no findings\n"
    text = Path(name).read_text("utf-8")
    assert "base: weth   # the base" in text
    assert "mode: paper # kept" in text
    assert Path(name).stat().st_mode & 0o777 == 0o640


def test_fix_leaves_a_good_file_alone() -> None:
    name = _recipe()
    before = Path(name).stat()
    assert main.run(["validate", name, "--fix"]) == 0
    after = Path(name).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_fix_corrects_each_file_where_its_fault_is() -> None:
    _recipe(WRONG, ('gas_price: "2 gwei"', "gas_price: 2"), name="part.yaml")
    top = "include: [part.yaml]\nmode: paper # top\nstrategies:\n  - {id: cycles, routes: {order: [privat, public]}}\n"
    Path("top.yaml").write_text(top, "utf-8")
    assert main.run(["validate", "top.yaml", "--fix"]) == 0
    assert "base: weth   # the base" in Path("part.yaml").read_text("utf-8")
    assert Path("top.yaml").read_text("utf-8") == top.replace("[privat,", "[private,")


def test_what_cannot_be_fixed_is_still_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["validate", _recipe(WRONG, ("mode: paper", "mode: sometimes")), "--fix"]) == 1
    assert "R104" in capsys.readouterr().out


def test_nothing_is_left_behind_when_a_file_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = _recipe(WRONG)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert main.run(["validate", name, "--fix"]) == 74
    assert "error[R403]" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == [name]
    assert "base: wet " in Path(name).read_text("utf-8")


def test_recipes_in_pages_are_checked_at_the_lines_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    bad = GOOD.replace(*WRONG)
    Path("page.md").write_text(f"# Page\n\ntext\n\n```yaml\n{bad}```\n", "utf-8")
    assert main.run(["validate", "page.md", "--format", "concise"]) == 1
    line = bad.splitlines().index(next(line for line in bad.splitlines() if WRONG[1] in line)) + 1
    assert f"page.md:{line + 5}:11: error[R201]" in capsys.readouterr().out


def test_advice_on_the_recipe_around_a_fragment_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    base = _recipe(("lenders: [bank]", "lenders: []"))
    assert main.run(["validate", base, "--deny-warnings"]) == 1
    Path("page.md").write_text("```yaml\nmode: paper\n```\n", "utf-8")
    capsys.readouterr()
    assert main.run(["validate", "page.md", "--fragments-in", base, "--deny-warnings"]) == 0
    assert capsys.readouterr().out == "1 recipe, no findings\n"


def test_fragments_of_pages_are_put_into_a_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.md").write_text("```yaml\nmode: papper\n```\n", "utf-8")
    assert main.run(["validate", "page.md"]) == 0
    assert main.run(["validate", "page.md", "--fragments-in", _recipe(), "--format", "concise"]) == 1
    assert "page.md:2:7: error[R104]" in capsys.readouterr().out
