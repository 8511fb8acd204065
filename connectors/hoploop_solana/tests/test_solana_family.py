"""The family's entry point: every folder is a connector, and a broken one stops everything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import hoploop_solana
from hoploop.errors import BrokenConnector


def test_every_folder_without_underscore_is_a_connector_of_that_name() -> None:
    home = Path(hoploop_solana.__file__).parent
    folders = {path.parent.name for path in home.glob("[a-z]*/__init__.py")}
    assert {connector.key for connector in hoploop_solana.connectors()} == folders
    assert {connector.family for connector in hoploop_solana.connectors()} == {"solana"}


@pytest.mark.parametrize(
    ("source", "code"),
    [("import nothing_of_this_name", "P103"), ("CONNECTOR = 5", "P104"), ("", "P104")],
)
def test_a_broken_folder_is_an_error_and_never_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, code: str
) -> None:
    (tmp_path / "broken_one").mkdir()
    (tmp_path / "broken_one" / "__init__.py").write_text(source)
    monkeypatch.setattr(hoploop_solana, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "hoploop_solana.broken_one", raising=False)
    with pytest.raises(BrokenConnector) as caught:
        hoploop_solana.connectors()
    assert caught.value.code == code
    sys.modules.pop("hoploop_solana.broken_one", None)
