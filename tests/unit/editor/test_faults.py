"""A bug in the pipeline is shown where the recipe is, without its text, and the session goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest
from editor_kit import TOP
from lsprotocol import types as lsp
from repository import RECIPES
from toy_connectors import GOOD, toy_registry

from hoploop.editor.server import make_server


async def test_a_fault_of_the_pipeline_is_shown_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    server = make_server(toy_registry(), {}, pause_s=0)
    told: list[lsp.PublishDiagnosticsParams] = []
    monkeypatch.setattr(server, "text_document_publish_diagnostics", told.append)

    def fault(_path: str) -> set[str]:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr(server.project, "check", fault)
    server.project.put(TOP, GOOD)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await server.check(TOP, 0)
    assert [[one.code for one in params.diagnostics] for params in told] == [["G501"], ["G501"]]
    assert "ZeroDivisionError" in told[0].diagnostics[0].message
    assert "hunter2" not in repr(told)


def test_the_log_does_not_hold_the_text_of_an_error(caplog: pytest.LogCaptureFixture) -> None:
    make_server(toy_registry(), {}).report_server_error(ValueError("hunter2"), ValueError)
    assert "ValueError" in caplog.text
    assert "hunter2" not in caplog.text


def test_checking_a_recipe_loads_no_language_server() -> None:
    code = (
        f"import sys; from hoploop.cli.main import run; code = run(['validate', {str(RECIPES[0])!r}]);"
        "sys.exit(code or bool({'pygls', 'lsprotocol'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
